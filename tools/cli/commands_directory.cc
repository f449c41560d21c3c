#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

// A directory is small; all of it is wanted, mostly.
constexpr int kListLimit = 2000;

// Adds "list" for a method that lists everything.
template <typename Request, typename Render>
void AddPlainList(CLI::App* group, Session& session, const std::string& words, Render render) {
  const auto limit = std::make_shared<int>(kListLimit);
  CLI::App* command = group->add_subcommand("list", words);
  AddLimit(command, limit.get());
  OnCall(command, session, [&session, limit, render]() -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, Request(), *limit));
    session.Show(list, render(list, session.screen()));
    return absl::OkStatus();
  });
}

absl::Status ShowDesk(Session& session, const std::string& name) {
  v1::GetDeskRequest get;
  get.set_name(FullName("desks", name));
  ABSL_ASSIGN_OR_RETURN(const v1::Desk desk, session.client().Call(get));
  v1::ListContactsResponse contacts;
  if (!session.json()) {
    v1::ListContactsRequest list;
    list.set_parent(get.name());
    ABSL_ASSIGN_OR_RETURN(contacts, ListAll(session, list, 0));
  }
  session.Show(desk, RenderDesk(desk, contacts, session.screen()));
  return absl::OkStatus();
}

absl::Status ListContacts(Session& session, const std::string& desk) {
  v1::ListContactsRequest request;
  request.set_parent(FullName("desks", desk));
  ABSL_ASSIGN_OR_RETURN(const auto contacts, ListAll(session, request, 0));
  v1::Desk shown;
  shown.set_name(request.parent());
  session.Show(contacts, RenderDesk(shown, contacts, session.screen()));
  return absl::OkStatus();
}

struct CreateOptions {
  std::string id;
  std::string display_name;
  std::string type;
  std::string size;
  std::string country;
  ChangeFlags change;
};

absl::Status CreateOrganization(Session& session, const CreateOptions& options) {
  FieldFaults faults;
  v1::CreateOrganizationRequest request;
  request.set_organization_id(Id(options.id));
  v1::Organization* organization = request.mutable_organization();
  organization->set_display_name(options.display_name);
  organization->set_country(options.country);
  const auto type = ParseWord<v1::OrganizationType>(options.type);
  if (type.ok()) {
    organization->set_type(*type);
  } else {
    faults.Add("--type", v1::ERROR_REASON_UNKNOWN_VALUE, std::string(type.status().message()));
  }
  if (!options.size.empty()) {
    const auto size = ParseWord<v1::CompanySize>(options.size);
    if (size.ok()) {
      organization->set_size(*size);
    } else {
      faults.Add("--size", v1::ERROR_REASON_UNKNOWN_VALUE, std::string(size.status().message()));
    }
  }
  if (!faults.empty()) return UsageError(faults);
  request.set_request_id(session.RequestId(options.change));
  ABSL_ASSIGN_OR_RETURN(const v1::Organization created, session.client().Call(request));
  session.Show(created, RenderOrganization(created, session.screen()));
  return absl::OkStatus();
}

void AddCreateOrganization(CLI::App* group, Session& session) {
  const auto options = std::make_shared<CreateOptions>();
  CLI::App* command = group->add_subcommand("create", "Create an organization");
  command->add_option("ID", options->id, "3 to 63 lower-case letters, digits, hyphens")->required();
  command->add_option("--display-name", options->display_name, "Name in words")->required();
  command->add_option("--type", options->type, Choices(*v1::OrganizationType_descriptor()))
      ->required();
  command->add_option("--size", options->size,
                      "Of companies: " + Choices(*v1::CompanySize_descriptor()));
  command->add_option("--country", options->country, "ISO 3166-1 alpha-2 country of its seat");
  command->add_option("--request-id", options->change.request_id,
                      "Makes a retry safe: the same id again returns the first answer");
  OnCall(command, session, [&session, options] { return CreateOrganization(session, *options); });
}

}  // namespace

void AddRegionAndDeskCommands(CLI::App& app, Session& session) {
  CLI::App* regions = AddGroup(app, "region", "Regions, past, present and planned");
  AddPlainList<v1::ListRegionsRequest>(regions, session, "List regions", RenderRegionList);
  const auto region = std::make_shared<std::string>();
  CLI::App* show_region = regions->add_subcommand("show", "Show a region and its profile");
  show_region->add_option("NAME", *region, "Name or id of the region")->required();
  OnCall(show_region, session, [&session, region]() -> absl::Status {
    v1::GetRegionRequest request;
    request.set_name(FullName("regions", *region));
    ABSL_ASSIGN_OR_RETURN(const v1::Region found, session.client().Call(request));
    session.Show(found, RenderRegion(found, session.screen()));
    return absl::OkStatus();
  });

  CLI::App* desks = AddGroup(app, "desk", "Desks: where people answer");
  AddPlainList<v1::ListDesksRequest>(desks, session, "List desks", RenderDeskList);
  const auto desk = std::make_shared<std::string>();
  CLI::App* show_desk = desks->add_subcommand("show", "Show a desk and its contacts");
  show_desk->add_option("NAME", *desk, "Name or id of the desk")->required();
  OnCall(show_desk, session, [&session, desk] { return ShowDesk(session, *desk); });
  CLI::App* contacts = desks->add_subcommand("contacts", "List the contacts of a desk");
  contacts->add_option("NAME", *desk, "Name or id of the desk")->required();
  OnCall(contacts, session, [&session, desk] { return ListContacts(session, *desk); });
}

void AddOrganizationCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "org", "Organizations: who asks");
  AddPlainList<v1::ListOrganizationsRequest>(group, session, "List organizations",
                                             RenderOrganizationList);
  const auto name = std::make_shared<std::string>();
  CLI::App* show = group->add_subcommand("show", "Show an organization");
  show->add_option("NAME", *name, "Name or id of the organization")->required();
  OnCall(show, session, [&session, name]() -> absl::Status {
    v1::GetOrganizationRequest request;
    request.set_name(FullName("organizations", *name));
    ABSL_ASSIGN_OR_RETURN(const v1::Organization found, session.client().Call(request));
    session.Show(found, RenderOrganization(found, session.screen()));
    return absl::OkStatus();
  });
  AddCreateOrganization(group, session);
}

}  // namespace trialgate::cli
