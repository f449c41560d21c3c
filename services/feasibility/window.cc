#include "services/feasibility/window.h"

#include <algorithm>

#include "common/base/civil_date.h"
#include "services/directory/month.h"

namespace trialgate::feasibility {

Window RecruitmentWindow(absl::CivilDay first, int months) {
  Window window{first, AddMonths(first, std::max(months, 0)), {}};
  if (window.end <= window.first) return window;
  const absl::CivilMonth last(window.end - 1);
  for (absl::CivilMonth month(first); month <= last; ++month) {
    window.months.push_back(directory::FormatMonth(month));
  }
  return window;
}

double OpenMonths(const Window& window, absl::CivilDay ready) {
  return OpenMonthsOf(window.end - std::max(window.first, ready));
}

}  // namespace trialgate::feasibility
