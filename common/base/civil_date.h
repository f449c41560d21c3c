// Civil dates as text: YYYY-MM-DD, from 1900-01-01 to 2199-12-31.
#ifndef TRIALGATE_COMMON_BASE_CIVIL_DATE_H_
#define TRIALGATE_COMMON_BASE_CIVIL_DATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace trialgate {

inline constexpr int kFirstYear = 1900;
inline constexpr int kLastYear = 2199;

// The day that `text` names. INVALID_ARGUMENT, with a message fit for a field violation, unless it
// is four digits, '-', two digits, '-', two digits and a day that exists in a year of the range:
// "2026-02-30", "2026-1-05", " 2026-01-05" and "" are refused.
absl::StatusOr<absl::CivilDay> ParseDate(absl::string_view text);

// `day` as YYYY-MM-DD. For years of the range only; ParseDate reads it back.
std::string FormatDate(absl::CivilDay day);

// The day that it is now in `zone`.
absl::CivilDay TodayIn(const Clock& clock, absl::TimeZone zone);

// The day `months` calendar months after `day` (before, when negative): the same day of the month,
// or the month's last day where that day does not exist (31 January + 1 is 28 or 29 February).
absl::CivilDay AddMonths(absl::CivilDay day, int months);

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_CIVIL_DATE_H_
