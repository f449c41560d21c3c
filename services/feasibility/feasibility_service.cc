#include "services/feasibility/feasibility_service.h"

namespace trialgate::feasibility {

std::unique_ptr<rpc::Service> NewFeasibilityService(const FeasibilityApp* app,
                                                    const ReplayApp* replay) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.FeasibilityService");
  service->Handle<v1::AssessTrialRequestRequest, v1::AssessTrialRequestResponse>(
      "AssessTrialRequest",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::AssessTrialRequestResponse> {
        return app->Assess(call.principal, request, call.deadline);
      });
  service->Handle<v1::GetFeasibilityReportRequest, v1::FeasibilityReport>(
      "GetFeasibilityReport",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::FeasibilityReport> {
        return app->GetReport(call.principal, request);
      });
  service->Handle<v1::CompareTrialRequestsRequest, v1::CompareTrialRequestsResponse>(
      "CompareTrialRequests",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::CompareTrialRequestsResponse> {
        return app->Compare(call.principal, request, call.deadline);
      });
  service->Handle<v1::PlanPortfolioRequest, v1::PlanPortfolioResponse>(
      "PlanPortfolio",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::PlanPortfolioResponse> {
        return app->PlanPortfolio(call.principal, request, call.deadline);
      });
  service->Handle<v1::ReplayFeasibilityReportRequest, v1::ReplayFeasibilityReportResponse>(
      "ReplayFeasibilityReport",
      [replay](const rpc::CallContext&,
               const auto& request) -> absl::StatusOr<v1::ReplayFeasibilityReportResponse> {
        return replay->Replay(request);
      });
  return service;
}

}  // namespace trialgate::feasibility
