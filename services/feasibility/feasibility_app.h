// What can be asked of the matcher: what if, and what a stored report said.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_APP_H_
#define TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_APP_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/store/store.h"
#include "services/feasibility/report_view.h"
#include "services/feasibility/site_index_projection.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/feasibility_service.pb.h"

namespace trialgate::directory {
class DirectoryCache;
class DirectorySnapshot;
}  // namespace trialgate::directory

namespace trialgate::feasibility {

// The methods of trialgate.v1.FeasibilityService with the errors documented there, but for
// authentication and the role, which the caller has checked. Thread-safe.
class FeasibilityApp {
 public:
  // Pointers are not owned and outlive the app; `directory` and `sites` follow `store`. `on_match`
  // is told how long each match took; null: nobody is.
  FeasibilityApp(const store::Store* store, const directory::DirectoryCache* directory,
                 const SiteIndexCache* sites, const Clock* clock, ReportAccess access,
                 std::function<void(absl::Duration)> on_match);

  // To a requester the report is shown as HideCapacity (report.h) leaves it. Besides the faults of
  // ValidateTrialRequest: a requester may not name another organization as the requester, and
  // min_commit is a commit that exists. FAILED_PRECONDITION (NO_PACK); DEADLINE_EXCEEDED
  // (DEADLINE_EXCEEDED) where the directory has not followed to min_commit by `deadline` or for
  // some seconds.
  absl::StatusOr<v1::AssessTrialRequestResponse> Assess(
      const v1::Principal& principal, const v1::AssessTrialRequestRequest& request,
      absl::Time deadline) const;

  // Faults of a variant's request are told below "variants[n]."; all else as Assess.
  absl::StatusOr<v1::CompareTrialRequestsResponse> Compare(
      const v1::Principal& principal, const v1::CompareTrialRequestsRequest& request,
      absl::Time deadline) const;

  // As Assess.
  absl::StatusOr<v1::PlanPortfolioResponse> PlanPortfolio(const v1::Principal& principal,
                                                          const v1::PlanPortfolioRequest& request,
                                                          absl::Time deadline) const;

  // NOT_FOUND. To a requester as in Assess.
  absl::StatusOr<v1::FeasibilityReport> GetReport(
      const v1::Principal& principal, const v1::GetFeasibilityReportRequest& request) const;

 private:
  // What a what-if is asked of.
  struct World {
    std::shared_ptr<const directory::DirectorySnapshot> directory;
    std::shared_ptr<const SiteIndex> index;
    absl::CivilDay today;
  };
  // The directory at `min_commit` or later.
  absl::StatusOr<World> Look(store::CommitNumber min_commit, absl::Time deadline) const;
  absl::Status AwaitCommit(store::CommitNumber commit, absl::Time deadline) const;
  // As the principal may see it, with so many eligible sites and near misses at most.
  v1::FeasibilityReport MatchTimed(const v1::Principal& principal, const v1::TrialRequest& request,
                                   const World& world, int eligible, int near_misses) const;

  const store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  const SiteIndexCache* const sites_;
  const Clock* const clock_;
  const ReportAccess access_;
  const std::function<void(absl::Duration)> on_match_;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_APP_H_
