#include "services/audit/audit_service.h"

#include "common/base/status_macros.h"
#include "common/rpc/principal.h"

namespace trialgate::audit {
namespace {

absl::Status Authorize(const rpc::CallContext& call) {
  return rpc::RequireRole(call.principal, {v1::ROLE_AUDITOR, v1::ROLE_NATIONAL});
}

}  // namespace

std::unique_ptr<rpc::Service> NewAuditService(const AuditApp* app) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.AuditService");
  service->Handle<v1::ListAuditEventsRequest, v1::ListAuditEventsResponse>(
      "ListAuditEvents",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::ListAuditEventsResponse> {
        ABSL_RETURN_IF_ERROR(Authorize(call));
        return app->List(request);
      });
  service->Handle<v1::VerifyAuditTrailRequest, v1::VerifyAuditTrailResponse>(
      "VerifyAuditTrail",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::VerifyAuditTrailResponse> {
        ABSL_RETURN_IF_ERROR(Authorize(call));
        return app->Verify(request);
      });
  return service;
}

}  // namespace trialgate::audit
