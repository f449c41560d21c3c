// The public keys that an identity provider has published (RFC 7517, section 5).
#ifndef TRIALGATE_COMMON_IDENTITY_JWK_SET_H_
#define TRIALGATE_COMMON_IDENTITY_JWK_SET_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/jwk.h"

namespace trialgate::identity {

inline constexpr std::size_t kMaxJwkSetBytes = 256 * 1024;
inline constexpr std::size_t kMaxJwkSetKeys = 100;

// Immutable, and so thread-safe.
class JwkSet {
 public:
  // No keys.
  JwkSet() = default;

  // Reads a JWKS. Keys that Jwk::FromJson refuses are left out and counted: a provider may publish
  // keys for other purposes, and one that it got wrong takes nothing from the others. Where several
  // have one id, none of them is taken, but for those with `use` "enc", which do not count.
  // INVALID_ARGUMENT: it is more than kMaxJwkSetBytes long (TOO_LONG), no strict JSON object
  // (MALFORMED_JSON), without a list "keys" (REQUIRED), or has more than kMaxJwkSetKeys keys
  // (TOO_MANY).
  static absl::StatusOr<JwkSet> Parse(absl::string_view text);

  // The key with this id; null: there is none.
  std::shared_ptr<const Jwk> Find(absl::string_view kid) const;

  // Keys that tokens may be verified with, and those left out.
  std::size_t size() const { return keys_.size(); }
  std::size_t skipped() const { return skipped_; }

 private:
  std::map<std::string, std::shared_ptr<const Jwk>, std::less<>> keys_;
  std::size_t skipped_ = 0;
};

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_JWK_SET_H_
