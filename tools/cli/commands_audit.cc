#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"
#include "tools/cli/audit_files.h"
#include "tools/cli/commands.h"
#include "tools/cli/export_verifier.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

struct ListFlags {
  std::string since;
  std::string until;
  std::string by;
  std::string role;
  std::string organization;
  std::string desk;
  std::string action;
  std::string resource;
  bool children = false;
  bool newest_first = false;
  int limit = 200;
};

struct VerifyFlags {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string export_file;
  std::string backup;
  std::vector<std::string> public_keys;
  std::vector<std::string> kept;
};

// An instant (RFC 3339), or a day, which begins at midnight of the reader's zone. An end is the end
// of the day.
absl::Status ParseInstant(const std::string& text, const char* flag, bool is_end,
                          absl::TimeZone zone, google::protobuf::Timestamp* instant) {
  absl::Time time;
  absl::CivilDay day;
  std::string error;
  if (absl::ParseCivilTime(text, &day)) {
    time = absl::FromCivil(is_end ? day + 1 : day, zone);
  } else if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return UsageError(absl::StrCat(flag, " ", text, ": it is a day, 2026-11-23, or an instant, ",
                                   "2026-11-23T09:00:00+01:00"));
  }
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  instant->set_seconds(absl::ToUnixSeconds(time));
  instant->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(time - second)));
  return absl::OkStatus();
}

absl::Status List(Session& session, const ListFlags& flags) {
  v1::ListAuditEventsRequest request;
  const absl::TimeZone zone = session.screen().zone;
  if (!flags.since.empty()) {
    ABSL_RETURN_IF_ERROR(
        ParseInstant(flags.since, "--since", false, zone, request.mutable_start_time()));
  }
  if (!flags.until.empty()) {
    ABSL_RETURN_IF_ERROR(
        ParseInstant(flags.until, "--until", true, zone, request.mutable_end_time()));
  }
  if (!flags.role.empty()) {
    const auto role = ParseWord<v1::Role>(flags.role);
    if (!role.ok()) return UsageError(absl::StrCat("--role: ", role.status().message()));
    request.set_role(*role);
  }
  request.set_subject(flags.by);
  request.set_organization(FullName("organizations", flags.organization));
  request.set_desk(FullName("desks", flags.desk));
  request.set_action(flags.action);
  request.set_resource(flags.resource);
  request.set_include_children(flags.children);
  request.set_newest_first(flags.newest_first);
  ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, request, flags.limit));
  session.Show(list, RenderAuditList(list, session.screen()));
  return absl::OkStatus();
}

absl::Status Checkpoints(Session& session, int limit) {
  ABSL_ASSIGN_OR_RETURN(const auto list,
                        ListAll(session, v1::ListAuditCheckpointsRequest(), limit));
  session.Show(list, RenderCheckpoints(list, session.screen()));
  return absl::OkStatus();
}

absl::StatusOr<v1::VerifyAuditTrailResponse> VerifyFile(const std::string& path,
                                                        const store::ChainKnowledge& knowledge,
                                                        std::istream& in) {
  if (path == "-") return VerifyExport(in, knowledge);
  std::ifstream file(path, std::ios::binary);
  if (!file) return UsageError(absl::StrCat(path, ": it cannot be read"));
  v1::VerifyAuditTrailResponse result = VerifyExport(file, knowledge);
  if (file.bad()) return UsageError(absl::StrCat(path, ": it cannot be read to its end"));
  return result;
}

absl::StatusOr<v1::VerifyAuditTrailResponse> VerifyBy(Session& session, const VerifyFlags& flags) {
  const bool offline = !flags.export_file.empty() || !flags.backup.empty();
  if (!flags.export_file.empty() && !flags.backup.empty()) {
    return UsageError("--export and --backup: one of them");
  }
  if (offline && (flags.first != 0 || flags.last != 0)) {
    return UsageError("--first and --last are for a server; a file is verified as a whole");
  }
  if (!offline && !(flags.public_keys.empty() && flags.kept.empty())) {
    return UsageError(
        "--public-key and --kept are for --export and --backup: a server tests signatures with the "
        "keys that it was given");
  }
  ABSL_ASSIGN_OR_RETURN(const auto knowledge, ReadKnowledge(flags.public_keys, flags.kept));
  if (!flags.backup.empty()) return VerifyBackup(flags.backup, knowledge);
  if (offline) return VerifyFile(flags.export_file, knowledge, session.in());
  ABSL_RETURN_IF_ERROR(session.Open());
  v1::VerifyAuditTrailRequest request;
  request.set_first_number(flags.first);
  request.set_last_number(flags.last);
  return session.client().Call(request);
}

absl::Status Verify(Session& session, const VerifyFlags& flags) {
  ABSL_ASSIGN_OR_RETURN(const v1::VerifyAuditTrailResponse result, VerifyBy(session, flags));
  session.Show(result, RenderVerification(result, session.screen()));
  if (!result.head_hash().empty()) {
    session.Note(absl::StrCat("Keep the head elsewhere to prove later that nothing was cut off",
                              result.last_number() > 0
                                  ? absl::StrCat(": --kept ", result.last_number(), ":HASH.")
                                  : "."));
  }
  if (!result.intact()) {
    session.set_exit_code(kTrailNotIntact);
    session.Note(
        "  next: keep the data folder, its backups and this output as they are; verify the newest "
        "backup (--backup) and the last export (--export) to find since when it does not hold; "
        "have the operator restore the newest one that does.");
  }
  return absl::OkStatus();
}

void AddList(CLI::App* group, Session& session) {
  const auto flags = std::make_shared<ListFlags>();
  CLI::App* list = group->add_subcommand("list", "List events, oldest first");
  list->add_option("--since", flags->since, "From this day or instant on");
  list->add_option("--until", flags->until, "To the end of this day, or before this instant");
  list->add_option("--by", flags->by, "Only what this subject did");
  list->add_option("--role", flags->role,
                   absl::StrCat("Only what this role did: ", Choices(*v1::Role_descriptor())));
  list->add_option("--organization", flags->organization, "Only what this organization did");
  list->add_option("--desk", flags->desk, "Only what this desk did");
  list->add_option("--action", flags->action,
                   "Only this action, such as SubmitTrialRequest, or reads by this method");
  list->add_option("--resource", flags->resource,
                   "Only changes and reads of this resource (full name)");
  list->add_flag("--children", flags->children, "With --resource: also of those below it");
  list->add_flag("--newest-first", flags->newest_first, "From the newest to the oldest");
  AddLimit(list, &flags->limit);
  OnCall(list, session, [&session, flags] { return List(session, *flags); });
}

void AddVerify(CLI::App* group, Session& session) {
  const auto flags = std::make_shared<VerifyFlags>();
  CLI::App* verify = group->add_subcommand("verify",
                                           "Verify the trail of the server, of an export or of a "
                                           "backup; exit code 9 if it does not hold");
  verify->add_option("--first", flags->first, "Number of the first event; 0: the first there is");
  verify->add_option("--last", flags->last, "Number of the last event; 0: the newest");
  verify->add_option("--export", flags->export_file, "Verify this exported file, without a server");
  verify->add_option("--backup", flags->backup,
                     "Verify the store in this folder, which no server holds");
  AddRepeated(verify, "--public-key", &flags->public_keys,
              "Test checkpoints with the keys in this PEM file; repeatable");
  AddRepeated(verify, "--kept", &flags->kept,
              "NUMBER:HASH of an event, as it was kept elsewhere; repeatable");
  // Only the trail of a server needs one.
  OnLocalCall(verify, session, [&session, flags] { return Verify(session, *flags); });
}

}  // namespace

void AddAuditCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "audit", "The trail of all changes");
  AddList(group, session);
  AddVerify(group, session);
  AddAuditExportCommands(*group, session);

  const auto limit = std::make_shared<int>(200);
  CLI::App* checkpoints =
      group->add_subcommand("checkpoints", "List the checkpoints that the server signed");
  AddLimit(checkpoints, limit.get());
  OnCall(checkpoints, session, [&session, limit] { return Checkpoints(session, *limit); });
}

}  // namespace trialgate::cli
