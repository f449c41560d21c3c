// Who a certificate names.
#ifndef TRIALGATE_COMMON_RPC_CERTIFICATE_IDENTITY_H_
#define TRIALGATE_COMMON_RPC_CERTIFICATE_IDENTITY_H_

#include <openssl/x509.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::rpc {

// A certificate names its principal by a URI among its subject alternative names: this, then the
// principal's text (common/identity/principal.h), such as
//   urn:trialgate:requester:organizations/acme:alice
inline constexpr char kPrincipalUrn[] = "urn:trialgate:";

// The principal that `certificate` names, which must have been verified. Other names, and the
// subject's, say nothing. UNAUTHENTICATED (NO_ROLE): it names none, several, or a malformed one.
absl::StatusOr<v1::Principal> PrincipalOf(const X509* certificate);

// Whether the first certificate in `pem` names one, believed or not.
bool NamesPrincipal(absl::string_view pem);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_CERTIFICATE_IDENTITY_H_
