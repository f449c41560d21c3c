// Verbs that all records of the directory have: create and edit.
#ifndef TRIALGATE_TOOLS_CLI_RECORD_VERBS_H_
#define TRIALGATE_TOOLS_CLI_RECORD_VERBS_H_

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/field_mask_util.h"
#include "tools/cli/commands.h"
#include "tools/cli/record_edit.h"
#include "tools/cli/watch.h"

namespace trialgate::cli {

// How a record of one kind is read, asked for and shown.
template <typename Record>
struct RecordKind {
  // "site", and what its name is: "Name or id of the site".
  std::string word;
  std::string name_help;
  std::function<absl::StatusOr<Record>(Session&, const std::string& given)> get;
  FormSpec (*form)(const std::string& what);
  std::function<std::string(const Record&, const Screen&)> render;
};

// What the id of a new record may be.
inline constexpr char kNewIdHelp[] = "1 to 63 lower-case letters, digits, hyphens";

// "a site", "an organization".
inline std::string WithArticle(const std::string& word) {
  const bool vowel = std::string("aeiou").find(word.front()) != std::string::npos;
  return (vowel ? "an " : "a ") + word;
}

struct RecordOptions {
  std::string name;
  RecordFlags record;
  ChangeFlags change;
};

// Adds "list" for a method that lists everything; `example` as in AddListFlags.
template <typename Request, typename Render>
void AddPlainList(CLI::App* group, Session& session, const std::string& words,
                  absl::string_view example, Render render) {
  // A directory is small; all of it is wanted, mostly.
  constexpr int kListLimit = 2000;
  const auto flags = std::make_shared<ListFlags>(ListFlags{.limit = kListLimit});
  CLI::App* command = group->add_subcommand("list", words);
  AddListFlags(command, flags.get(), example);
  AddWatchFlag(command, flags.get());
  OnCall(command, session, [&session, flags, render]() -> absl::Status {
    if (flags->watch) {
      ABSL_RETURN_IF_ERROR(CheckWatch(*flags));
      using List = std::remove_cvref_t<decltype(*session.client().Call(Request()))>;
      // The field of the list is named as the one of the stream, and as the collection.
      const std::string kind = List::descriptor()->FindFieldByNumber(1)->name();
      return WatchDirectoryRecords(session, kind, kind + "/");
    }
    ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, Request(), *flags));
    session.Show(list, render(list, session.screen()));
    return absl::OkStatus();
  });
}

// Adds "show" for a record that is shown by itself.
template <typename Record>
void AddPlainShow(CLI::App* group, Session& session, const RecordKind<Record>& kind) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command = group->add_subcommand("show", "Show " + WithArticle(kind.word));
  command->add_option("NAME", *name, kind.name_help)->required();
  OnCall(command, session, [&session, kind, name]() -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const Record found, kind.get(session, *name));
    session.Show(found, kind.render(found, session.screen()));
    return absl::OkStatus();
  });
}

// Shows what a change made of a record.
template <typename Record>
absl::Status ShowChanged(Session& session, const RecordKind<Record>& kind,
                         const ChangeFlags& change, const Record& record) {
  NoteIfOnlyChecked(session, change);
  session.Show(record, kind.render(record, session.screen()));
  return absl::OkStatus();
}

template <typename Update, typename Record>
absl::Status EditRecord(Session& session, const RecordKind<Record>& kind,
                        Record* (Update::*mutable_record)(), const RecordOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const Record current, kind.get(session, options.name));
  const auto send = [&](const Record& given,
                        const std::vector<std::string>& changed) -> absl::Status {
    Update request;
    for (const std::string& field : changed) request.mutable_update_mask()->add_paths(field);
    Record* const record = (request.*mutable_record)();
    google::protobuf::util::FieldMaskUtil::MergeMessageTo(given, request.update_mask(), {}, record);
    record->set_name(current.name());
    // What others changed since it was read must not be lost.
    record->set_etag(options.change.etag.empty() ? current.etag() : options.change.etag);
    request.set_request_id(session.RequestId(options.change, record->etag()));
    request.set_validate_only(options.change.validate_only);
    ABSL_ASSIGN_OR_RETURN(const Record updated, session.client().Call(request));
    if (options.change.validate_only) {
      const std::vector<std::string> differ = Differing(current, updated, changed);
      session.Note("Would change: " + (differ.empty() ? std::string("nothing") : Joined(differ)));
    }
    return ShowChanged(session, kind, options.change, updated);
  };
  return Give(session, options.record, options.change,
              kind.form("The " + kind.word + " " + current.name()), current, send);
}

// Adds "edit", which sends an `Update` with what differs from the record as it is.
template <typename Update, typename Record>
void AddEdit(CLI::App* group, Session& session, const RecordKind<Record>& kind,
             Record* (Update::*mutable_record)()) {
  const auto options = std::make_shared<RecordOptions>();
  CLI::App* command = group->add_subcommand("edit", "Change fields of " + WithArticle(kind.word));
  command->add_option("NAME", options->name, kind.name_help)->required();
  AddRecordFlags(command, &options->record);
  AddOnlyFlag(command, &options->record);
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, kind, mutable_record, options] {
    return EditRecord(session, kind, mutable_record, *options);
  });
}

// Adds "create" (or another `verb`), which sends a `Create` with the record that is given;
// `prepare` sets the id, and the parent where it has one, of what stands as `name`.
template <typename Create, typename Record>
void AddCreate(CLI::App* group, Session& session, const RecordKind<Record>& kind,
               Record* (Create::*mutable_record)(), const std::string& verb,
               const std::string& name, const std::string& name_help,
               std::function<absl::Status(const RecordOptions&, Create*)> prepare) {
  const auto options = std::make_shared<RecordOptions>();
  CLI::App* command = group->add_subcommand(verb, "Create " + WithArticle(kind.word));
  command->add_option(name, options->name, name_help)->required();
  AddRecordFlags(command, &options->record);
  AddChangeFlags(command, &options->change, /*with_etag=*/false);
  OnCall(command, session, [&session, kind, mutable_record, prepare, options] {
    const auto send = [&](const Record& given,
                          const std::vector<std::string>& changed) -> absl::Status {
      Create request;
      *(request.*mutable_record)() = given;
      ABSL_RETURN_IF_ERROR(prepare(*options, &request));
      SetChange(session, options->change, &request);
      ABSL_ASSIGN_OR_RETURN(const Record created, session.client().Call(request));
      return ShowChanged(session, kind, options->change, created);
    };
    return Give(session, options->record, options->change,
                kind.form("A new " + kind.word + ": " + options->name), Record(), send);
  });
}

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_RECORD_VERBS_H_
