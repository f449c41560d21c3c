// Values of the API's messages as the text format writes them, in words for people.
#ifndef TRIALGATE_TOOLS_CLI_READABLE_VALUE_H_
#define TRIALGATE_TOOLS_CLI_READABLE_VALUE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace trialgate::cli {

// "sample" for "SOURCE_KIND_SAMPLE"; "median days 84, source (kind sample)" for a message in the
// text format's one line. Anything else is text already, and stays as it is.
std::string ReadableValue(absl::string_view value);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_READABLE_VALUE_H_
