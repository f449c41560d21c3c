// Encryption under one key, and hashes that only its holder can make.
#ifndef TRIALGATE_COMMON_KEYS_SEAL_H_
#define TRIALGATE_COMMON_KEYS_SEAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/keys/key_store.h"

namespace trialgate::keys {

// Random bytes, fit for keys.
std::string RandomBytes(std::size_t count);

// AES-256-GCM: a random nonce of 12 bytes, the encrypted text, a tag of 16 bytes. `context` is not
// encrypted, and must be the same to open it: it says what the text belongs to. Two seals of one
// text differ.
std::string Seal(const SecretKey& key, absl::string_view context, absl::string_view plain);

// DATA_LOSS (STORE_CORRUPT): it was not sealed by this key for this context, or was changed since.
absl::StatusOr<std::string> Open(const SecretKey& key, absl::string_view context,
                                 absl::string_view sealed);

// HMAC-SHA-256, 32 raw bytes: the same for the same text, and without the key of no use for
// guessing it. Encryption and hash use keys derived from `key`, a different one each.
std::string KeyedHash(const SecretKey& key, absl::string_view text);

}  // namespace trialgate::keys

#endif  // TRIALGATE_COMMON_KEYS_SEAL_H_
