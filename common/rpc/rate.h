// How often something may happen: "200/s:400" is 200 in a second, and 400 at once after a pause.
#ifndef TRIALGATE_COMMON_RPC_RATE_H_
#define TRIALGATE_COMMON_RPC_RATE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace trialgate::rpc {

// A bucket of `burst` tokens, into which `tokens` of them come back in every `per`.
struct Rate {
  // Of each number in a rate.
  static constexpr int kMax = 1'000'000;

  int tokens = 1;
  absl::Duration per = absl::Seconds(1);
  int burst = 1;

  // The time in which one token comes back.
  absl::Duration Interval() const { return per / tokens; }
};

// A rate, or none: without limit.
using RateLimit = std::optional<Rate>;

// Reads "TOKENS/UNIT:BURST" with UNIT s, m or h, both numbers from 1 to Rate::kMax, or "unlimited".
// False, with `limit` as it was: the text is neither.
bool ParseRateLimit(absl::string_view text, RateLimit* limit);

// The text that ParseRateLimit reads as `limit`.
std::string FormatRateLimit(const RateLimit& limit);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_RATE_H_
