// The recruitment window of a request, and what of it a site can use.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_WINDOW_H_
#define TRIALGATE_SERVICES_FEASIBILITY_WINDOW_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"

namespace trialgate::feasibility {

// Average length of a calendar month over four years.
inline constexpr double kDaysPerMonth = 30.4375;

// The days from `first` to the day before `end`. Empty where `end` is not after `first`.
struct Window {
  absl::CivilDay first;
  absl::CivilDay end;
  // The calendar months that the window touches, "YYYY-MM", ascending.
  std::vector<std::string> months;
};

// The window of `months` calendar months from `first` on; empty for 0 or less. 1 March and one
// month is March alone; 31 January and one month ends before 28 (or 29) February.
Window RecruitmentWindow(absl::CivilDay first, int months);

// Months in which a site that is ready on `ready` can recruit: days from the later of `ready` and
// the window's first day to its end, over kDaysPerMonth; never below 0.
double OpenMonths(const Window& window, absl::CivilDay ready);

// So many days as months; never below 0.
inline double OpenMonthsOf(absl::civil_diff_t days) {
  return days <= 0 ? 0.0 : static_cast<double>(days) / kDaysPerMonth;
}

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_WINDOW_H_
