#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/record_forms.h"
#include "tools/cli/record_verbs.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Name or id of the organization";

absl::StatusOr<v1::Organization> Get(Session& session, const std::string& given) {
  v1::GetOrganizationRequest get;
  get.set_name(FullName("organizations", given));
  return session.client().Call(get);
}

RecordKind<v1::Organization> Kind() {
  return {"organization", kNameHelp, Get, OrganizationForm, RenderOrganization};
}

struct CreateOptions {
  std::string id;
  std::string display_name;
  std::string type;
  std::string size;
  std::string country;
  RecordFlags record;
  ChangeFlags change;
};

// The flags of an organization as those of a record.
RecordFlags AsRecordFlags(const CreateOptions& options) {
  RecordFlags flags = options.record;
  const auto set = [&](absl::string_view field, const std::string& value) {
    if (!value.empty()) flags.set.push_back(absl::StrCat(field, "=", value));
  };
  set("display_name", options.display_name);
  set("type", options.type);
  set("size", options.size);
  set("country", options.country);
  return flags;
}

absl::Status Create(Session& session, const CreateOptions& options) {
  return Give(session, AsRecordFlags(options), options.change,
              OrganizationForm("A new organization: " + options.id), v1::Organization(),
              [&](const v1::Organization& given, const auto&) -> absl::Status {
                v1::CreateOrganizationRequest request;
                request.set_organization_id(Id(options.id));
                *request.mutable_organization() = given;
                SetChange(session, options.change, &request);
                ABSL_ASSIGN_OR_RETURN(const v1::Organization created,
                                      session.client().Call(request));
                return ShowChanged(session, Kind(), options.change, created);
              });
}

void AddCreate(CLI::App* group, Session& session) {
  const auto options = std::make_shared<CreateOptions>();
  CLI::App* command = group->add_subcommand(
      "create", "Create an organization; of a requester its own, which waits for approval");
  command->add_option("ID", options->id, "3 to 63 lower-case letters, digits, hyphens")->required();
  command->add_option("--display-name", options->display_name, "Name in words");
  Offer(session,
        command->add_option("--type", options->type, Choices(*v1::OrganizationType_descriptor())),
        *v1::OrganizationType_descriptor());
  Offer(session,
        command->add_option("--size", options->size,
                            "Of companies: " + Choices(*v1::CompanySize_descriptor())),
        *v1::CompanySize_descriptor());
  command->add_option("--country", options->country, "ISO 3166-1 alpha-2 country of its seat");
  AddRecordFlags(command, &options->record);
  AddChangeFlags(command, &options->change, /*with_etag=*/false);
  OnCall(command, session, [&session, options] { return Create(session, *options); });
}

struct DecideOptions {
  std::string name;
  std::string reason;
  ChangeFlags change;
};

void AddApprove(CLI::App* group, Session& session) {
  const auto options = std::make_shared<DecideOptions>();
  CLI::App* command =
      group->add_subcommand("approve", "Approve an organization: its requesters may submit");
  command->add_option("NAME", options->name, kNameHelp)->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options]() -> absl::Status {
    v1::ApproveOrganizationRequest request;
    request.set_name(FullName("organizations", options->name));
    SetChange(session, options->change, &request);
    ABSL_ASSIGN_OR_RETURN(const v1::Organization approved, session.client().Call(request));
    return ShowChanged(session, Kind(), options->change, approved);
  });
}

void AddSuspend(CLI::App* group, Session& session) {
  const auto options = std::make_shared<DecideOptions>();
  CLI::App* command = group->add_subcommand(
      "suspend", "Stop an organization: its requesters cannot submit any more");
  command->add_option("NAME", options->name, kNameHelp)->required();
  command->add_option("--reason", options->reason, "Why, for the audit trail")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options]() -> absl::Status {
    v1::SuspendOrganizationRequest request;
    request.set_name(FullName("organizations", options->name));
    request.set_reason(options->reason);
    SetChange(session, options->change, &request);
    ABSL_ASSIGN_OR_RETURN(const v1::Organization suspended, session.client().Call(request));
    return ShowChanged(session, Kind(), options->change, suspended);
  });
}

}  // namespace

void AddOrganizationCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "org", "Organizations: who asks");
  AddPlainList<v1::ListOrganizationsRequest>(group, session, "List organizations",
                                             "state = PROPOSED AND country = DK",
                                             RenderOrganizationList);
  AddPlainShow(group, session, Kind());
  AddCreate(group, session);
  AddEdit(group, session, Kind(), &v1::UpdateOrganizationRequest::mutable_organization);
  AddApprove(group, session);
  AddSuspend(group, session);
}

}  // namespace trialgate::cli
