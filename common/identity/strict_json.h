// JSON from outside that decides who may do what: read in one way only, or not at all.
#ifndef TRIALGATE_COMMON_IDENTITY_STRICT_JSON_H_
#define TRIALGATE_COMMON_IDENTITY_STRICT_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace trialgate::identity {

// Objects and arrays within each other, at most.
inline constexpr int kMaxJsonDepth = 16;

// The object that `text` is. None where it is none, is not JSON in UTF-8 (RFC 8259), begins with a
// byte order mark, nests deeper than kMaxJsonDepth, holds a number beyond the range of doubles, or
// names a member of one object twice: readers differ on which of the two holds.
std::optional<nlohmann::json> ParseJsonObject(absl::string_view text);

// The text that is the member `name` of `object`; none where it is absent or no text.
std::optional<std::string> TextMember(const nlohmann::json& object, absl::string_view name);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_STRICT_JSON_H_
