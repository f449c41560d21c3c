// Principals from clients' certificates.
#ifndef TRIALGATE_COMMON_RPC_CERTIFICATE_AUTHENTICATOR_H_
#define TRIALGATE_COMMON_RPC_CERTIFICATE_AUTHENTICATOR_H_

#include <memory>

#include "common/base/clock.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/tls_reloader.h"

namespace trialgate::rpc {

// Certificates whose verification is remembered at most; the one used longest ago is forgotten.
inline constexpr std::size_t kMaxRememberedCertificates = 4096;

// The principal that the certificate of the call's connection names (certificate_identity.h). The
// handshake verified the certificate once; here it is verified for every call, so that one which
// was revoked or has expired since then is refused on the next call. What was found is remembered
// until the material changes or something in it expires, so that a call costs a digest only.
//   UNAUTHENTICATED: NO_PRINCIPAL without a certificate; INVALID_CERTIFICATE; NO_ROLE.
// `tls` and `clock` are not owned and outlive the result.
std::unique_ptr<Authenticator> NewCertificateAuthenticator(const TlsReloader* tls,
                                                           const Clock* clock);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_CERTIFICATE_AUTHENTICATOR_H_
