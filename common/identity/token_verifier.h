// Bearer tokens to principals: OpenID Connect access tokens in the form of JWT.
//
//   TokenVerifier verifier(config, keys.get(), &clock);
//   ABSL_ASSIGN_OR_RETURN(const v1::Principal principal, verifier.Verify(token));
#ifndef TRIALGATE_COMMON_IDENTITY_TOKEN_VERIFIER_H_
#define TRIALGATE_COMMON_IDENTITY_TOKEN_VERIFIER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/identity/claims.h"
#include "common/identity/key_source.h"
#include "common/identity/token_cache.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::identity {

struct VerifiedToken {
  v1::Principal principal;
  // From this instant on the token is refused: its `exp` and the skew. A stream that it opened ends
  // when it is next tested (StreamLimits in common/rpc/stream_runner.h).
  absl::Time valid_until;
};

// Thread-safe.
class TokenVerifier {
 public:
  // `config` passes CheckTokenConfig. `keys` and `clock` are not owned and outlive this.
  TokenVerifier(TokenConfig config, KeySource* keys, const Clock* clock);
  TokenVerifier(const TokenVerifier&) = delete;
  TokenVerifier& operator=(const TokenVerifier&) = delete;

  // Who the holder of `token` is: the token is as ParseToken, ReadClaims and CheckTimes want it,
  // and signed by a key of `keys` that is for its algorithm. What was verified is remembered until
  // it expires or its key is withdrawn. Waits where KeySource::FindKey does.
  // UNAUTHENTICATED: INVALID_TOKEN or NO_ROLE; the message says why in general, and holds nothing
  // of the token. UNAVAILABLE (IDENTITY_PROVIDER_UNAVAILABLE): there are no keys to judge it by.
  absl::StatusOr<v1::Principal> Verify(absl::string_view token);
  absl::StatusOr<VerifiedToken> VerifyWithExpiry(absl::string_view token);

 private:
  // What is remembered of the token, if its key is still there.
  absl::StatusOr<std::optional<Claims>> Remembered(const std::string& digest);
  absl::StatusOr<TokenCache::Entry> VerifyAnew(absl::string_view text);

  const TokenConfig config_;
  KeySource* const keys_;
  const Clock* const clock_;
  TokenCache cache_;
};

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_TOKEN_VERIFIER_H_
