#include "tools/cli/record_edit.h"

#include <algorithm>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/field_mask_util.h"
#include "tools/cli/errors.h"
#include "tools/cli/files.h"
#include "tools/cli/filling.h"
#include "tools/cli/yaml.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

using google::protobuf::Message;

// `message` with nothing but `field`.
std::string OnlyField(const Message& message, const std::string& field) {
  google::protobuf::FieldMask mask;
  mask.add_paths(field);
  const std::unique_ptr<Message> only(message.New());
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(message, mask, {}, only.get());
  return only->SerializeAsString();
}

// Lines of YAML for "field=value": a text as it is, a list or fields as they are written.
absl::StatusOr<std::string> SetAsYaml(const std::vector<std::string>& set) {
  std::string yaml;
  for (const std::string& text : set) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return UsageError(absl::StrCat("--set \"", text, "\" must be FIELD=VALUE"));
    }
    const std::string value = text.substr(equals + 1);
    const bool nested = absl::StartsWith(value, "[") || absl::StartsWith(value, "{");
    absl::StrAppend(&yaml, text.substr(0, equals), ": ", nested ? value : YamlScalar(value), "\n");
  }
  return yaml;
}

absl::Status ReadSet(const std::vector<std::string>& set, Message* given,
                     std::vector<std::string>* named) {
  ABSL_ASSIGN_OR_RETURN(const std::string yaml, SetAsYaml(set));
  FieldFaults faults;
  const std::unique_ptr<Message> read(given->New());
  const std::vector<std::string> fields = ReadYaml(yaml, read.get(), &faults);
  if (!faults.empty()) return UsageError(faults);
  google::protobuf::FieldMask mask;
  for (const std::string& field : fields) mask.add_paths(field);
  // A flag takes the place of what the file says.
  google::protobuf::util::FieldMaskUtil::MergeOptions replace;
  replace.set_replace_message_fields(true);
  replace.set_replace_repeated_fields(true);
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(*read, mask, replace, given);
  named->insert(named->end(), fields.begin(), fields.end());
  return absl::OkStatus();
}

// The fields to send of those that are given.
absl::StatusOr<std::vector<std::string>> FieldsToSend(const RecordFlags& flags, bool may_be_retry,
                                                      const FormSpec& form, const Message& current,
                                                      const Message& given,
                                                      const std::vector<std::string>& named) {
  const std::set<std::string> all(named.begin(), named.end());
  if (!flags.only.empty()) {
    for (const std::string& field : flags.only) {
      if (all.count(field) == 0) return UsageError(absl::StrCat("--only ", field, ": not given"));
    }
    return flags.only;
  }
  if (!may_be_retry) return Differing(current, given, named);
  std::vector<std::string> fields;
  for (const std::string& field : all) {
    const bool is_set =
        std::any_of(flags.set.begin(), flags.set.end(),
                    [&](const std::string& text) { return absl::StartsWith(text, field + "="); });
    if (form.hidden.count(field) == 0 || is_set) fields.push_back(field);
  }
  return fields;
}

}  // namespace

void AddOnlyFlag(CLI::App* command, RecordFlags* flags) {
  command->add_option("--only", flags->only, "Of what is given, only these fields: A,B")
      ->delimiter(',');
}

void AddRecordFlags(CLI::App* command, RecordFlags* flags) {
  AddRepeated(command, "--set", &flags->set,
              "FIELD=VALUE, the field named as in the API; of a list [A, B]; empty: cleared");
  command->add_option("--file", flags->form.file,
                      "The record as proto3 JSON or YAML; - is standard input");
  AddEditFlag(command, &flags->form);
}

std::vector<std::string> Differing(const Message& before, const Message& after,
                                   const std::vector<std::string>& fields) {
  std::vector<std::string> differing;
  for (const std::string& field : std::set<std::string>(fields.begin(), fields.end())) {
    if (OnlyField(before, field) != OnlyField(after, field)) differing.push_back(field);
  }
  return differing;
}

absl::Status GiveRecord(
    Session& session, const RecordFlags& flags, const ChangeFlags& change, const FormSpec& form,
    const Message& current,
    const std::function<absl::Status(const Message&, const std::vector<std::string>&)>& send) {
  const std::unique_ptr<Message> given(current.New());
  const bool by_form = WantsForm(session, flags.form, !flags.set.empty());
  const bool may_be_retry = !change.request_id.empty() && !by_form;
  const auto send_changed = [&](const std::vector<std::string>& named) -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> fields,
                          FieldsToSend(flags, may_be_retry, form, current, *given, named));
    if (fields.empty()) return UsageError("nothing is changed by it: nothing was sent");
    const std::set<std::string> all(named.begin(), named.end());
    const bool is_new = current.ByteSizeLong() == 0;
    if (!is_new && fields.size() != all.size()) {
      session.set_retry_flags(absl::StrCat("--only ", absl::StrJoin(fields, ",")));
    }
    return send(*given, fields);
  };
  if (by_form) {
    return FillIn(session, form, current, given.get(), send_changed);
  }
  std::vector<std::string> named;
  if (!flags.form.file.empty()) {
    ABSL_ASSIGN_OR_RETURN(named, ReadMessage(flags.form.file, session.in(), given.get()));
  }
  ABSL_RETURN_IF_ERROR(ReadSet(flags.set, given.get(), &named));
  if (named.empty()) return UsageError("say what to set: --set, --file or --edit");
  return send_changed(named);
}

}  // namespace trialgate::cli
