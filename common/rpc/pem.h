// Certificates, keys and revocation lists from PEM, and back.
#ifndef TRIALGATE_COMMON_RPC_PEM_H_
#define TRIALGATE_COMMON_RPC_PEM_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/rpc/openssl_ptr.h"

namespace trialgate::rpc {

// Everything of its kind in `pem`, in order; blocks of other kinds are passed over. None where one
// is malformed, there is none, or there are more than `max`.
std::optional<std::vector<X509Ptr>> CertificatesOfPem(absl::string_view pem, std::size_t max);
std::optional<std::vector<CrlPtr>> CrlsOfPem(absl::string_view pem, std::size_t max);

// The first private key in `pem`; null where it is malformed, needs a password, or there is none.
KeyPtr KeyOfPem(absl::string_view pem);

std::string ToPem(const std::vector<X509Ptr>& certificates);
// Of a private key, with a zero byte at the end.
Secret ToPem(EVP_PKEY* key);

// InfinitePast where the time is malformed.
absl::Time ToTime(const ASN1_TIME* time);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_PEM_H_
