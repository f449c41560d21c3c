// Keys of data that must be erasable: what a key encrypts is gone, in every copy and backup, once
// the key is destroyed. Keys lie apart from the data, and no backup of the data holds one.
//
//   ABSL_ASSIGN_OR_RETURN(const std::string id, keys->Create());
//   ABSL_ASSIGN_OR_RETURN(const std::optional<SecretKey> key, keys->Get(id));
//   const std::string sealed = Seal(*key, context, plain);   // seal.h
//   ...
//   ABSL_RETURN_IF_ERROR(keys->Destroy(id));
#ifndef TRIALGATE_COMMON_KEYS_KEY_STORE_H_
#define TRIALGATE_COMMON_KEYS_KEY_STORE_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/ids.h"

namespace trialgate::keys {

inline constexpr std::size_t kKeyBytes = 32;

// The bytes of a key. They are wiped when it ends; it is moved, never copied.
class SecretKey {
 public:
  // `bytes` has kKeyBytes of them; the caller wipes its own.
  explicit SecretKey(absl::string_view bytes);
  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  absl::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::array<unsigned char, kKeyBytes> bytes_;
};

struct KeyIds {
  std::set<std::string> present;
  std::set<std::string> destroyed;
};

// Thread-safe; several processes may share what lies behind it. Every error is UNAVAILABLE
// (KEYS_UNAVAILABLE): the operator must act; no message holds anything of a key.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // Makes a key of random bytes. It is durable when its id is returned: 1 to 64 letters, digits and
  // hyphens, never given twice.
  virtual absl::StatusOr<std::string> Create() = 0;

  // nullopt: it was destroyed. A key that is not there though nobody destroyed it is an error.
  virtual absl::StatusOr<std::optional<SecretKey>> Get(absl::string_view id) const = 0;

  // Destroys a key, for good and durably: it does not come back with an older copy of the keys, as
  // long as the newer ones are not lost. Also where there is no such key; may be called again.
  virtual absl::Status Destroy(absl::string_view id) = 0;

  virtual absl::StatusOr<KeyIds> List() const = 0;
};

// Keys as files of `folder`, which is made where there is none: for the server's user alone, and
// kept apart from the data. Key {id} is the file {id}.key of 32 bytes; of a destroyed one an empty
// file {id}.destroyed is left. What an interrupted call left is finished here. `ids` is not owned.
// FAILED_PRECONDITION (CONFIGURATION): the folder cannot be used, or others may read it.
absl::StatusOr<std::unique_ptr<KeyStore>> OpenFileKeyStore(const std::string& folder,
                                                           IdGenerator* ids);

// Keys that end with the process.
std::unique_ptr<KeyStore> NewMemoryKeyStore(IdGenerator* ids);

}  // namespace trialgate::keys

#endif  // TRIALGATE_COMMON_KEYS_KEY_STORE_H_
