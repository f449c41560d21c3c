// Who calls: from what came with a call to a principal.
#ifndef TRIALGATE_COMMON_RPC_AUTHENTICATOR_H_
#define TRIALGATE_COMMON_RPC_AUTHENTICATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::rpc {

// What came with a call. Values of metadata are in the order of the call, each at most once unless
// the client sent more.
struct PeerCredentials {
  // Of the metadata "authorization".
  std::vector<std::string> authorization = {};
  // Of the metadata kPrincipalHeader (principal.h).
  std::vector<std::string> named_principals = {};
  // The certificate, in PEM, with which the client proved itself in a TLS handshake; empty: none.
  std::string certificate_pem = {};
  // Intermediate certificates that the client sent with it, in PEM. Empty: none, or the connection
  // resumes one that had some.
  std::string certificate_issuers_pem = {};
  // The network from which the call comes, as PeerNetwork (peer_address.h) gives it.
  std::string network = {};
};

// Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // The principal, whose role is never ROLE_PROGRAM. May block, for keys to be fetched.
  //   UNAUTHENTICATED (NO_PRINCIPAL, INVALID_CERTIFICATE, INVALID_TOKEN, NO_ROLE): there is none,
  //   or it is not believed;
  //   UNAVAILABLE (IDENTITY_PROVIDER_UNAVAILABLE): nobody can tell now.
  virtual absl::StatusOr<v1::Principal> Authenticate(const PeerCredentials& credentials) const = 0;
};

// Believes the client who it is: the metadata kPrincipalHeader, given once, as ParsePrincipal reads
// it. For --insecure-dev only.
std::unique_ptr<Authenticator> NewInsecureAuthenticator();

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_AUTHENTICATOR_H_
