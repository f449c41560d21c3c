// What the server says of states and months, as people say it.
#ifndef TRIALGATE_TOOLS_CLI_ERROR_WORDS_H_
#define TRIALGATE_TOOLS_CLI_ERROR_WORDS_H_

#include <string>

#include "absl/status/status.h"

namespace trialgate::cli {

// The message of `status`, its state and event in words where the state is wrong: "is withdrawn"
// for "is WITHDRAWN". Cleaned.
std::string MessageInWords(const absl::Status& status);

// "full in 2027-01 to 2027-06, 2027-09" for a list of each of the months; other words as they are.
std::string WithMonthSpans(const std::string& words);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_ERROR_WORDS_H_
