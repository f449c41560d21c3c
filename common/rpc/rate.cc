#include "common/rpc/rate.h"

#include <array>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace trialgate::rpc {
namespace {

constexpr absl::string_view kUnlimited = "unlimited";

struct Unit {
  absl::string_view word;
  absl::Duration per;
};
const std::array<Unit, 3>& Units() {
  static const std::array<Unit, 3> kUnits = {
      {{"s", absl::Seconds(1)}, {"m", absl::Minutes(1)}, {"h", absl::Hours(1)}}};
  return kUnits;
}

bool ParseNumber(absl::string_view text, int* number) {
  // SimpleAtoi alone would take signs and spaces.
  return text.find_first_not_of("0123456789") == absl::string_view::npos &&
         absl::SimpleAtoi(text, number) && *number >= 1 && *number <= Rate::kMax;
}

}  // namespace

bool ParseRateLimit(absl::string_view text, RateLimit* limit) {
  if (text == kUnlimited) {
    limit->reset();
    return true;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::ByAnyChar("/:"));
  Rate rate;
  if (parts.size() != 3 || !ParseNumber(parts[0], &rate.tokens) ||
      !ParseNumber(parts[2], &rate.burst)) {
    return false;
  }
  for (const Unit& unit : Units()) {
    if (parts[1] != unit.word) continue;
    rate.per = unit.per;
    if (FormatRateLimit(rate) != text) return false;  // separators exchanged, zeros in front
    *limit = rate;
    return true;
  }
  return false;
}

std::string FormatRateLimit(const RateLimit& limit) {
  if (!limit.has_value()) return std::string(kUnlimited);
  for (const Unit& unit : Units()) {
    if (limit->per == unit.per) {
      return absl::StrCat(limit->tokens, "/", unit.word, ":", limit->burst);
    }
  }
  return absl::StrCat(limit->tokens, "/", absl::FormatDuration(limit->per), ":", limit->burst);
}

}  // namespace trialgate::rpc
