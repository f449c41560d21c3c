#include "common/base/civil_date.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/utf8.h"

namespace trialgate {
namespace {

// The number that `digits` are, all of them 0 to 9.
std::optional<int> Digits(absl::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// A date in the wrong form may be a long text: a message quotes its beginning only.
constexpr std::size_t kMaxQuoted = 20;

}  // namespace

absl::StatusOr<absl::CivilDay> ParseDate(absl::string_view text) {
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const auto year = shaped ? Digits(text.substr(0, 4)) : std::nullopt;
  const auto month = shaped ? Digits(text.substr(5, 2)) : std::nullopt;
  const auto day = shaped ? Digits(text.substr(8, 2)) : std::nullopt;
  if (!year || !month || !day) {
    return absl::InvalidArgumentError(absl::StrCat("must be a date in the form YYYY-MM-DD, not \"",
                                                   ShortenUtf8(text, kMaxQuoted), "\""));
  }
  if (*year < kFirstYear || *year > kLastYear) {
    return absl::InvalidArgumentError(absl::StrCat("must be a date in the years ", kFirstYear,
                                                   " to ", kLastYear, ", not ", text));
  }
  // CivilDay carries days and months that do not exist over into the next ones.
  const absl::CivilDay date(*year, *month, *day);
  if (date.month() != *month || date.day() != *day) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be a day that exists; there is no ", text));
  }
  return date;
}

std::string FormatDate(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

absl::CivilDay TodayIn(const Clock& clock, absl::TimeZone zone) {
  return absl::ToCivilDay(clock.Now(), zone);
}

absl::CivilDay AddMonths(absl::CivilDay day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return day.day() > last.day() ? last : absl::CivilDay(month.year(), month.month(), day.day());
}

}  // namespace trialgate
