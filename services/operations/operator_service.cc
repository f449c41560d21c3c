#include "services/operations/operator_service.h"

namespace trialgate::operations {

std::unique_ptr<rpc::Service> NewOperatorService(OperatorApp* app) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.OperatorService");
  service->Handle<v1::GetServerStatusRequest, v1::ServerStatus>(
      "GetServerStatus",
      [app](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::ServerStatus> {
        return app->Status();
      });
  service->Handle<v1::SetLogLevelRequest, v1::SetLogLevelResponse>(
      "SetLogLevel",
      [app](const rpc::CallContext& call,
            const auto& request) -> absl::StatusOr<v1::SetLogLevelResponse> {
        return app->SetLogLevel(call.principal, request);
      });
  service->Handle<v1::DrainRequest, v1::DrainResponse>(
      "Drain",
      [app](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::DrainResponse> { return app->Drain(call.principal, request); });
  service->Handle<v1::BackupRequest, v1::BackupResponse>(
      "Backup",
      [app](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::BackupResponse> { return app->Backup(call.principal, request); });
  return service;
}

}  // namespace trialgate::operations
