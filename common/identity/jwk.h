// One public key of an identity provider, bound to the one algorithm that it verifies
// (RFC 7517, 7518, 8037; RFC 8725, section 3.1).
#ifndef TRIALGATE_COMMON_IDENTITY_JWK_H_
#define TRIALGATE_COMMON_IDENTITY_JWK_H_

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// OpenSSL's key.
struct evp_pkey_st;

namespace trialgate::identity {

// The algorithms there are. Never "none", nor HS*: a secret that both sides know is no proof of who
// signed, and a public key must not be taken for one.
enum class Algorithm { kRs256, kPs256, kEs256, kEdDsa };

// "RS256", "PS256", "ES256", "EdDSA" and back, to the letter.
absl::string_view AlgorithmName(Algorithm algorithm);
std::optional<Algorithm> ParseAlgorithm(absl::string_view name);

// Bytes that the id of a key has at most.
inline constexpr std::size_t kMaxKeyIdBytes = 256;

// Immutable, and so thread-safe.
class Jwk {
 public:
  // The key that `json`, a member of a JWKS, describes. Null where no token may be verified with
  // it:
  // - it is none of: RSA of 2048 to 8192 bits with an odd exponent from 65537 to 2^32 - 1; EC on
  //   P-256; OKP on Ed25519; or its numbers are no such key;
  // - `alg` is not one for its type. Absent, it is RS256 for RSA (a key has one algorithm: PS256
  //   must be said), ES256 for EC, EdDSA for OKP;
  // - it has no `kid` of 1 to kMaxKeyIdBytes bytes;
  // - `use` is there and is not "sig", or `key_ops` is there without "verify";
  // - a private part is in it: a key that was published is nobody's any more.
  static std::shared_ptr<const Jwk> FromJson(const nlohmann::json& json);

  Jwk(const Jwk&) = delete;
  Jwk& operator=(const Jwk&) = delete;

  const std::string& kid() const { return kid_; }
  Algorithm algorithm() const { return algorithm_; }
  // Digest of key and algorithm: the same for the same key read again, under whichever id.
  const std::string& fingerprint() const { return fingerprint_; }

  // Whether `signature`, in the form of RFC 7518 and 8037, is this key's over `data`.
  bool Verify(absl::string_view data, absl::string_view signature) const;

 private:
  Jwk(std::string kid, Algorithm algorithm, std::shared_ptr<evp_pkey_st> key);

  const std::string kid_;
  const Algorithm algorithm_;
  const std::shared_ptr<evp_pkey_st> key_;
  const std::string fingerprint_;
};

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_JWK_H_
