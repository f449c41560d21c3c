#include "services/directory/month.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/civil_date.h"
#include "common/base/utf8.h"

namespace trialgate::directory {

absl::StatusOr<absl::CivilMonth> ParseMonth(absl::string_view text) {
  // A month has the form of its first day without the day.
  const auto day = ParseDate(absl::StrCat(text, "-01"));
  if (!day.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("must be a month in the form YYYY-MM, years ",
                                                   kFirstYear, " to ", kLastYear, ", not \"",
                                                   ShortenUtf8(text, 20), "\""));
  }
  return absl::CivilMonth(*day);
}

std::string FormatMonth(absl::CivilMonth month) {
  return absl::StrFormat("%04d-%02d", month.year(), month.month());
}

}  // namespace trialgate::directory
