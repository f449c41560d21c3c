// Age groups from the ages that a study record states.
#ifndef TRIALGATE_SERVICES_INTAKE_AGE_GROUPS_H_
#define TRIALGATE_SERVICES_INTAKE_AGE_GROUPS_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trialgate/v1/types.pb.h"

namespace trialgate::intake {

// First year of life of an adult and of an older adult.
inline constexpr int kAdultFromYears = 18;
inline constexpr int kOlderAdultFromYears = 65;

// An age in days, each unit as 365.25, 30.4375, 7 and 1 days. ParseAge("18 Years") is 6574.5.
// INVALID_ARGUMENT, with a message fit for a field violation, unless it is a number from 0 to 150
// years and a unit from years to minutes, in any case and number.
absl::StatusOr<double> ParseAge(absl::string_view text);

// The age groups that have a member within the limits, both inclusive; an absent limit is none. A
// greatest age of exactly 18 years, the least being below, is read as "until the 18th birthday":
// children only. `least` is not above `greatest`.
std::vector<v1::AgeGroup> AgeGroupsWithin(std::optional<double> least,
                                          std::optional<double> greatest);

// Whether the reading "until the 18th birthday" was made.
bool IsReadAsUntilAdulthood(std::optional<double> least, std::optional<double> greatest);

// "child", "adult", "older adult".
absl::string_view AgeGroupInWords(v1::AgeGroup group);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_AGE_GROUPS_H_
