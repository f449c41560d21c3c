// Work that goes elsewhere: hand-over, further desks, ends of desks and regions.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

struct MoveOptions {
  std::string name;
  std::string desk;
  std::string contact;
  std::vector<std::string> sites;
  std::string last_day;
  std::string successor;
  std::string reason;
  ChangeFlags change;
};

// The desk of which a contact is that is given by its id alone: the one that takes the referral, or
// the one that has it.
absl::StatusOr<std::string> DeskOfContact(Session& session, const MoveOptions& options) {
  if (!options.desk.empty() || options.contact.empty() || absl::StrContains(options.contact, "/")) {
    return options.desk;
  }
  v1::GetReferralRequest get;
  get.set_name(FullReferralName(options.name));
  ABSL_ASSIGN_OR_RETURN(const v1::Referral referral, session.client().Call(get));
  return referral.desk();
}

absl::Status HandOver(Session& session, const MoveOptions& options) {
  if (options.desk.empty() && options.contact.empty()) {
    return UsageError("say to whom: --desk, --contact, or both");
  }
  ABSL_ASSIGN_OR_RETURN(const std::string desk, DeskOfContact(session, options));
  v1::HandOverReferralRequest request;
  request.set_name(FullReferralName(options.name));
  request.set_desk(FullName("desks", options.desk));
  request.set_contact(FullContactName(options.contact, desk));
  request.set_reason(options.reason);
  SetChange(session, options.change, &request);
  ABSL_ASSIGN_OR_RETURN(const v1::Referral moved, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(moved, RenderReferral(moved, session.screen()));
  return absl::OkStatus();
}

absl::Status AddDesk(Session& session, const MoveOptions& options) {
  v1::AddReferralRequest request;
  request.set_name(FullName("trialRequests", options.name));
  request.set_desk(FullName("desks", options.desk));
  request.set_contact(FullContactName(options.contact, options.desk));
  for (const std::string& site : options.sites) request.add_sites(FullName("sites", site));
  request.set_reason(options.reason);
  SetChange(session, options.change, &request);
  ABSL_ASSIGN_OR_RETURN(const v1::AddReferralResponse added, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(added, RenderReferral(added.referral(), session.screen()));
  return absl::OkStatus();
}

void NoteSuccession(Session& session, const v1::SuccessionSummary& summary) {
  if (summary.moved_referrals() > 0) {
    session.Note(absl::StrCat(Count(summary.moved_referrals(), "open referral"),
                              " moved to the successor."));
  }
  if (summary.waiting_referrals() > 0) {
    session.Note(absl::StrCat(Count(summary.waiting_referrals(), "open referral"),
                              " will move when the last day is over."));
  }
  if (summary.referrals_without_cda() > 0) {
    const bool one = summary.referrals_without_cda() == 1;
    session.Note(
        absl::StrCat(summary.referrals_without_cda(),
                     one ? " of them is of a blinded request" : " of them are of blinded requests",
                     " of which the successor has no CDA: `trialgate cda create`."));
  }
}

// Both ends have the same fields.
template <typename Request>
Request EndRequest(Session& session, const std::string& collection, const MoveOptions& options) {
  Request request;
  request.set_name(FullName(collection, options.name));
  request.set_last_day(options.last_day);
  request.set_successor(FullName(collection, options.successor));
  request.set_reason(options.reason);
  SetChange(session, options.change, &request);
  return request;
}

absl::Status EndDesk(Session& session, const MoveOptions& options) {
  const auto request = EndRequest<v1::EndDeskRequest>(session, "desks", options);
  ABSL_ASSIGN_OR_RETURN(const v1::EndDeskResponse ended, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  NoteSuccession(session, ended.summary());
  session.Show(ended, RenderDesk(ended.desk(), v1::ListContactsResponse(), session.screen()));
  return absl::OkStatus();
}

absl::Status EndRegion(Session& session, const MoveOptions& options) {
  const auto request = EndRequest<v1::EndRegionRequest>(session, "regions", options);
  ABSL_ASSIGN_OR_RETURN(const v1::EndRegionResponse ended, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  NoteSuccession(session, ended.summary());
  session.Show(ended, RenderRegion(ended.region(), session.screen()));
  return absl::OkStatus();
}

void AddEnd(CLI::App& group, Session& session, const std::string& kind,
            absl::Status (*end)(Session&, const MoveOptions&)) {
  const auto options = std::make_shared<MoveOptions>();
  CLI::App* command = group.add_subcommand(
      "end", "End a " + kind + ": its open referrals move to the successor's desk");
  command->add_option("NAME", options->name, "Name or id of the " + kind)->required();
  command
      ->add_option("--last-day", options->last_day,
                   "Last valid day, YYYY-MM-DD; yesterday: it ends now")
      ->required();
  command->add_option("--successor", options->successor, "Name or id of what takes over");
  command->add_option("--reason", options->reason, "Why, for the audit trail")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options, end] { return end(session, *options); });
}

}  // namespace

void AddHandOverCommand(CLI::App& group, Session& session) {
  const auto options = std::make_shared<MoveOptions>();
  CLI::App* command = group.add_subcommand(
      "hand-over", "Hand over to another contact or desk; its clock and work go along");
  command->add_option("NAME", options->name, "Referral, as REQUEST/REFERRAL or by its full name")
      ->required();
  command->add_option("--desk", options->desk, "The desk that takes it");
  command->add_option(
      "--contact", options->contact,
      "Who takes it: DESK/CONTACT, or CONTACT of --desk, else of the desk that has it");
  command->add_option("--reason", options->reason, "Why; who takes it reads it")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return HandOver(session, *options); });
}

void AddFurtherDeskCommand(CLI::App& group, Session& session) {
  const auto options = std::make_shared<MoveOptions>();
  CLI::App* command =
      group.add_subcommand("add-desk", "Ask a further desk: a referral with a clock of its own");
  command->add_option("NAME", options->name, "Name or id of the request")->required();
  command->add_option("--desk", options->desk, "The desk that is asked")->required();
  command->add_option("--contact", options->contact, "Who is asked; default: as at routing");
  command->add_option("--site", options->sites, "Sites asked about, separated by commas")
      ->delimiter(',');
  command->add_option("--reason", options->reason, "Why; the desk reads it")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return AddDesk(session, *options); });
}

void AddDeskEndCommand(CLI::App& group, Session& session) {
  AddEnd(group, session, "desk", EndDesk);
}

void AddRegionEndCommand(CLI::App& group, Session& session) {
  AddEnd(group, session, "region", EndRegion);
}

}  // namespace trialgate::cli
