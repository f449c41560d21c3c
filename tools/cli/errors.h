// Errors as a person at a terminal reads them, and exit codes by kind.
#ifndef TRIALGATE_TOOLS_CLI_ERRORS_H_
#define TRIALGATE_TOOLS_CLI_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace trialgate::cli {

// What the process ends with. Scripts rely on the numbers: they never change.
enum ExitCode : int {
  kOk = 0,
  kUnexpected = 1,       // internal or unexpected
  kUsage = 2,            // the command line, or a file that it names
  kInvalidArgument = 3,  // what was sent is at fault
  kNotFound = 4,         // no such resource, or not the caller's to see
  kRefusedState = 5,     // the state does not permit it
  kConflict = 6,         // someone was faster, or it exists already
  kNotPermitted = 7,     // no principal, or one that may not
  kUnavailable = 8,      // no answer in time, no server, or too much to do
  kTrailNotIntact = 9,   // the audit trail does not hold
};

// The exit codes, for --help.
std::string ExitCodeHelp();

// A fault of the command line or of a file that it names.
absl::Status UsageError(absl::string_view message);
// The same with every fault of `faults`, which is not empty.
absl::Status UsageError(const FieldFaults& faults);

// `status` with what to do about it, which is told in place of all other hints.
absl::Status WithHint(absl::Status status, absl::string_view hint);
// The hint that `status` carries, or an empty text.
std::string HintIn(const absl::Status& status);

ExitCode ExitCodeOf(const absl::Status& status);

// What to do next about an error of this reason; empty only for ERROR_REASON_UNSPECIFIED.
std::string HintOf(v1::ErrorReason reason);

// Whether the same call may succeed when it is made again as it is.
bool IsWorthRetrying(const absl::Status& status);

// The error in words: what is wrong, each fault on a line of its own and what to do next, which
// faults of usage say only where they carry a hint. Control characters do not get through. `status`
// is not OK.
std::string RenderError(const absl::Status& status);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_ERRORS_H_
