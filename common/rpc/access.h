// Who may call a method, as the proto declares it (proto/trialgate/v1/access.proto).
//
// The options of a method name a permission; the options of the permission name the roles that have
// it. Nothing else grants anything: what is not declared is denied.
#ifndef TRIALGATE_COMMON_RPC_ACCESS_H_
#define TRIALGATE_COMMON_RPC_ACCESS_H_

#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/access.pb.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::rpc {

// What `method` declares; PERMISSION_UNSPECIFIED, which nobody has, where it declares nothing.
v1::MethodAccess AccessOf(const google::protobuf::MethodDescriptor& method);

// The roles that have `permission`, in the order of the proto; none for PERMISSION_UNSPECIFIED and
// for values that the proto does not have.
const std::vector<v1::Role>& RolesWith(v1::Permission permission);

// OK if the principal's role has `permission`; else PERMISSION_DENIED (ROLE_NOT_PERMITTED), which
// names the role and those that have it.
absl::Status Authorize(const v1::Principal& principal, v1::Permission permission);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_ACCESS_H_
