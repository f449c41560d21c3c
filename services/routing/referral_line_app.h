// The work of a desk on a referral, site by site.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_APP_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_APP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "services/routing/request_progress.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate {
namespace directory {
class DirectoryCache;
class DirectorySnapshot;
class PersonEdits;
}  // namespace directory
namespace store {
class UnitOfWork;
}  // namespace store

namespace routing {

// ListReferralSites, GetReferralSite and UpdateReferralSite of trialgate.v1.ReferralService with
// the errors documented there, but for authentication and the role, which the caller has checked: a
// coordinator or a national coordinator. A line of a referral that is not the principal's is
// NOT_FOUND. Thread-safe.
class ReferralLineApp {
 public:
  // Nothing is owned; all outlive the app.
  ReferralLineApp(store::Store* store, const directory::DirectoryCache* directory,
                  const RequestProgress* progress, keys::KeyStore* keys, const Clock* clock,
                  IdGenerator* ids)
      : store_(store),
        directory_(directory),
        progress_(progress),
        keys_(keys),
        clock_(clock),
        ids_(ids) {}

  absl::StatusOr<v1::ListReferralSitesResponse> List(
      const v1::Principal& principal, const v1::ListReferralSitesRequest& call) const;
  absl::StatusOr<v1::ReferralSite> Get(const v1::Principal& principal,
                                       const v1::GetReferralSiteRequest& call) const;
  absl::StatusOr<v1::ReferralSite> Update(const v1::Principal& principal,
                                          const v1::UpdateReferralSiteRequest& call);

 private:
  // A save of one line.
  struct Save {
    store::UnitOfWork* work;
    absl::Time now;
    FieldFaults faults;
    directory::PersonEdits* persons;
  };

  absl::StatusOr<v1::Referral> ReadReferral(const v1::Principal& principal,
                                            const std::string& referral, const std::string& asked,
                                            store::CommitNumber as_of) const;
  absl::StatusOr<v1::ReferralSite> SaveLine(const v1::Principal& principal,
                                            const v1::UpdateReferralSiteRequest& call,
                                            const directory::DirectorySnapshot& directory,
                                            Save& save) const;
  absl::Status CheckTexts(const v1::Principal& principal, const v1::ReferralSite& line,
                          const v1::Referral& referral, const v1::TrialRequest& request,
                          absl::CivilDay today, Save& save) const;
  absl::Status CheckRoom(const v1::Referral& referral, const v1::ReferralSite& line,
                         Save& save) const;
  absl::Status PutInvestigator(const v1::Referral& referral, const v1::ReferralSite& before,
                               v1::ReferralSite* line, Save& save) const;

  store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  const RequestProgress* const progress_;
  keys::KeyStore* const keys_;
  const Clock* const clock_;
  IdGenerator* const ids_;
};

}  // namespace routing
}  // namespace trialgate

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_APP_H_
