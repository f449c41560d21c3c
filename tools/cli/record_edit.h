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
  // Of what is given, only these fields; empty: see GiveRecord.
  std::vector<std::string> only = {};
  FormFlags form;
};

// Adds --set, --file and --edit.
void AddRecordFlags(CLI::App* command, RecordFlags* flags);

// Adds --only, for a command that changes a record.
void AddOnlyFlag(CLI::App* command, RecordFlags* flags);

// Reads what the flags give of a record that is now `current`: from the file, then from --set, or
// from a form prefilled with `current` where the editor is asked for, or nothing is given at a
// terminal. Calls `send` with what is given, in a message of the same kind, and with the names of
// the fields that differ from `current` (of a new record: that are given). A fault of usage where
// there are none, or a value is malformed; else what `send` answers.
//
// With a request id of `change` the call may be a retry, after which `current` is what the first
// one made of it: then the names are those of all fields that are given, without those of a file
// that no form asks for (names, etags and the like), and so the same each time; a form is no retry
// and names what differs. Without one, the words
// about a retry name the fields for --only where they are not all that were given.
absl::Status GiveRecord(
    Session& session, const RecordFlags& flags, const ChangeFlags& change, const FormSpec& form,
    const google::protobuf::Message& current,
    const std::function<absl::Status(const google::protobuf::Message& given,
                                     const std::vector<std::string>& changed)>& send);

// As GiveRecord, for messages of one kind.
template <typename Record, typename Send>
absl::Status Give(Session& session, const RecordFlags& flags, const ChangeFlags& change,
                  const FormSpec& form, const Record& current, Send send) {
  return GiveRecord(
      session, flags, change, form, current,
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
