// JSON from outside (RFC 8259), read in one way only, or not at all: where readers differ on what a
// document says, two of them can be played against each other.
#ifndef TRIALGATE_COMMON_BASE_JSON_H_
#define TRIALGATE_COMMON_BASE_JSON_H_

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace trialgate {

// Why a document is not taken.
struct JsonFault {
  enum class Kind {
    kNotUtf8,         // not UTF-8 (RFC 3629) from `offset` on
    kNotJson,         // not JSON from `offset` on; it breaks off where `offset` is its size
    kNumberTooLarge,  // a number that ends at `offset` is beyond the range of doubles
    kTooDeep,         // an object or array lies too deep
    kRepeatedMember,  // one object has two members named `text`
  };
  Kind kind = Kind::kNotJson;
  std::size_t offset = 0;  // in bytes, from 0; 0 for the last two kinds
  // kNotJson: what was read last, which may end within a character. kRepeatedMember: the name.
  // Else empty.
  std::string text;
};

// What a document may repeat before the rest of what it repeats goes untold.
inline constexpr std::size_t kMaxRepeatedMembersTold = 100;

// The value that `text` is, with objects and arrays at most `max_depth` (>= 1) within each other;
// a byte order mark before it is skipped. None where there are faults, which are added to
// `*faults`: all repeated members up to the first fault of another kind, and that.
std::optional<nlohmann::json> ReadJson(absl::string_view text, int max_depth,
                                       std::vector<JsonFault>* faults);

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_JSON_H_
