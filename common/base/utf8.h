// Text that must be UTF-8: what stands in a protobuf string is no message otherwise.
#ifndef TRIALGATE_COMMON_BASE_UTF8_H_
#define TRIALGATE_COMMON_BASE_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace trialgate {

// Whether `text` is well-formed UTF-8 (RFC 3629): no overlong forms, surrogates, or values past
// U+10FFFF.
bool IsUtf8(absl::string_view text);

// Bytes of the longest beginning of `text` that is well-formed UTF-8.
std::size_t Utf8PrefixLength(absl::string_view text);

// The beginning of `text`, as long as it is whole characters within `max_bytes` bytes. Each byte
// that is part of no character is replaced by U+FFFD, which has three bytes: the result is always
// well-formed, and never longer than `max_bytes`.
std::string ShortenUtf8(absl::string_view text, std::size_t max_bytes);

// All of `text`, made well-formed as ShortenUtf8 does.
std::string CleanUtf8(absl::string_view text);

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_UTF8_H_
