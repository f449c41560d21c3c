#include "services/feasibility/feasibility_service.h"

namespace trialgate::feasibility {

std::unique_ptr<rpc::Service> NewFeasibilityService(const FeasibilityApp* app) {
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
  return service;
}

}  // namespace trialgate::feasibility
