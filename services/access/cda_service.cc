#include "services/access/cda_service.h"

#include "trialgate/v1/cda_service.pb.h"

namespace trialgate::access {

std::unique_ptr<rpc::Service> NewCdaService(CdaApp* cdas) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.CdaService");
  service->Handle<v1::CreateCdaRequest, v1::Cda>(
      "CreateCda",
      [cdas](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Cda> {
        return cdas->Create(call.principal, request);
      });
  service->Handle<v1::GetCdaRequest, v1::Cda>(
      "GetCda",
      [cdas](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Cda> {
        return cdas->Get(call.principal, request);
      });
  service->Handle<v1::ListCdasRequest, v1::ListCdasResponse>(
      "ListCdas",
      [cdas](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::ListCdasResponse> { return cdas->List(call.principal, request); });
  service->Handle<v1::RevokeCdaRequest, v1::Cda>(
      "RevokeCda",
      [cdas](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Cda> {
        return cdas->Revoke(call.principal, request);
      });
  return service;
}

}  // namespace trialgate::access
