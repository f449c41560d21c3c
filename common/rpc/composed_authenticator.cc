#include "common/rpc/composed_authenticator.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

constexpr absl::string_view kScheme = "Bearer ";

absl::Status InvalidToken(absl::string_view why) {
  return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_INVALID_TOKEN, why);
}

class ComposedAuthenticator final : public Authenticator {
 public:
  ComposedAuthenticator(VerifyToken verify_token, std::unique_ptr<Authenticator> certificates)
      : verify_token_(std::move(verify_token)), certificates_(std::move(certificates)) {}

  absl::StatusOr<v1::Principal> Authenticate(const PeerCredentials& credentials) const override {
    if (!credentials.authorization.empty()) return ByToken(credentials);
    if (certificates_ != nullptr) return certificates_->Authenticate(credentials);
    return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_NO_PRINCIPAL,
                 "send metadata \"authorization\" with \"Bearer\" and an access token");
  }

 private:
  absl::StatusOr<v1::Principal> ByToken(const PeerCredentials& credentials) const {
    if (verify_token_ == nullptr) return InvalidToken("this server takes no access tokens");
    if (credentials.authorization.size() > 1) {
      return InvalidToken("the metadata \"authorization\" is given more than once");
    }
    const absl::string_view text = credentials.authorization.front();
    // Names of schemes are alike in any case (RFC 9110, 11.1).
    if (!absl::StartsWithIgnoreCase(text, kScheme)) {
      return InvalidToken("the metadata \"authorization\" is not \"Bearer\" and an access token");
    }
    return verify_token_(text.substr(kScheme.size()));
  }

  const VerifyToken verify_token_;
  const std::unique_ptr<Authenticator> certificates_;
};

}  // namespace

std::unique_ptr<Authenticator> NewComposedAuthenticator(
    VerifyToken verify_token, std::unique_ptr<Authenticator> certificates) {
  return std::make_unique<ComposedAuthenticator>(std::move(verify_token), std::move(certificates));
}

}  // namespace trialgate::rpc
