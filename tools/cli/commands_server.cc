#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

constexpr char kNotRecorded[] =
    "NOT RECORDED in the audit trail: the store takes no commits. Note it down elsewhere.";

absl::Status ShowStatus(Session& session) {
  ABSL_ASSIGN_OR_RETURN(const v1::ServerStatus status,
                        session.client().Call(v1::GetServerStatusRequest()));
  session.Show(status, RenderServerStatus(status, session.screen()));
  return absl::OkStatus();
}

absl::Status Drain(Session& session, const std::string& reason) {
  v1::DrainRequest request;
  request.set_reason(reason);
  ABSL_ASSIGN_OR_RETURN(const v1::DrainResponse response, session.client().Call(request));
  session.Show(response, response.already_draining()
                             ? "The server was draining already.\n"
                             : "The server says from now on that it wants no calls.\n");
  if (!response.recorded()) session.Note(kNotRecorded);
  return absl::OkStatus();
}

absl::Status SetLogLevel(Session& session, const std::string& level, const std::string& reason) {
  v1::SetLogLevelRequest request;
  const auto wanted = ParseWord<v1::LogLevel>(level);
  if (!wanted.ok()) return UsageError(wanted.status().message());
  request.set_log_level(*wanted);
  request.set_reason(reason);
  ABSL_ASSIGN_OR_RETURN(const v1::SetLogLevelResponse response, session.client().Call(request));
  session.Show(response, absl::StrCat("The log's level is ", Word(*wanted), "; it was ",
                                      Word(response.previous_level()), ".\n"));
  if (!response.recorded()) session.Note(kNotRecorded);
  return absl::OkStatus();
}

absl::Status Backup(Session& session, const std::string& name, const std::string& reason) {
  v1::BackupRequest request;
  request.set_name(name);
  request.set_reason(reason);
  ABSL_ASSIGN_OR_RETURN(const v1::BackupResponse response, session.client().Call(request));
  session.Show(response, RenderBackup(response, session.screen()));
  session.Note("Move it to another machine, and keep the head apart from it to verify it by.");
  if (!response.recorded()) session.Note(kNotRecorded);
  return absl::OkStatus();
}

void AddReason(CLI::App* command, std::string* reason, bool required) {
  command->add_option("--reason", *reason, "Why, for the audit trail")->required(required);
}

}  // namespace

void AddServerCommands(CLI::App& app, Session& session) {
  CLI::App* group =
      AddGroup(app, "server", "Run the server; --server names its listener for operators");
  CLI::App* status = group->add_subcommand("status", "Show how the server is");
  OnCall(status, session, [&session] { return ShowStatus(session); });

  const auto reason = std::make_shared<std::string>();
  CLI::App* drain =
      group->add_subcommand("drain", "Say that the server wants no calls, until it ends");
  AddReason(drain, reason.get(), true);
  OnCall(drain, session, [&session, reason] { return Drain(session, *reason); });

  const auto level = std::make_shared<std::string>();
  CLI::App* log_level =
      group->add_subcommand("log-level", "Set the least level that is logged, until it ends");
  log_level->add_option("LEVEL", *level, Choices(*v1::LogLevel_descriptor()))->required();
  AddReason(log_level, reason.get(), false);
  OnCall(log_level, session,
         [&session, level, reason] { return SetLogLevel(session, *level, *reason); });

  const auto name = std::make_shared<std::string>();
  CLI::App* backup = group->add_subcommand(
      "backup", "Copy the store into a new folder below the server's backup folder");
  backup->add_option("NAME", *name, "The folder's name: lower-case letters, digits, hyphens")
      ->required();
  AddReason(backup, reason.get(), false);
  OnCall(backup, session, [&session, name, reason] { return Backup(session, *name, *reason); });
}

}  // namespace trialgate::cli
