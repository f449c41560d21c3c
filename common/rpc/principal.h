// Where a call names its principal.
//
// With --insecure-dev the client names itself in the call's metadata:
//
//   trialgate-principal: requester:organizations/acme:alice
#ifndef TRIALGATE_COMMON_RPC_PRINCIPAL_H_
#define TRIALGATE_COMMON_RPC_PRINCIPAL_H_

namespace trialgate::rpc {

// The metadata key under which the principal travels, in the form of common/identity/principal.h.
inline constexpr char kPrincipalHeader[] = "trialgate-principal";

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_PRINCIPAL_H_
