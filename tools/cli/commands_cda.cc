#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

struct CreateOptions {
  std::string sponsor;
  std::string desk;
  std::string from;
  std::string to;
  std::string reference;
  ChangeFlags change;
};

struct RevokeOptions {
  std::string name;
  std::string reason;
  ChangeFlags change;
};

absl::Status Create(Session& session, const CreateOptions& options) {
  v1::CreateCdaRequest request;
  v1::Cda* const cda = request.mutable_cda();
  cda->set_sponsor(FullName("organizations", options.sponsor));
  cda->set_desk(FullName("desks", options.desk));
  cda->set_effective_date(options.from);
  cda->set_expiry_date(options.to);
  cda->set_reference(options.reference);
  request.set_validate_only(options.change.validate_only);
  request.set_request_id(session.RequestId(options.change));
  ABSL_ASSIGN_OR_RETURN(const v1::Cda created, session.client().Call(request));
  session.Show(created, RenderCda(created, session.screen()));
  NoteIfOnlyChecked(session, options.change);
  return absl::OkStatus();
}

absl::Status Revoke(Session& session, const RevokeOptions& options) {
  v1::RevokeCdaRequest request;
  request.set_name(FullName("cdas", options.name));
  request.set_reason(options.reason);
  request.set_etag(options.change.etag);
  request.set_validate_only(options.change.validate_only);
  request.set_request_id(session.RequestId(options.change));
  ABSL_ASSIGN_OR_RETURN(const v1::Cda revoked, session.client().Call(request));
  session.Show(revoked, RenderCda(revoked, session.screen()));
  NoteIfOnlyChecked(session, options.change);
  return absl::OkStatus();
}

void AddCreate(CLI::App* group, Session& session) {
  const auto options = std::make_shared<CreateOptions>();
  CLI::App* command = group->add_subcommand("create", "Record a CDA between a sponsor and a desk");
  command->add_option("--sponsor", options->sponsor, "Name or id of the organization")->required();
  command->add_option("--desk", options->desk, "Name or id of the desk")->required();
  command->add_option("--from", options->from, "First day on which it is in force")->required();
  command->add_option("--to", options->to, "Last day; absent: no end is agreed");
  command->add_option("--reference", options->reference, "Number or place of the signed document")
      ->required();
  AddChangeFlags(command, &options->change, /*with_etag=*/false);
  OnCall(command, session, [&session, options] { return Create(session, *options); });
}

void AddRevoke(CLI::App* group, Session& session) {
  const auto options = std::make_shared<RevokeOptions>();
  CLI::App* command =
      group->add_subcommand("revoke", "From now on the desk sees blinded requests blinded again");
  command->add_option("NAME", options->name, "Name or id of the CDA")->required();
  command->add_option("--reason", options->reason, "Why")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Revoke(session, *options); });
}

}  // namespace

void AddCdaCommands(CLI::App& app, Session& session) {
  CLI::App* group =
      AddGroup(app, "cda", "CDAs: by which desks see a sponsor's blinded requests as they are");
  const auto limit = std::make_shared<int>(200);
  CLI::App* list = group->add_subcommand("list", "List the CDAs that concern you");
  AddLimit(list, limit.get());
  OnCall(list, session, [&session, limit]() -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const auto cdas, ListAll(session, v1::ListCdasRequest(), *limit));
    session.Show(cdas, RenderCdaList(cdas, session.screen()));
    return absl::OkStatus();
  });
  const auto name = std::make_shared<std::string>();
  CLI::App* show = group->add_subcommand("show", "Show a CDA");
  show->add_option("NAME", *name, "Name or id of the CDA")->required();
  OnCall(show, session, [&session, name]() -> absl::Status {
    v1::GetCdaRequest request;
    request.set_name(FullName("cdas", *name));
    ABSL_ASSIGN_OR_RETURN(const v1::Cda cda, session.client().Call(request));
    session.Show(cda, RenderCda(cda, session.screen()));
    return absl::OkStatus();
  });
  AddCreate(group, session);
  AddRevoke(group, session);
}

}  // namespace trialgate::cli
