#include "services/directory/validity.h"

#include "common/base/civil_date.h"

namespace trialgate::directory {

Validity ValidityOn(absl::string_view valid_from, absl::string_view valid_to, absl::CivilDay day) {
  if (valid_from.empty() && valid_to.empty()) return Validity::kValid;
  // ISO dates of four-digit years order as text.
  const std::string date = FormatDate(day);
  if (!valid_from.empty() && date < valid_from) return Validity::kNotYet;
  if (!valid_to.empty() && date > valid_to) return Validity::kEnded;
  return Validity::kValid;
}

}  // namespace trialgate::directory
