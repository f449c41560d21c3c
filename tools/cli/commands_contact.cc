#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/record_forms.h"
#include "tools/cli/record_verbs.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Contact, as DESK/CONTACT or by its full name";

absl::StatusOr<v1::Contact> Get(Session& session, const std::string& given) {
  v1::GetContactRequest get;
  get.set_name(FullContactName(given));
  if (!absl::StrContains(get.name(), "/contacts/")) {
    return UsageError(absl::StrCat("\"", given, "\" must be DESK/CONTACT"));
  }
  return session.client().Call(get);
}

RecordKind<v1::Contact> Kind() { return {"contact", kNameHelp, Get, ContactForm, RenderContact}; }

void AddList(CLI::App* group, Session& session) {
  const auto desk = std::make_shared<std::string>();
  const auto flags = std::make_shared<ListFlags>(ListFlags{.limit = 0});
  CLI::App* command = group->add_subcommand("list", "List the contacts of a desk");
  command->add_option("DESK", *desk, "Name or id of the desk")->required();
  AddListFlags(command, flags.get(), "specialities:urologi");
  AddWatchFlag(command, flags.get());
  OnCall(command, session,
         [&session, desk, flags] { return ListContactsOf(session, *desk, *flags); });
}

struct AbsenceOptions {
  std::string name;
  std::string from;
  std::string to;
  ChangeFlags change;
};

// What both verbs of absences send.
template <typename Request>
Request AbsenceRequest(Session& session, const AbsenceOptions& options) {
  Request request;
  request.set_name(FullContactName(options.name));
  request.mutable_absence()->set_first_day(options.from);
  request.mutable_absence()->set_last_day(options.to.empty() ? options.from : options.to);
  SetChange(session, options.change, &request);
  return request;
}

absl::Status AddAbsence(Session& session, const AbsenceOptions& options) {
  const auto request = AbsenceRequest<v1::AddContactAbsenceRequest>(session, options);
  ABSL_ASSIGN_OR_RETURN(const v1::AddContactAbsenceResponse added, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(added, RenderAbsence(added, session.screen()));
  return absl::OkStatus();
}

absl::Status RemoveAbsence(Session& session, const AbsenceOptions& options) {
  const auto request = AbsenceRequest<v1::RemoveContactAbsenceRequest>(session, options);
  ABSL_ASSIGN_OR_RETURN(const v1::Contact contact, session.client().Call(request));
  return ShowChanged(session, Kind(), options.change, contact);
}

void AddAbsenceCommand(CLI::App* group, Session& session, const std::string& verb,
                       const std::string& words,
                       absl::Status (*act)(Session&, const AbsenceOptions&)) {
  const auto options = std::make_shared<AbsenceOptions>();
  CLI::App* command = group->add_subcommand(verb, words);
  command->add_option("NAME", options->name, kNameHelp)->required();
  command->add_option("--from", options->from, "First day away, YYYY-MM-DD")->required();
  command->add_option("--to", options->to, "Last day away, that day included; default: the first");
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options, act] { return act(session, *options); });
}

struct EndOptions {
  std::string name;
  std::string last_day;
  std::string new_lead;
  std::string reason;
  ChangeFlags change;
};

absl::Status End(Session& session, const EndOptions& options) {
  v1::EndContactRequest request;
  request.set_name(FullContactName(options.name));
  request.set_last_day(options.last_day);
  if (!options.new_lead.empty()) request.set_new_lead(FullContactName(options.new_lead));
  request.set_reason(options.reason);
  SetChange(session, options.change, &request);
  ABSL_ASSIGN_OR_RETURN(const v1::EndContactResponse ended, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  if (ended.open_referrals() > 0) {
    session.Note(absl::StrCat(Count(ended.open_referrals(), "open referral"),
                              " to be handed over: `trialgate referral hand-over`"));
  }
  session.Show(ended, RenderContact(ended.contact(), session.screen()));
  return absl::OkStatus();
}

void AddEnd(CLI::App* group, Session& session) {
  const auto options = std::make_shared<EndOptions>();
  CLI::App* command =
      group->add_subcommand("end", "End a contact: nobody is routed to it any more");
  command->add_option("NAME", options->name, kNameHelp)->required();
  command->add_option("--last-day", options->last_day, "Last day at the desk; default: today");
  command->add_option("--new-lead", options->new_lead,
                      "Who leads the desk then, if it was the lead");
  command->add_option("--reason", options->reason, "Why, without naming the person")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return End(session, *options); });
}

}  // namespace

absl::Status ListContactsOf(Session& session, const std::string& desk, const ListFlags& flags) {
  v1::ListContactsRequest request;
  request.set_parent(FullName("desks", desk));
  if (flags.watch) {
    ABSL_RETURN_IF_ERROR(CheckWatch(flags));
    return WatchDirectoryRecords(session, "contacts", absl::StrCat(request.parent(), "/contacts/"));
  }
  ABSL_ASSIGN_OR_RETURN(const auto contacts, ListAll(session, request, flags));
  v1::Desk shown;
  shown.set_name(request.parent());
  session.Show(contacts, RenderDesk(shown, contacts, session.screen()));
  return absl::OkStatus();
}

void AddContactCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "contact", "Contacts: the people at desks, and who is away");
  AddList(group, session);
  AddPlainShow(group, session, Kind());
  AddCreate<v1::CreateContactRequest>(
      group, session, Kind(), &v1::CreateContactRequest::mutable_contact, "add", "NAME",
      "The new contact, as DESK/CONTACT or by its full name",
      [](const RecordOptions& options, v1::CreateContactRequest* request) -> absl::Status {
        const std::string name = FullContactName(options.name);
        const std::size_t end = name.find("/contacts/");
        if (end == std::string::npos) {
          return UsageError(absl::StrCat("\"", options.name, "\" must be DESK/CONTACT"));
        }
        request->set_parent(name.substr(0, end));
        request->set_contact_id(Id(name));
        return absl::OkStatus();
      });
  AddEdit(group, session, Kind(), &v1::UpdateContactRequest::mutable_contact);
  AddEnd(group, session);
  CLI::App* absence = AddGroup(*group, "absence", "Days away, planned or from today on");
  AddAbsenceCommand(absence, session, "add", "Add days away; says who stands in", AddAbsence);
  AddAbsenceCommand(absence, session, "remove", "Remove days away", RemoveAbsence);
}

}  // namespace trialgate::cli
