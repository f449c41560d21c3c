// What an identity provider has: keys to sign with, and tokens made of them.
#ifndef TRIALGATE_TESTS_SUPPORT_SIGNING_KEY_H_
#define TRIALGATE_TESTS_SUPPORT_SIGNING_KEY_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "common/identity/jwk.h"

namespace trialgate::identity {

// A key pair, drawn at random. Immutable. Ends the process where OpenSSL fails.
class SigningKey {
 public:
  static SigningKey Rsa(unsigned int bits = 2048);
  static SigningKey P256();
  static SigningKey Ed25519();

  // The public key as a member of a JWKS, without `alg` and `use`.
  nlohmann::json PublicJwk(const std::string& kid) const;
  // The public key in PEM.
  std::string PublicPem() const;
  // The signature over `data` in the form of RFC 7518 and 8037; the algorithm is one for the key.
  // `pss_salt_bytes` is for PS256, whose standard wants 32.
  std::string Sign(Algorithm algorithm, absl::string_view data, int pss_salt_bytes = 32) const;

 private:
  explicit SigningKey(evp_pkey_st* key);

  std::shared_ptr<evp_pkey_st> key_;
};

std::string Base64Url(absl::string_view bytes);

// The token with this header and payload (JSON texts, taken as they are).
std::string SignedToken(const SigningKey& key, Algorithm algorithm, absl::string_view header,
                        absl::string_view payload);

}  // namespace trialgate::identity

#endif  // TRIALGATE_TESTS_SUPPORT_SIGNING_KEY_H_
