#include "services/audit/audit_service.h"

#include "common/base/status_macros.h"
#include "common/identity/principal.h"

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
  service->Handle<v1::ListAuditCheckpointsRequest, v1::ListAuditCheckpointsResponse>(
      "ListAuditCheckpoints",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::ListAuditCheckpointsResponse> {
        return app->ListCheckpoints(request);
      });
  service->Handle<v1::ExportAuditEventsRequest, v1::ExportAuditEventsResponse>(
      "ExportAuditEvents",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::ExportAuditEventsResponse> {
        ABSL_ASSIGN_OR_RETURN(v1::ExportAuditEventsResponse response, app->Export(request));
        response.set_exported_by(identity::FormatPrincipal(call.principal));
        return response;
      });
  return service;
}

}  // namespace trialgate::audit
