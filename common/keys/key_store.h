// Keys of data that must be erasable: what a key encrypts is gone, in every copy and backup, once
// the key is destroyed. Keys lie apart from the data, and no backup of the data holds one.
//
//   ABSL_ASSIGN_OR_RETURN(const std::string id, keys->Create(name));
//   ABSL_ASSIGN_OR_RETURN(const std::optional<SecretKey> key, keys->Get(id));
//   const std::string sealed = Seal(*key, context, plain);   // seal.h
//   ...
//   ABSL_RETURN_IF_ERROR(keys->Destroy(id));
#ifndef TRIALGATE_COMMON_KEYS_KEY_STORE_H_
#define TRIALGATE_COMMON_KEYS_KEY_STORE_H_

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
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
  // Those of the present ones that are retired, and since when.
  std::map<std::string, absl::Time> retired;
  std::set<std::string> destroyed;
};

// Thread-safe; several processes may share what lies behind it. Every error is UNAVAILABLE
// (KEYS_UNAVAILABLE): the operator must act; no message holds anything of a key.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // Makes a key of random bytes, with a note of whose it is: `owner` is the name of what it
  // encrypts, of which a hash is kept. It is durable when its id is returned: 1 to 64 letters,
  // digits and hyphens, never given twice.
  virtual absl::StatusOr<std::string> Create(absl::string_view owner) = 0;

  // nullopt: it was destroyed. A key that is not there though nobody destroyed it is an error.
  virtual absl::StatusOr<std::optional<SecretKey>> Get(absl::string_view id) const = 0;

  // The keys of `owner` that are present, retired ones with them, in order.
  virtual absl::StatusOr<std::set<std::string>> OwnedBy(absl::string_view owner) const = 0;

  // Notes that a key is not used any more since `since`; it is given out still, until somebody
  // destroys it. Nothing where there is no such key. A crash may lose the note: what is stored says
  // which keys were replaced, and they are retired anew.
  virtual absl::Status Retire(absl::string_view id, absl::Time since) = 0;
  // Takes that back.
  virtual absl::Status Reinstate(absl::string_view id) = 0;

  // Destroys keys, for good and durably: they do not come back with an older copy of the keys, as
  // long as the newer ones are not lost. Also where there are no such keys; may be called again.
  // After an error the rest are destroyed all the same; the first error is returned.
  virtual absl::Status DestroyAll(absl::Span<const std::string> ids) = 0;
  absl::Status Destroy(absl::string_view id) { return DestroyAll({std::string(id)}); }

  virtual absl::StatusOr<KeyIds> List() const = 0;
};

// Keys as files of `folder`, which is made where there is none: for the server's user alone, and
// kept apart from the data. Key {id} is the file {id}.key: its 32 bytes, then the SHA-256 of the
// owner, without which it is one of nobody. {id}.retired has the time since when, in RFC 3339. Of a
// destroyed one an empty file {id}.destroyed is left. What an interrupted call left is finished
// here. `ids` is not owned.
// FAILED_PRECONDITION (CONFIGURATION): the folder cannot be used, or others may read it.
absl::StatusOr<std::unique_ptr<KeyStore>> OpenFileKeyStore(const std::string& folder,
                                                           IdGenerator* ids);

// Keys that end with the process.
std::unique_ptr<KeyStore> NewMemoryKeyStore(IdGenerator* ids);

}  // namespace trialgate::keys

#endif  // TRIALGATE_COMMON_KEYS_KEY_STORE_H_
