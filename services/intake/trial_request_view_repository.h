// Trial requests as those who ask may see them: nobody above this reads the records.
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_VIEW_REPOSITORY_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_VIEW_REPOSITORY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/store/store.h"
#include "services/intake/visible_request_repository.h"
#include "services/intake/world_projection.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

struct TrialRequestView {
  // What the principal sees. Requesters, national coordinators, and of a person's idea the desk
  // that submitted it: all, with the etag. Coordinators: of lists with elements of several desks
  // their own; of a blinded request no more than blinding.h leaves, unless there is now a CDA
  // between its sponsor and one of their desks with a referral.
  v1::TrialRequest request;
  // What a CDA shows of it: must be recorded before the view leaves.
  std::vector<storage::v1::Unblinding> unblindings;
  // A coordinator's desks with a referral of the request; nullopt for others, and of an idea that
  // one of them submitted.
  std::optional<std::set<std::string>> desks;
  // Whether it is seen blinded.
  bool blinded = false;
  // As in VisibleRequest.
  bool submitted_here = false;
};

struct TrialRequestViewPage {
  // Newest first. A page may be shorter than asked for, even empty, and not the last.
  std::vector<TrialRequestView> views;
  // Where the next page begins; empty: this was the last.
  std::string next;
};

// Whether one of `desks` answers for the site by its region; a national desk has no sites of its
// own.
bool IsOwnSite(const std::set<std::string>& desks, const std::string& site,
               const directory::DirectorySnapshot& directory, absl::CivilDay today);

// Thread-safe. Errors besides those named are the store's.
class TrialRequestViews {
 public:
  // Nothing is owned; all outlive this.
  TrialRequestViews(const store::Store* store, const WorldCache* world, const Clock* clock)
      : store_(store), world_(world), clock_(clock) {}

  // NOT_FOUND, as FindVisibleRequest.
  absl::StatusOr<TrialRequestView> Get(const v1::Principal& principal, const std::string& name,
                                       store::CommitNumber as_of) const;

  // Those that the principal sees, in `state` (UNSPECIFIED: in any).
  absl::StatusOr<TrialRequestViewPage> List(const v1::Principal& principal,
                                            v1::TrialRequestState state,
                                            const store::PageOptions& page,
                                            store::CommitNumber as_of) const;

 private:
  absl::StatusOr<TrialRequestView> ViewOf(const v1::Principal& principal,
                                          VisibleRequest visible) const;
  absl::StatusOr<TrialRequestView> DeskView(VisibleRequest visible) const;
  absl::StatusOr<TrialRequestViewPage> ListAtDesks(const v1::Principal& principal,
                                                   v1::TrialRequestState state,
                                                   const store::PageOptions& page,
                                                   store::CommitNumber as_of) const;

  const store::Store* const store_;
  const WorldCache* const world_;
  const Clock* const clock_;
};

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_VIEW_REPOSITORY_H_
