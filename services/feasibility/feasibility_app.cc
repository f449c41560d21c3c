#include "services/feasibility/feasibility_app.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_projection.h"
#include "services/feasibility/report.h"
#include "services/feasibility/report_repository.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

// How long a call waits for the directory to follow the store.
constexpr absl::Duration kMaxWait = absl::Seconds(5);

}  // namespace

FeasibilityApp::FeasibilityApp(const store::Store* store,
                               const directory::DirectoryCache* directory,
                               const SiteIndexCache* sites, const Clock* clock, ReportAccess access,
                               std::function<void(absl::Duration)> on_match)
    : store_(store),
      directory_(directory),
      sites_(sites),
      clock_(clock),
      access_(std::move(access)),
      on_match_(std::move(on_match)) {}

absl::Status FeasibilityApp::AwaitCommit(store::CommitNumber commit, absl::Time deadline) const {
  if (commit == 0) return absl::OkStatus();
  FieldFaults faults;
  if (commit < 0 || commit > store_->Head()) {
    faults.Add("min_commit", v1::ERROR_REASON_OUT_OF_RANGE,
               absl::StrCat("must be a commit that exists, or 0, not ", commit));
  }
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  // The deadline is the machine's, whatever clock tells the date.
  const absl::Duration wait = std::min(kMaxWait, deadline - absl::Now());
  if (sites_->WaitUntilSeen(commit, wait)) return absl::OkStatus();
  return Error(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_DEADLINE_EXCEEDED,
               absl::StrCat("the directory has not followed to commit ", commit, " yet"));
}

absl::StatusOr<v1::FeasibilityReport> FeasibilityApp::GetReport(
    const v1::Principal& principal, const v1::GetFeasibilityReportRequest& request) const {
  ABSL_ASSIGN_OR_RETURN(const std::string trial_request, TrialRequestOfReport(request.name()));
  const absl::StatusOr<ReportView> view = access_(principal, trial_request);
  // One answer for what is not there and what is not to be seen.
  if (absl::IsNotFound(view.status())) return ReportNotFound(request.name());
  ABSL_RETURN_IF_ERROR(view.status());
  ABSL_ASSIGN_OR_RETURN(std::optional<v1::FeasibilityReport> report,
                        ReadReportNamed(*store_, request.name(), store_->Head()));
  if (!report.has_value()) return ReportNotFound(request.name());
  FillContactNames(*directory_->Snapshot(), &*report);
  if (view->desks.has_value()) KeepOwnReferrals(*view->desks, &*report);
  if (view->is_own_site != nullptr) KeepOwnSites(view->is_own_site, &*report);
  if (principal.role() == v1::ROLE_REQUESTER) HideCapacity(&*report);
  return *std::move(report);
}

}  // namespace trialgate::feasibility
