#include "services/feasibility/feasibility_app.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_projection.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/named_organizations.h"
#include "services/feasibility/report.h"
#include "services/feasibility/report_repository.h"
#include "services/feasibility/trial_request_validation.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

// How long a call waits for the directory to follow the store.
constexpr absl::Duration kMaxWait = absl::Seconds(5);
constexpr std::size_t kMaxNameBytes = 256;

absl::Status NotFound(const std::string& name) {
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat("there is no report ", name))
      .WithResource("trialgate.v1.FeasibilityReport", name);
}

// Part of a resource name: letters, digits, hyphens.
bool IsIdLike(const std::string& part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c));
  });
}

// `trialRequests/{id}` of `trialRequests/{id}/reports/{revision}` or of itself; empty for any other
// text.
std::string TrialRequestOf(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  const bool good = std::all_of(parts.begin(), parts.end(), IsIdLike) &&
                    name.size() <= kMaxNameBytes && parts[0] == "trialRequests" &&
                    (parts.size() == 2 || (parts.size() == 4 && parts[2] == "reports"));
  return good ? absl::StrCat("trialRequests/", parts[1]) : "";
}

// All faults of the request. That another organization than the requester's own exists is not to be
// learned from what is said of it.
FieldFaults FaultsOf(const v1::Principal& principal, v1::TrialRequest request,
                     const directory::DirectorySnapshot& directory, absl::CivilDay today) {
  FieldFaults faults = ReplaceOthers(principal, directory, &request);
  faults.AddAll("", ValidateTrialRequest(request, directory, today, ValidationMode::kAssess));
  return faults;
}

}  // namespace

FeasibilityApp::FeasibilityApp(const store::Store* store,
                               const directory::DirectoryCache* directory, const Clock* clock,
                               ReportAccess access, std::function<void(absl::Duration)> on_match)
    : store_(store),
      directory_(directory),
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
  if (directory_->WaitUntilSeen(commit, wait)) return absl::OkStatus();
  return Error(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_DEADLINE_EXCEEDED,
               absl::StrCat("the directory has not followed to commit ", commit, " yet"));
}

absl::StatusOr<v1::AssessTrialRequestResponse> FeasibilityApp::Assess(
    const v1::Principal& principal, const v1::AssessTrialRequestRequest& request,
    absl::Time deadline) const {
  ABSL_RETURN_IF_ERROR(AwaitCommit(request.min_commit(), deadline));
  const std::shared_ptr<const directory::DirectorySnapshot> directory = directory_->Snapshot();
  if (!directory->has_pack()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_PACK,
                 "no country's pack was applied yet: apply one with `trialgate pack apply`");
  }
  const absl::CivilDay today = TodayIn(*clock_, directory->time_zone());
  ABSL_RETURN_IF_ERROR(FaultsOf(principal, request.trial_request(), *directory, today).ToStatus());
  const auto start = std::chrono::steady_clock::now();
  v1::AssessTrialRequestResponse response;
  *response.mutable_report() = Match(request.trial_request(), /*revision=*/0, *directory, today);
  if (on_match_) on_match_(absl::FromChrono(std::chrono::steady_clock::now() - start));
  if (principal.role() == v1::ROLE_REQUESTER) HideCapacity(response.mutable_report());
  return response;
}

absl::StatusOr<v1::FeasibilityReport> FeasibilityApp::GetReport(
    const v1::Principal& principal, const v1::GetFeasibilityReportRequest& request) const {
  const std::string trial_request = TrialRequestOf(request.name());
  if (trial_request.empty()) {
    FieldFaults faults;
    faults.Add("name", v1::ERROR_REASON_INVALID_FORMAT,
               "must be trialRequests/{id} or trialRequests/{id}/reports/{revision}");
    return faults.ToStatus();
  }
  const absl::StatusOr<ReportView> view = access_(principal, trial_request);
  // One answer for what is not there and what is not to be seen.
  if (absl::IsNotFound(view.status())) return NotFound(request.name());
  ABSL_RETURN_IF_ERROR(view.status());
  std::optional<v1::FeasibilityReport> report;
  const store::CommitNumber head = store_->Head();
  if (request.name() == trial_request) {
    ABSL_ASSIGN_OR_RETURN(report, ReadNewestReport(*store_, trial_request, head));
  } else {
    ABSL_ASSIGN_OR_RETURN(auto row,
                          store::ReadRow(*store_, FeasibilityReports(), request.name(), head));
    if (row.has_value()) report = std::move(row->value);
  }
  if (!report.has_value()) return NotFound(request.name());
  FillContactNames(*directory_->Snapshot(), &*report);
  if (view->desks.has_value()) KeepOwnReferrals(*view->desks, &*report);
  if (view->is_own_site != nullptr) KeepOwnSites(view->is_own_site, &*report);
  if (principal.role() == v1::ROLE_REQUESTER) HideCapacity(&*report);
  return *std::move(report);
}

}  // namespace trialgate::feasibility
