#include "services/feasibility/window.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "common/base/civil_date.h"

namespace trialgate::feasibility {

Window RecruitmentWindow(absl::CivilDay first, int months) {
  Window window{first, AddMonths(first, std::max(months, 0)), {}};
  if (window.end <= window.first) return window;
  const absl::CivilMonth last(window.end - 1);
  for (absl::CivilMonth month(first); month <= last; ++month) window.months.push_back(month);
  return window;
}

double OpenMonths(const Window& window, absl::CivilDay ready) {
  const absl::civil_diff_t days = window.end - std::max(window.first, ready);
  return days <= 0 ? 0.0 : static_cast<double>(days) / kDaysPerMonth;
}

std::string FormatMonth(absl::CivilMonth month) {
  return absl::StrFormat("%04d-%02d", month.year(), month.month());
}

std::optional<absl::CivilMonth> ParseMonth(absl::string_view text) {
  constexpr std::size_t kLength = 7;  // YYYY-MM
  constexpr std::size_t kDash = 4;
  if (text.size() != kLength || text[kDash] != '-') return std::nullopt;
  int numbers[] = {0, 0};
  for (std::size_t i = 0; i < kLength; ++i) {
    if (i == kDash) continue;
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
    int& number = numbers[i < kDash ? 0 : 1];
    number = number * 10 + (text[i] - '0');
  }
  if (numbers[1] < 1 || numbers[1] > 12) return std::nullopt;
  return absl::CivilMonth(numbers[0], numbers[1]);
}

}  // namespace trialgate::feasibility
