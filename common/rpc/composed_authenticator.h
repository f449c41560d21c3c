// Who calls where clients have certificates, access tokens, or both.
#ifndef TRIALGATE_COMMON_RPC_COMPOSED_AUTHENTICATOR_H_
#define TRIALGATE_COMMON_RPC_COMPOSED_AUTHENTICATOR_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/authenticator.h"

namespace trialgate::rpc {

// The principal of a bearer token; errors as Authenticator's. Thread-safe.
using VerifyToken = std::function<absl::StatusOr<v1::Principal>(absl::string_view token)>;

// A call that has the metadata "authorization" is judged by it alone, which must be there once, as
// "Bearer" and a token; whatever is wrong with it is UNAUTHENTICATED (INVALID_TOKEN), and the
// certificate is not asked. A call without is judged by `certificates`. Names that a client gives
// itself are ignored.
// `verify_token` may be null: then no token is accepted. `certificates` may be null: then a call
// without a token is UNAUTHENTICATED (NO_PRINCIPAL).
std::unique_ptr<Authenticator> NewComposedAuthenticator(
    VerifyToken verify_token, std::unique_ptr<Authenticator> certificates);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_COMPOSED_AUTHENTICATOR_H_
