#include "common/store/versioned_key.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace trialgate::store {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr char kDeleted = 0;
constexpr char kPresent = 1;

}  // namespace

std::string EncodeNumber(CommitNumber number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xff));
  }
  return bytes;
}

std::optional<CommitNumber> DecodeNumber(absl::string_view bytes) {
  if (bytes.size() != kNumberBytes) return std::nullopt;
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<CommitNumber>(number);
}

std::string EncodeVersionedKey(absl::string_view key, CommitNumber version) {
  return absl::StrCat(key, absl::string_view("\0", 1), EncodeNumber(~version));
}

std::optional<VersionedKey> DecodeVersionedKey(absl::string_view bytes) {
  if (bytes.size() < kNumberBytes + 2) return std::nullopt;
  const std::size_t end = bytes.size() - kNumberBytes - 1;
  // The first NUL ends the key: the number may contain more.
  if (bytes.find('\0') != end) return std::nullopt;
  return VersionedKey{bytes.substr(0, end), ~*DecodeNumber(bytes.substr(end + 1))};
}

std::string AfterVersionsOf(absl::string_view key) { return absl::StrCat(key, "\1"); }

std::string EncodeVersionedValue(const std::optional<std::string>& value) {
  if (!value.has_value()) return std::string(1, kDeleted);
  return absl::StrCat(absl::string_view(&kPresent, 1), *value);
}

VersionedValue DecodeVersionedValue(absl::string_view bytes) {
  VersionedValue value;
  if (bytes.empty()) return value;
  value.deleted = bytes[0] == kDeleted;
  value.valid = bytes[0] == kPresent || (value.deleted && bytes.size() == 1);
  value.value = bytes.substr(1);
  return value;
}

}  // namespace trialgate::store
