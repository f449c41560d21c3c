// Records that are created and changed: what is given of them, by flags, in a file, or in a form.
#ifndef TRIALGATE_TOOLS_CLI_RECORD_EDIT_H_
#define TRIALGATE_TOOLS_CLI_RECORD_EDIT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "tools/cli/commands.h"
#include "tools/cli/form.h"
#include "tools/cli/session.h"

namespace trialgate::cli {

// The flags of a command that creates or changes a record.
struct RecordFlags {
  // "field=value"; the value of a list or of fields is YAML: "specialities=[urologi, kardiologi]".
  std::vector<std::string> set;
  FormFlags form;
};

// Adds --set, --file and --edit.
void AddRecordFlags(CLI::App* command, RecordFlags* flags);

// Reads what the flags give of a record that is now `current`: from the file, then from --set, or
// from a form prefilled with `current` where the editor is asked for, or nothing is given at a
// terminal. Calls `send` with what is given, in a message of the same kind, and with the names of
// the fields that differ from `current` (of a new record: that are given). A fault of usage where
// there are none, or a value is malformed; else what `send` answers.
absl::Status GiveRecord(
    Session& session, const RecordFlags& flags, const FormSpec& form,
    const google::protobuf::Message& current,
    const std::function<absl::Status(const google::protobuf::Message& given,
                                     const std::vector<std::string>& changed)>& send);

// As GiveRecord, for messages of one kind.
template <typename Record, typename Send>
absl::Status Give(Session& session, const RecordFlags& flags, const FormSpec& form,
                  const Record& current, Send send) {
  return GiveRecord(
      session, flags, form, current,
      [&](const google::protobuf::Message& given, const std::vector<std::string>& changed) {
        return send(static_cast<const Record&>(given), changed);
      });
}

// Those of `fields` that differ between the two messages, which are of one kind.
std::vector<std::string> Differing(const google::protobuf::Message& before,
                                   const google::protobuf::Message& after,
                                   const std::vector<std::string>& fields);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_RECORD_EDIT_H_
