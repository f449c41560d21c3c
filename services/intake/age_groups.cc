#include "services/intake/age_groups.h"

#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace trialgate::intake {
namespace {

constexpr double kDaysPerYear = 365.25;
constexpr double kMaxAgeDays = 150 * kDaysPerYear;
constexpr double kAdultFrom = kAdultFromYears * kDaysPerYear;
constexpr double kOlderAdultFrom = kOlderAdultFromYears * kDaysPerYear;

constexpr std::array<std::pair<absl::string_view, double>, 6> kUnits = {{
    {"year", kDaysPerYear},
    {"month", kDaysPerYear / 12},
    {"week", 7},
    {"day", 1},
    {"hour", 1.0 / 24},
    {"minute", 1.0 / (24 * 60)},
}};

absl::Status Malformed() {
  return absl::InvalidArgumentError(
      "must be a number and a unit such as \"18 Years\" or \"6 Months\", at most 150 years");
}

}  // namespace

absl::StatusOr<double> ParseAge(absl::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::AsciiStrToLower(text), ' ', absl::SkipEmpty());
  std::int64_t number = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &number) || number < 0) return Malformed();
  for (const auto& [unit, days] : kUnits) {
    if (absl::StripSuffix(parts[1], "s") != unit) continue;
    const double age = static_cast<double>(number) * days;
    if (age > kMaxAgeDays) return Malformed();
    return age;
  }
  return Malformed();
}

bool IsReadAsUntilAdulthood(std::optional<double> least, std::optional<double> greatest) {
  return greatest == kAdultFrom && least.value_or(0) < kAdultFrom;
}

std::vector<v1::AgeGroup> AgeGroupsWithin(std::optional<double> least,
                                          std::optional<double> greatest) {
  const double from = least.value_or(0);
  const double to = greatest.value_or(kMaxAgeDays);
  std::vector<v1::AgeGroup> groups;
  if (from < kAdultFrom) groups.push_back(v1::AGE_GROUP_CHILD);
  if (from < kOlderAdultFrom && to >= kAdultFrom && !IsReadAsUntilAdulthood(least, greatest)) {
    groups.push_back(v1::AGE_GROUP_ADULT);
  }
  if (to >= kOlderAdultFrom) groups.push_back(v1::AGE_GROUP_OLDER_ADULT);
  return groups;
}

absl::string_view AgeGroupInWords(v1::AgeGroup group) {
  switch (group) {
    case v1::AGE_GROUP_CHILD:
      return "child";
    case v1::AGE_GROUP_ADULT:
      return "adult";
    case v1::AGE_GROUP_OLDER_ADULT:
      return "older adult";
    default:
      return "unknown";
  }
}

}  // namespace trialgate::intake
