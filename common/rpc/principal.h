// Who calls: the principal as text.
//
// With --insecure-dev the client names itself in the call's metadata:
//
//   trialgate-principal: requester:organizations/acme:alice
//   trialgate-principal: coordinator:desks/north,desks/oncology:bob
//   trialgate-principal: national::carol
//
// that is role ":" scope ":" subject. The scope is one organization for a requester, one desk or
// several for a coordinator, and empty for the others.
#ifndef TRIALGATE_COMMON_RPC_PRINCIPAL_H_
#define TRIALGATE_COMMON_RPC_PRINCIPAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::rpc {

// The metadata key under which the principal travels.
inline constexpr char kPrincipalHeader[] = "trialgate-principal";

// Desks that one coordinator may have at most.
inline constexpr int kMaxDesksOfPrincipal = 100;

// Reads the form above, strictly: no spaces, no empty part that the role needs, no desk twice.
// A subject has 1 to 128 bytes of letters, digits and "._@-". "program" is no role of a caller.
// UNAUTHENTICATED (NO_PRINCIPAL) says what is wrong, without repeating the text.
absl::StatusOr<v1::Principal> ParsePrincipal(absl::string_view text);

// The text that ParsePrincipal reads as `principal`, which must be a valid one.
std::string FormatPrincipal(const v1::Principal& principal);

// "coordinator" for ROLE_COORDINATOR.
std::string RoleName(v1::Role role);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_PRINCIPAL_H_
