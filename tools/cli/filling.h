// A message that a person fills in: in the editor, or from a file.
#ifndef TRIALGATE_TOOLS_CLI_FILLING_H_
#define TRIALGATE_TOOLS_CLI_FILLING_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "tools/cli/form.h"
#include "tools/cli/session.h"

namespace trialgate::cli {

// How often a form is opened at most until it is without fault.
inline constexpr int kMostOpenings = 10;

// Opens the form of `message` in the editor, reads what is typed into `filled`, a message of the
// same kind that is empty each time, and calls `send` with the names of the fields that the form
// has. Where the form or what `send` answers has faults of fields, the form is opened again with
// the faults at their lines; where it answers anything else, the form is kept in its file, whose
// name is noted. A fault of usage where the form is left empty, or the editor fails, or it is left
// as it was opened, unless `spec` says that it may be complete and the person wants it sent.
absl::Status FillIn(Session& session, const FormSpec& spec,
                    const google::protobuf::Message& message, google::protobuf::Message* filled,
                    const std::function<absl::Status(const std::vector<std::string>&)>& send);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_FILLING_H_
