// Ed25519 signatures, with keys as PEM files: PKCS #8 for private keys, SubjectPublicKeyInfo for
// public ones, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them.
#ifndef TRIALGATE_COMMON_BASE_ED25519_H_
#define TRIALGATE_COMMON_BASE_ED25519_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

// OpenSSL's key.
struct evp_pkey_st;

namespace trialgate {

inline constexpr std::size_t kEd25519SignatureBytes = 64;

// Tests signatures. Immutable, hence thread-safe; cheap to copy.
class Ed25519PublicKey {
 public:
  // Every public key in a PEM text, in order. INVALID_ARGUMENT: there is none, or something else
  // than an Ed25519 public key stands there. More than 100 are refused.
  static absl::StatusOr<std::vector<Ed25519PublicKey>> ParsePem(absl::string_view pem);

  // SHA-256 of the key as SubjectPublicKeyInfo in DER: 32 raw bytes. It names the key.
  const std::string& id() const { return id_; }

  std::string ToPem() const;

  // Whether `signature` is that of `message` by the private key to this one.
  bool Verifies(absl::string_view message, absl::string_view signature) const;

 private:
  friend class Ed25519PrivateKey;
  explicit Ed25519PublicKey(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
  std::string id_;
};

// Signs. Immutable, hence thread-safe; cheap to copy.
class Ed25519PrivateKey {
 public:
  // A new key, from the operating system's randomness.
  static Ed25519PrivateKey Generate();

  // INVALID_ARGUMENT: `pem` is no unencrypted Ed25519 private key. The text is not repeated.
  static absl::StatusOr<Ed25519PrivateKey> ParsePem(absl::string_view pem);

  Secret ToPem() const;

  const Ed25519PublicKey& public_key() const { return public_key_; }

  // kEd25519SignatureBytes bytes; the same for the same message.
  std::string Sign(absl::string_view message) const;

 private:
  explicit Ed25519PrivateKey(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
  Ed25519PublicKey public_key_;
};

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_ED25519_H_
