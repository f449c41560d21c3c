// The commands, a function for each group; what they have in common.
#ifndef TRIALGATE_TOOLS_CLI_COMMANDS_H_
#define TRIALGATE_TOOLS_CLI_COMMANDS_H_

#include <algorithm>
#include <string>

#include "CLI/App.hpp"
#include "CLI/Formatter.hpp"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "tools/cli/session.h"
#include "tools/cli/words.h"

namespace trialgate::cli {

// Each adds its commands to `app`; they act on `session`, which outlives `app`.
void AddRequestCommands(CLI::App& app, Session& session);
void AddRequestImportCommand(CLI::App& group, Session& session);
void AddFeasibilityCommands(CLI::App& app, Session& session);
void AddWhatIfCommands(CLI::App& group, Session& session);
void AddReferralCommands(CLI::App& app, Session& session);
void AddRegionCommands(CLI::App& app, Session& session);
void AddDeskCommands(CLI::App& app, Session& session);
void AddContactCommands(CLI::App& app, Session& session);
void AddReviewCommands(CLI::App& app, Session& session);
void AddSiteCommands(CLI::App& app, Session& session);
void AddOrganizationCommands(CLI::App& app, Session& session);
void AddPackCommands(CLI::App& app, Session& session);
void AddAuditCommands(CLI::App& app, Session& session);
void AddCdaCommands(CLI::App& app, Session& session);
void AddPersonCommands(CLI::App& app, Session& session);
void AddServerCommands(CLI::App& app, Session& session);
void AddAuditExportCommands(CLI::App& group, Session& session);
void AddConfigCommands(CLI::App& app, Session& session);
void AddAuthCommands(CLI::App& app, Session& session);
void AddLoginCommands(CLI::App& app, Session& session);
void AddCompletionCommands(CLI::App& app, Session& session);

// Each adds its commands to the group of which they are.
void AddReferralWorkCommands(CLI::App& group, Session& session);
void AddReferralSiteCommand(CLI::App& group, Session& session);
// `inbox`, and `referral list` (commands_inbox.cc).
void AddInboxCommand(CLI::App& app, Session& session);
void AddReferralListCommand(CLI::App& group, Session& session);
void AddHandOverCommand(CLI::App& group, Session& session);
void AddFurtherDeskCommand(CLI::App& group, Session& session);
void AddDeskEndCommand(CLI::App& group, Session& session);
void AddRegionEndCommand(CLI::App& group, Session& session);
void AddSiteEditCommands(CLI::App& group, Session& session);
void AddPackExperienceCommand(CLI::App& group, Session& session);

struct ListFlags;

// Shows the contacts of a desk.
absl::Status ListContactsOf(Session& session, const std::string& desk, const ListFlags& flags);

// Submits `request` and shows its name and report. Used by `request submit` and `request import
// --submit`.
absl::Status SubmitAndShow(Session& session, const v1::TrialRequest& request,
                           const ChangeFlags& change);

// A group of commands, of which one must be given.
inline CLI::App* AddGroup(CLI::App& app, const std::string& name, const std::string& words) {
  CLI::App* group = app.add_subcommand(name, words);
  group->require_subcommand(1);
  group->fallthrough();
  return group;
}

// A command that does `action` once the whole command line is understood. `action` owns what it
// needs.
template <typename Action>
void OnCall(CLI::App* command, Session& session, Action action) {
  command->fallthrough();
  command->callback([&session, action] { session.Choose(action, /*calls_server=*/true); });
}

// The same for a command that needs no server.
template <typename Action>
void OnLocalCall(CLI::App* command, Session& session, Action action) {
  command->fallthrough();
  command->callback([&session, action] { session.Choose(action, /*calls_server=*/false); });
}

// Completion offers the choices of `type` for the values of `option`.
inline CLI::Option* Offer(Session& session, CLI::Option* option,
                          const google::protobuf::EnumDescriptor& type) {
  session.known_values()[option] = ChoiceList(type);
  return option;
}

// The flags of a command that a form can fill in.
struct FormFlags {
  // A file with the message; empty: none.
  std::string file = {};
  bool edit = false;
};

inline void AddEditFlag(CLI::App* command, FormFlags* flags) {
  command->add_flag("--edit", flags->edit,
                    "Fill it in as a form in the editor ($VISUAL, $EDITOR, or `editor`)");
}

// Whether to open the form: asked for, or nothing is given and a person sits at the terminal.
inline bool WantsForm(const Session& session, const FormFlags& flags, bool is_given) {
  const Terminal& terminal = session.terminal();
  return flags.edit || (!is_given && flags.file.empty() && terminal.in && terminal.out);
}

// The flags of a command that changes something.
inline void AddChangeFlags(CLI::App* command, ChangeFlags* flags, bool with_etag = true) {
  command->add_option("--request-id", flags->request_id,
                      "Makes a retry safe: the same id again returns the first answer");
  if (with_etag) {
    command->add_option("--etag", flags->etag, "Only if this still is the version");
  }
  command->add_flag("--dry-run,--validate-only", flags->validate_only,
                    "Only check, and show what would be; change nothing");
}

// Sets what the flags say of the etag, the request id and checking only, in the fields that
// `request` has.
template <typename Request>
void SetChange(Session& session, const ChangeFlags& flags, Request* request) {
  if constexpr (requires { request->set_etag(""); }) {
    if (!flags.etag.empty()) request->set_etag(flags.etag);
  }
  request->set_request_id(session.RequestId(flags));
  if constexpr (requires { request->set_validate_only(true); }) {
    request->set_validate_only(flags.validate_only);
  }
}

// Says so where the answer shows what would have been.
inline void NoteIfOnlyChecked(Session& session, const ChangeFlags& flags) {
  if (flags.validate_only) {
    session.Note("Dry run: only checked, nothing was changed. It would be:");
  }
}

// A repeatable flag that takes one value each time.
inline CLI::Option* AddRepeated(CLI::App* command, const std::string& name,
                                std::vector<std::string>* values, const std::string& words) {
  return command->add_option(name, *values, words)->allow_extra_args(false);
}

// The flags of commands that list.
struct ListFlags {
  // 0: all.
  int limit = 200;
  std::string filter = {};
  std::string order_by = {};
  bool watch = false;
};

// Adds --watch for a list of the directory.
inline void AddWatchFlag(CLI::App* command, ListFlags* flags) {
  command->add_flag(
      "--watch", flags->watch,
      "Go on with a line for each change, until Ctrl-C; knows no other flag of lists");
}

// A fault of usage where --watch stands beside what it does not know.
inline absl::Status CheckWatch(const ListFlags& flags) {
  if (flags.filter.empty() && flags.order_by.empty()) return absl::OkStatus();
  return UsageError("--watch knows no --filter and no --order-by");
}

inline void AddLimit(CLI::App* command, int* limit) {
  command->add_option("--limit", *limit, "List at most so many; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

// `example` is a filter of fields that this list compares.
inline void AddListFlags(CLI::App* command, ListFlags* flags, absl::string_view example,
                         bool with_order = true) {
  AddLimit(command, &flags->limit);
  command->add_option("--filter", flags->filter,
                      absl::StrCat("Only those that meet comparisons joined by AND, of fields of "
                                   "the API: '",
                                   example, "'"));
  if (with_order) {
    command->add_option(
        "--order-by", flags->order_by,
        "In this order: fields of the API, separated by commas, each with \" desc\" "
        "for the greatest first");
  }
}

// Lists page by page until there are no more, or as many as `flags` say; says on stderr if there
// are more. The answer is one message with all elements.
template <typename Request>
auto ListAll(Session& session, Request request, const ListFlags& flags)
    -> decltype(session.client().Call(request)) {
  constexpr int kLargestPage = 1000;
  if constexpr (requires { request.set_filter(""); }) request.set_filter(flags.filter);
  if constexpr (requires { request.set_order_by(""); }) request.set_order_by(flags.order_by);
  std::remove_cvref_t<decltype(*session.client().Call(request))> all;
  // The elements are the first field of every list's answer.
  const auto* elements = all.GetDescriptor()->FindFieldByNumber(1);
  while (true) {
    const int have = all.GetReflection()->FieldSize(all, elements);
    request.set_page_size(flags.limit == 0 ? kLargestPage
                                           : std::min(kLargestPage, flags.limit - have));
    auto page = session.client().Call(request);
    if (!page.ok()) return page.status();
    const bool stuck = page->next_page_token() == request.page_token();
    request.set_page_token(page->next_page_token());
    all.MergeFrom(*page);
    all.set_next_page_token(page->next_page_token());
    const int size = all.GetReflection()->FieldSize(all, elements);
    if (page->next_page_token().empty() || stuck) break;
    if (flags.limit > 0 && size >= flags.limit) {
      session.Note("There are more: --limit 0 lists all.");
      break;
    }
  }
  if (all.GetReflection()->FieldSize(all, elements) == 0) session.Note("There are none.");
  return all;
}

template <typename Request>
auto ListAll(Session& session, Request request, int limit) {
  return ListAll(session, request, ListFlags{.limit = limit});
}

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_COMMANDS_H_
