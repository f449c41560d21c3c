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

namespace trialgate::cli {

// Each adds its commands to `app`; they act on `session`, which outlives `app`.
void AddRequestCommands(CLI::App& app, Session& session);
void AddRequestImportCommand(CLI::App& group, Session& session);
void AddFeasibilityCommands(CLI::App& app, Session& session);
void AddReferralCommands(CLI::App& app, Session& session);
void AddRegionAndDeskCommands(CLI::App& app, Session& session);
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

// The flags of a command that changes something.
inline void AddChangeFlags(CLI::App* command, ChangeFlags* flags, bool with_etag = true) {
  command->add_option("--request-id", flags->request_id,
                      "Makes a retry safe: the same id again returns the first answer");
  if (with_etag) {
    command->add_option("--etag", flags->etag, "Only if this still is the version");
  }
  command->add_flag("--validate-only", flags->validate_only, "Only check; change nothing");
}

// Says so where the answer shows what would have been.
inline void NoteIfOnlyChecked(Session& session, const ChangeFlags& flags) {
  if (flags.validate_only) session.Note("Only checked: nothing was changed.");
}

// A repeatable flag that takes one value each time.
inline CLI::Option* AddRepeated(CLI::App* command, const std::string& name,
                                std::vector<std::string>* values, const std::string& words) {
  return command->add_option(name, *values, words)->allow_extra_args(false);
}

// The flag of commands that list.
inline void AddLimit(CLI::App* command, int* limit) {
  command->add_option("--limit", *limit, "List at most so many; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

// Lists page by page until there are no more, or `limit` elements (0: no limit); says on stderr if
// there are more. The answer is one message with all elements.
template <typename Request>
auto ListAll(Session& session, Request request, int limit)
    -> decltype(session.client().Call(request)) {
  constexpr int kLargestPage = 1000;
  std::remove_cvref_t<decltype(*session.client().Call(request))> all;
  // The elements are the first field of every list's answer.
  const auto* elements = all.GetDescriptor()->FindFieldByNumber(1);
  while (true) {
    const int have = all.GetReflection()->FieldSize(all, elements);
    request.set_page_size(limit == 0 ? kLargestPage : std::min(kLargestPage, limit - have));
    auto page = session.client().Call(request);
    if (!page.ok()) return page.status();
    const bool stuck = page->next_page_token() == request.page_token();
    request.set_page_token(page->next_page_token());
    all.MergeFrom(*page);
    all.set_next_page_token(page->next_page_token());
    const int size = all.GetReflection()->FieldSize(all, elements);
    if (page->next_page_token().empty() || stuck) break;
    if (limit > 0 && size >= limit) {
      session.Note("There are more: --limit 0 lists all.");
      break;
    }
  }
  if (all.GetReflection()->FieldSize(all, elements) == 0) session.Note("There are none.");
  return all;
}

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_COMMANDS_H_
