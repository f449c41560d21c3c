// What-ifs: a request, variants of it, a portfolio for it; nothing is stored.
#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_projection.h"
#include "services/feasibility/feasibility_app.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/forecast_sum.h"
#include "services/feasibility/index/fast_match.h"
#include "services/feasibility/named_organizations.h"
#include "services/feasibility/portfolio_plan.h"
#include "services/feasibility/report.h"
#include "services/feasibility/trial_request_validation.h"
#include "services/feasibility/variants.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 1000;
constexpr int kAllSites = std::numeric_limits<int>::max();

int PageOf(int asked) { return asked == 0 ? kDefaultPage : asked; }

// All faults of the request. That another organization than the requester's own exists is not to be
// learned from what is said of it.
FieldFaults FaultsOf(const v1::Principal& principal, v1::TrialRequest request,
                     const directory::DirectorySnapshot& directory, absl::CivilDay today) {
  FieldFaults faults = ReplaceOthers(principal, directory, &request);
  faults.AddAll("", ValidateTrialRequest(request, directory, today, ValidationMode::kAssess));
  return faults;
}

}  // namespace

absl::StatusOr<FeasibilityApp::World> FeasibilityApp::Look(store::CommitNumber min_commit,
                                                           absl::Time deadline) const {
  ABSL_RETURN_IF_ERROR(AwaitCommit(min_commit, deadline));
  IndexedDirectory newest = sites_->Newest();
  World world{std::move(newest.directory), std::move(newest.index), {}};
  if (!world.directory->has_pack()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_PACK,
                 "no country's pack was applied yet: apply one with `trialgate pack apply`");
  }
  world.today = TodayIn(*clock_, world.directory->time_zone());
  return world;
}

v1::FeasibilityReport FeasibilityApp::MatchTimed(const v1::Principal& principal,
                                                 const v1::TrialRequest& request,
                                                 const World& world, int eligible,
                                                 int near_misses) const {
  const bool hidden = principal.role() == v1::ROLE_REQUESTER;
  const auto start = std::chrono::steady_clock::now();
  v1::FeasibilityReport report = FastMatch(request, /*revision=*/0, *world.directory, *world.index,
                                           world.today, {eligible, near_misses, hidden});
  if (on_match_) on_match_(absl::FromChrono(std::chrono::steady_clock::now() - start));
  if (hidden) HideCapacity(&report);
  return report;
}

absl::StatusOr<v1::AssessTrialRequestResponse> FeasibilityApp::Assess(
    const v1::Principal& principal, const v1::AssessTrialRequestRequest& request,
    absl::Time deadline) const {
  ABSL_ASSIGN_OR_RETURN(const World world, Look(request.min_commit(), deadline));
  FieldFaults faults = FaultsOf(principal, request.trial_request(), *world.directory, world.today);
  const FieldRules rules(&faults);
  rules.Range("page_size", request.page_size(), 0, kMaxPage);
  rules.Range("near_miss_page_size", request.near_miss_page_size(), 0, kMaxPage);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  v1::AssessTrialRequestResponse response;
  v1::FeasibilityReport& report = *response.mutable_report();
  report = MatchTimed(principal, request.trial_request(), world, PageOf(request.page_size()),
                      PageOf(request.near_miss_page_size()));
  if (request.with_forecasts()) {
    AddForecasts(request.trial_request(), *world.directory, world.today, &report);
  }
  return response;
}

absl::StatusOr<v1::CompareTrialRequestsResponse> FeasibilityApp::Compare(
    const v1::Principal& principal, const v1::CompareTrialRequestsRequest& request,
    absl::Time deadline) const {
  ABSL_ASSIGN_OR_RETURN(const World world, Look(request.min_commit(), deadline));
  FieldFaults faults = CheckVariants(request);
  const int looked_at = std::min(request.variants_size(), kMostVariants);
  for (int i = 0; i < looked_at; ++i) {
    faults.AddAll(
        Element("variants", i) + ".",
        FaultsOf(principal, request.variants(i).trial_request(), *world.directory, world.today));
  }
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  std::vector<v1::FeasibilityReport> reports;
  for (const v1::RequestVariant& variant : request.variants()) {
    reports.push_back(MatchTimed(principal, variant.trial_request(), world, kAllSites, kAllSites));
  }
  return CompareReports(request, reports);
}

absl::StatusOr<v1::PlanPortfolioResponse> FeasibilityApp::PlanPortfolio(
    const v1::Principal& principal, const v1::PlanPortfolioRequest& request,
    absl::Time deadline) const {
  ABSL_ASSIGN_OR_RETURN(const World world, Look(request.min_commit(), deadline));
  FieldFaults faults = FaultsOf(principal, request.trial_request(), *world.directory, world.today);
  faults.AddAll("", CheckPortfolio(request, *world.directory));
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  return feasibility::PlanPortfolio(request, *world.directory, world.today);
}

}  // namespace trialgate::feasibility
