#include "common/identity/token_verifier.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/identity/token.h"

namespace trialgate::identity {

TokenVerifier::TokenVerifier(TokenConfig config, KeySource* keys, const Clock* clock)
    : config_(std::move(config)), keys_(keys), clock_(clock), cache_(config_.cache_size) {
  if (!CheckTokenConfig(config_).ok()) std::abort();
}

absl::StatusOr<v1::Principal> TokenVerifier::Verify(absl::string_view token) {
  ABSL_ASSIGN_OR_RETURN(VerifiedToken verified, VerifyWithExpiry(token));
  return std::move(verified.principal);
}

absl::StatusOr<VerifiedToken> TokenVerifier::VerifyWithExpiry(absl::string_view token) {
  if (token.size() > kMaxTokenBytes) return InvalidToken("is too long");
  const std::string digest = Sha256(token);
  ABSL_ASSIGN_OR_RETURN(std::optional<Claims> claims, Remembered(digest));
  if (!claims.has_value()) {
    ABSL_ASSIGN_OR_RETURN(TokenCache::Entry entry, VerifyAnew(token));
    claims = entry.claims;
    ABSL_RETURN_IF_ERROR(CheckTimes(claims->times, config_.clock_skew, clock_->Now()));
    cache_.Put(digest, std::move(entry));
  } else if (absl::Status times = CheckTimes(claims->times, config_.clock_skew, clock_->Now());
             !times.ok()) {
    cache_.Remove(digest);
    return times;
  }
  const absl::Time valid_until = claims->times.expires + config_.clock_skew;
  return VerifiedToken{std::move(claims->principal), valid_until};
}

absl::StatusOr<std::optional<Claims>> TokenVerifier::Remembered(const std::string& digest) {
  std::optional<TokenCache::Entry> entry = cache_.Find(digest);
  if (!entry.has_value()) return std::nullopt;
  ABSL_ASSIGN_OR_RETURN(const std::shared_ptr<const Jwk> key, keys_->FindKey(entry->kid));
  if (key == nullptr || key->fingerprint() != entry->key_fingerprint) {
    cache_.Remove(digest);
    return std::nullopt;
  }
  return std::move(entry->claims);
}

absl::StatusOr<TokenCache::Entry> TokenVerifier::VerifyAnew(absl::string_view text) {
  ABSL_ASSIGN_OR_RETURN(const Token token, ParseToken(text));
  if (config_.require_access_token_type && !token.access_token) {
    return InvalidToken("does not say that it is an access token (typ at+jwt)");
  }
  ABSL_ASSIGN_OR_RETURN(const std::shared_ptr<const Jwk> key, keys_->FindKey(token.kid));
  if (key == nullptr) return InvalidToken("is signed with an unknown key (kid)");
  if (key->algorithm() != token.algorithm) {
    return InvalidToken("names an algorithm that is not its key's (alg)");
  }
  if (!key->Verify(token.signed_part, token.signature)) {
    return InvalidToken("has a signature that is not its key's");
  }
  ABSL_ASSIGN_OR_RETURN(Claims claims, ReadClaims(token.payload, config_));
  return TokenCache::Entry{std::move(claims), token.kid, key->fingerprint()};
}

}  // namespace trialgate::identity
