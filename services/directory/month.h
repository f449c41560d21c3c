// Civil months as text: YYYY-MM, of the years that dates may have.
#ifndef TRIALGATE_SERVICES_DIRECTORY_MONTH_H_
#define TRIALGATE_SERVICES_DIRECTORY_MONTH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace trialgate::directory {

// The month that `text` names. INVALID_ARGUMENT, with a message fit for a field violation, unless
// it is four digits, '-', two digits and a month of a year from kFirstYear to kLastYear.
absl::StatusOr<absl::CivilMonth> ParseMonth(absl::string_view text);

// `month` as YYYY-MM.
std::string FormatMonth(absl::CivilMonth month);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_MONTH_H_
