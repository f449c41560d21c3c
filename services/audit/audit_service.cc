#include "services/audit/audit_service.h"

namespace trialgate::audit {

std::unique_ptr<rpc::Service> NewAuditService(const AuditApp* app) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.AuditService");
  service->Handle<v1::ListAuditEventsRequest, v1::ListAuditEventsResponse>(
      "ListAuditEvents",
      [app](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::ListAuditEventsResponse> { return app->List(request); });
  service->Handle<v1::VerifyAuditTrailRequest, v1::VerifyAuditTrailResponse>(
      "VerifyAuditTrail",
      [app](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::VerifyAuditTrailResponse> { return app->Verify(request); });
  return service;
}

}  // namespace trialgate::audit
