#include "common/identity/principal.h"
#include "common/rpc/authenticator.h"

namespace trialgate::rpc {
namespace {

class InsecureAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<v1::Principal> Authenticate(const PeerCredentials& credentials) const override {
    // Given twice, it is not clear who calls.
    return identity::ParsePrincipal(
        credentials.named_principals.size() == 1 ? credentials.named_principals.front() : "");
  }
};

}  // namespace

std::unique_ptr<Authenticator> NewInsecureAuthenticator() {
  return std::make_unique<InsecureAuthenticator>();
}

}  // namespace trialgate::rpc
