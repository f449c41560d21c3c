#include "common/rpc/access.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/identity/principal.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using RolesByPermission = std::map<v1::Permission, std::vector<v1::Role>>;

// Read once: the options of a descriptor are looked up slowly.
const RolesByPermission& Table() {
  static const auto* const kTable = [] {
    auto* const table = new RolesByPermission();
    const google::protobuf::EnumDescriptor& permissions = *v1::Permission_descriptor();
    for (int i = 0; i < permissions.value_count(); ++i) {
      const google::protobuf::EnumValueDescriptor& value = *permissions.value(i);
      std::vector<v1::Role>& roles = (*table)[static_cast<v1::Permission>(value.number())];
      for (int k = 0; k < value.options().ExtensionSize(v1::granted_to); ++k) {
        roles.push_back(value.options().GetExtension(v1::granted_to, k));
      }
    }
    return table;
  }();
  return *kTable;
}

}  // namespace

v1::MethodAccess AccessOf(const google::protobuf::MethodDescriptor& method) {
  return method.options().GetExtension(v1::access);
}

const std::vector<v1::Role>& RolesWith(v1::Permission permission) {
  static const auto* const kNone = new std::vector<v1::Role>();
  const auto found = Table().find(permission);
  return permission == v1::PERMISSION_UNSPECIFIED || found == Table().end() ? *kNone
                                                                            : found->second;
}

absl::Status Authorize(const v1::Principal& principal, v1::Permission permission) {
  const std::vector<v1::Role>& roles = RolesWith(permission);
  if (std::find(roles.begin(), roles.end(), principal.role()) != roles.end()) {
    return absl::OkStatus();
  }
  const std::string permitted = absl::StrJoin(
      roles, ", ", [](std::string* out, v1::Role role) { *out += identity::RoleName(role); });
  const std::string role = identity::RoleName(principal.role());
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED,
               absl::StrCat("a principal of role \"", role, "\" may not call this; permitted: ",
                            permitted.empty() ? "nobody" : permitted))
      .WithMetadata("role", role)
      .WithMetadata("permitted", permitted);
}

}  // namespace trialgate::rpc
