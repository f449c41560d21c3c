#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/record_forms.h"
#include "tools/cli/record_verbs.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Name or id of the desk";

absl::StatusOr<v1::Desk> Get(Session& session, const std::string& given) {
  v1::GetDeskRequest get;
  get.set_name(FullName("desks", given));
  return session.client().Call(get);
}

std::string Render(const v1::Desk& desk, const Screen& screen) {
  return RenderDesk(desk, v1::ListContactsResponse(), screen);
}

RecordKind<v1::Desk> Kind() { return {"desk", kNameHelp, Get, DeskForm, Render}; }

absl::Status ShowDesk(Session& session, const std::string& name) {
  ABSL_ASSIGN_OR_RETURN(const v1::Desk desk, Get(session, name));
  v1::ListContactsResponse contacts;
  if (!session.for_programs()) {
    v1::ListContactsRequest list;
    list.set_parent(desk.name());
    ABSL_ASSIGN_OR_RETURN(contacts, ListAll(session, list, 0));
  }
  session.Show(desk, RenderDesk(desk, contacts, session.screen()));
  return absl::OkStatus();
}

void AddShow(CLI::App* group, Session& session) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command = group->add_subcommand("show", "Show a desk and its contacts");
  command->add_option("NAME", *name, kNameHelp)->required();
  OnCall(command, session, [&session, name] { return ShowDesk(session, *name); });
}

struct CreateOptions {
  std::string id;
  std::string lead;
  std::string lead_name;
  std::string lead_email;
  RecordFlags record;
  ChangeFlags change;
};

absl::Status CreateDesk(Session& session, const CreateOptions& options) {
  FormSpec form = DeskForm("A new desk: " + options.id);
  form.hidden.insert("lead");
  return Give(session, options.record, options.change, form, v1::Desk(),
              [&](const v1::Desk& given, const auto&) -> absl::Status {
                v1::CreateDeskRequest request;
                request.set_desk_id(Id(options.id));
                *request.mutable_desk() = given;
                request.set_lead_id(Id(options.lead));
                request.mutable_lead()->set_display_name(options.lead_name);
                request.mutable_lead()->set_email(options.lead_email);
                SetChange(session, options.change, &request);
                ABSL_ASSIGN_OR_RETURN(const v1::Desk created, session.client().Call(request));
                return ShowChanged(session, Kind(), options.change, created);
              });
}

void AddCreateDesk(CLI::App* group, Session& session) {
  const auto options = std::make_shared<CreateOptions>();
  CLI::App* command = group->add_subcommand("create", "Create a desk together with its lead");
  command->add_option("ID", options->id, "1 to 63 lower-case letters, digits, hyphens")->required();
  command->add_option("--lead", options->lead, "Id of the contact who leads it: a function")
      ->default_val("lead");
  command->add_option("--lead-name", options->lead_name, "The lead's name");
  command->add_option("--lead-email", options->lead_email, "The lead's address");
  AddRecordFlags(command, &options->record);
  AddChangeFlags(command, &options->change, /*with_etag=*/false);
  OnCall(command, session, [&session, options] { return CreateDesk(session, *options); });
}

void AddContacts(CLI::App* group, Session& session) {
  const auto desk = std::make_shared<std::string>();
  CLI::App* command = group->add_subcommand("contacts", "List the contacts of a desk");
  command->add_option("NAME", *desk, kNameHelp)->required();
  OnCall(command, session,
         [&session, desk] { return ListContactsOf(session, *desk, {.limit = 0}); });
}

}  // namespace

void AddDeskCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "desk", "Desks: where people answer");
  AddPlainList<v1::ListDesksRequest>(group, session, "List desks",
                                     "kind = REGION AND regions:regions/capital", RenderDeskList);
  AddShow(group, session);
  AddContacts(group, session);
  AddCreateDesk(group, session);
  AddEdit(group, session, Kind(), &v1::UpdateDeskRequest::mutable_desk);
  AddDeskEndCommand(*group, session);
}

}  // namespace trialgate::cli
