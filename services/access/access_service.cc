#include "services/access/access_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/access.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/access_service.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::access {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;

constexpr std::size_t kMaxMethodBytes = 256;
constexpr char kOwnName[] = "trialgate.v1.AccessService";

// The method of a short or full name among those of `services`; null: there is none.
const MethodDescriptor* FindMethod(const std::vector<std::string>& services,
                                   const std::string& name) {
  const std::size_t slash = name.find('/');
  for (const std::string& service : services) {
    if (slash != std::string::npos && name.compare(0, slash, service) != 0) continue;
    const auto* const found = DescriptorPool::generated_pool()->FindServiceByName(service);
    const MethodDescriptor* const method =
        found == nullptr
            ? nullptr
            : found->FindMethodByName(slash == std::string::npos ? name : name.substr(slash + 1));
    if (method != nullptr) return method;
  }
  return nullptr;
}

// Of which resources a permission holds for a caller.
std::string ScopeInWords(v1::Scope scope, const v1::Principal& caller) {
  if (scope == v1::SCOPE_NONE) return "concerns no resource";
  if (scope == v1::SCOPE_ALL || caller.role() == v1::ROLE_NATIONAL) return "all";
  if (caller.role() == v1::ROLE_REQUESTER) {
    return absl::StrCat("what belongs to ", caller.organization());
  }
  return absl::StrCat("what was referred to ", absl::StrJoin(caller.desks(), ", "));
}

absl::StatusOr<v1::CheckAccessResponse> Check(const std::vector<std::string>& services,
                                              const v1::Principal& caller,
                                              const v1::CheckAccessRequest& request) {
  FieldFaults faults;
  const MethodDescriptor* method = nullptr;
  if (request.method().size() > kMaxMethodBytes) {
    faults.Add("method", v1::ERROR_REASON_TOO_LONG, "must have at most 256 bytes");
  } else if (method = FindMethod(services, request.method()); method == nullptr) {
    faults.Add("method", v1::ERROR_REASON_UNKNOWN_VALUE, "must be a method of this server");
  }
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  const v1::MethodAccess declared = rpc::AccessOf(*method);
  v1::CheckAccessResponse response;
  response.set_allowed(rpc::Authorize(caller, declared.permission()).ok());
  response.set_permission(declared.permission());
  if (response.allowed()) response.set_scope(ScopeInWords(declared.scope(), caller));
  for (const v1::Role role : rpc::RolesWith(declared.permission())) {
    response.add_permitted_roles(role);
  }
  return response;
}

void HandleCdas(CdaApp* cdas, rpc::Service* service) {
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
}

}  // namespace

std::unique_ptr<rpc::Service> NewAccessService(CdaApp* cdas, std::vector<std::string> services) {
  auto service = std::make_unique<rpc::Service>(kOwnName);
  services.emplace_back(kOwnName);
  service->Handle<v1::GetCallerRequest, v1::Principal>(
      "GetCaller",
      [](const rpc::CallContext& call, const auto& request) -> absl::StatusOr<v1::Principal> {
        return call.principal;
      });
  service->Handle<v1::CheckAccessRequest, v1::CheckAccessResponse>(
      "CheckAccess",
      [services = std::move(services)](const rpc::CallContext& call, const auto& request)
          -> absl::StatusOr<v1::CheckAccessResponse> {
        return Check(services, call.principal, request);
      });
  if (cdas != nullptr) HandleCdas(cdas, service.get());
  return service;
}

}  // namespace trialgate::access
