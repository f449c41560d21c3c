// How versions of keys are ordered on disk: key, NUL, and the eight bytes of the complement of the
// commit number, most significant first. So keys keep their order, as none contains NUL, and the
// versions of a key run from the newest to the oldest.
#ifndef TRIALGATE_COMMON_STORE_VERSIONED_KEY_H_
#define TRIALGATE_COMMON_STORE_VERSIONED_KEY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/store/store.h"

namespace trialgate::store {

struct VersionedKey {
  absl::string_view key;
  CommitNumber version = 0;
};

// Eight bytes, most significant first: ascending numbers are ascending bytes.
std::string EncodeNumber(CommitNumber number);
// None unless `bytes` are eight.
std::optional<CommitNumber> DecodeNumber(absl::string_view bytes);

// The place of version `version` of `key`; the newest version as of a commit is the first from
// EncodeVersionedKey(key, commit) on.
std::string EncodeVersionedKey(absl::string_view key, CommitNumber version);
// Points into `bytes`. None: it is no versioned key.
std::optional<VersionedKey> DecodeVersionedKey(absl::string_view bytes);

// The first place after every version of `key`.
std::string AfterVersionsOf(absl::string_view key);

// A version's value: a byte 1 and the value, or a byte 0 for a deletion.
std::string EncodeVersionedValue(const std::optional<std::string>& value);

// What a stored version says.
struct VersionedValue {
  bool valid = false;
  bool deleted = false;
  absl::string_view value;  // points into the bytes
};
VersionedValue DecodeVersionedValue(absl::string_view bytes);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_VERSIONED_KEY_H_
