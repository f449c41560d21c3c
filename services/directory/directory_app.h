// What can be done with the directory as a whole: read a record of it, apply a country's pack.
// Lists are in directory_list_app.h; single records are changed by DirectoryEditApp.
//
// Who may call what by role is the service's to check (directory_service.cc); what depends on the
// caller's organization or desks is checked here.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_APP_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "services/directory/directory_projection.h"
#include "services/directory/pack.h"
#include "services/directory/pack_write_app.h"
#include "services/directory/referral_succession.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/directory_service.pb.h"

namespace trialgate::directory {

// Thread-safe. Errors of all methods: those of the store; of the changing ones also those of
// RunUnitOfWork (unit_of_work.h) and of request ids (idempotency.h). A change is seen by the
// directory's cache before its method returns, unless the cache lags by seconds.
class DirectoryApp {
 public:
  // Nothing is owned; all outlive this. `cache` follows `store`. Without `succession` no referral
  // moves.
  DirectoryApp(store::Store* store, const DirectoryCache* cache, keys::KeyStore* keys,
               const Clock* clock, IdGenerator* ids, ReferralSuccession* succession = nullptr)
      : store_(store),
        cache_(cache),
        keys_(keys),
        clock_(clock),
        ids_(ids),
        succession_(succession) {}

  // NOT_FOUND.
  absl::StatusOr<v1::Region> GetRegion(const v1::GetRegionRequest& request) const;
  absl::StatusOr<v1::Desk> GetDesk(const v1::GetDeskRequest& request) const;
  absl::StatusOr<v1::Contact> GetContact(const v1::GetContactRequest& request) const;
  absl::StatusOr<v1::Site> GetSite(const v1::GetSiteRequest& request) const;
  // The newest ledger, as FillComputed (capacity.h) shows it; etag "0" while nobody has set it.
  // Without holds and etag for who may not set it.
  absl::StatusOr<v1::SiteCapacity> GetSiteCapacity(const v1::Principal& principal,
                                                   const v1::GetSiteCapacityRequest& request) const;
  // What the principal is shown of a ledger as it is stored, of which `directory` has the site.
  v1::SiteCapacity ShownCapacity(const v1::Principal& principal, const DirectorySnapshot& directory,
                                 const v1::Site& site, const v1::SiteCapacity& stored) const;
  // A requester's own only; another is NOT_FOUND.
  absl::StatusOr<v1::Organization> GetOrganization(const v1::Principal& principal,
                                                   const v1::GetOrganizationRequest& request) const;

  // Records that the store has and the pack has not are left as they are, and counted in the
  // summary: regions, desks and sites end by their valid_to. So is a capacity that is not SAMPLE
  // in the store, but SAMPLE in the pack. Of a record that people changed the fields that they set
  // stay, ends and absences among them, and the pack gives the rest (pack_merge.h). An
  // organization's state is not of a pack. Further faults: another country than the one served, a
  // policy that changed without a higher version, (CAPACITY_IN_USE) fewer slots than are held or
  // confirmed, and what the rules of a pack say of the records with what stays. A person who was
  // erased is not stored anew, though the pack has the fields still. A retry is told from another
  // request by all but the fields of persons, of which no hash is kept that could be guessed from.
  // Open referrals of desks that have ended by the pack are with the desks that take over in the
  // same commit; the summary says how many.
  absl::StatusOr<v1::ApplyPackResponse> ApplyPack(const v1::Principal& principal,
                                                  const v1::ApplyPackRequest& request);

  // What applying `joined`, a loaded pack without faults, to the directory as of a commit would do;
  // nothing is stored. Errors as ApplyPack.
  absl::StatusOr<PackOutcome> CheckPackAt(const v1::Principal& principal, const JoinedPack& joined,
                                          store::CommitNumber as_of);

 private:
  // Applies the pack within `work`, as the commit `operation`.
  absl::StatusOr<PackOutcome> ApplyIn(const v1::Principal& principal, const JoinedPack& joined,
                                      const std::string& operation, absl::Time now,
                                      PersonEdits* persons, store::UnitOfWork* work);
  // Moves in `work`, which writes `pack`, what lies at desks that have ended, and says so.
  absl::Status MoveSucceeded(const v1::Pack& pack, const std::string& operation, absl::Time now,
                             store::UnitOfWork* work, v1::ApplyPackResponse* response) const;
  // Lets the cache see a commit, so that the caller's next call does.
  void AwaitCache(store::CommitNumber commit) const;

  store::Store* const store_;
  const DirectoryCache* const cache_;
  keys::KeyStore* const keys_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  ReferralSuccession* const succession_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_APP_H_
