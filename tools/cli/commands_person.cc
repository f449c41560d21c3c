#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/render.h"

namespace trialgate::cli {
namespace {

constexpr char kNameWords[] =
    "What the person stands in: desks/ID/contacts/ID, trialRequests/ID (the requester's contact), "
    "or "
    "trialRequests/ID/referrals/ID/offers/SITE (the investigator of an offer)";

struct EraseOptions {
  std::string name;
  std::string reason;
  bool yes = false;
  ChangeFlags change;
};

// Erasing cannot be undone: it is done where a person at the terminal says so, or --yes does.
absl::Status CheckMeant(Session& session, const EraseOptions& options) {
  if (options.yes || options.change.validate_only) return absl::OkStatus();
  if (!session.terminal().in) {
    return UsageError("erasing is for good: say --yes, or look first with --dry-run");
  }
  if (session.Ask(absl::StrCat("Erase what is held of ", options.name, ", for good?"))) {
    return absl::OkStatus();
  }
  return UsageError("nothing was erased");
}

absl::Status ExportPerson(Session& session, const std::string& name) {
  v1::ExportPersonRequest request;
  request.set_name(name);
  ABSL_ASSIGN_OR_RETURN(const v1::ExportPersonResponse person, session.client().Call(request));
  session.Show(person, RenderPerson(person, session.screen()));
  return absl::OkStatus();
}

absl::Status ErasePerson(Session& session, const EraseOptions& options) {
  ABSL_RETURN_IF_ERROR(CheckMeant(session, options));
  v1::ErasePersonRequest request;
  request.set_name(options.name);
  request.set_reason(options.reason);
  request.set_validate_only(options.change.validate_only);
  request.set_request_id(session.RequestId(options.change));
  ABSL_ASSIGN_OR_RETURN(const v1::ErasePersonResponse erased, session.client().Call(request));
  session.Show(erased, RenderErasure(erased, session.screen()));
  NoteIfOnlyChecked(session, options.change);
  return absl::OkStatus();
}

}  // namespace

void AddPersonCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "person", "What is held of a person, and its erasure");
  const auto name = std::make_shared<std::string>();
  CLI::App* shown = group->add_subcommand("export", "Show all that is held of one person");
  shown->add_option("NAME", *name, kNameWords)->required();
  OnCall(shown, session, [&session, name] { return ExportPerson(session, *name); });

  const auto options = std::make_shared<EraseOptions>();
  CLI::App* erase =
      group->add_subcommand("erase", "Erase what is held of one person: for good, in every copy");
  erase->add_option("NAME", options->name, kNameWords)->required();
  erase
      ->add_option("--reason", options->reason,
                   "Why; it stays in the audit trail, so it must not name the person")
      ->required();
  erase->add_flag("--yes", options->yes, "Without being asked whether it is meant");
  AddChangeFlags(erase, &options->change, /*with_etag=*/false);
  OnCall(erase, session, [&session, options] { return ErasePerson(session, *options); });
}

}  // namespace trialgate::cli
