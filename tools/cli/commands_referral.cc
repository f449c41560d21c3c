#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/arguments.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Referral, as REQUEST/REFERRAL or by its full name";

absl::Status Inbox(Session& session, const std::string& desk, bool all, int limit) {
  v1::ListReferralsRequest request;
  request.set_parent("trialRequests/-");
  request.set_desk(FullName("desks", desk));
  if (all) {
    const auto* states = v1::ReferralState_descriptor();
    for (int i = 0; i < states->value_count(); ++i) {
      const int state = states->value(i)->number();
      if (state != 0) request.add_states(static_cast<v1::ReferralState>(state));
    }
  }
  ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, request, limit));
  session.Show(list, RenderInbox(list, session.screen()));
  return absl::OkStatus();
}

void AddInbox(CLI::App& app, Session& session) {
  const auto desk = std::make_shared<std::string>();
  const auto all = std::make_shared<bool>(false);
  const auto limit = std::make_shared<int>(200);
  CLI::App* command = app.add_subcommand("inbox", "List the referrals of a desk, first due first");
  command->add_option("DESK", *desk, "Name or id of the desk")->required();
  command->add_flag("--all", *all, "Those that are over too");
  AddLimit(command, limit.get());
  OnCall(command, session,
         [&session, desk, all, limit] { return Inbox(session, *desk, *all, *limit); });
}

absl::Status ListOfRequest(Session& session, const std::string& parent, int limit) {
  v1::ListReferralsRequest request;
  request.set_parent(FullName("trialRequests", parent));
  ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, request, limit));
  session.Show(list, RenderInbox(list, session.screen()));
  return absl::OkStatus();
}

void AddList(CLI::App& group, Session& session) {
  const auto parent = std::make_shared<std::string>();
  const auto limit = std::make_shared<int>(200);
  CLI::App* command = group.add_subcommand("list", "List the referrals of a request");
  command->add_option("REQUEST", *parent, "Name or id of the request")->required();
  AddLimit(command, limit.get());
  OnCall(command, session,
         [&session, parent, limit] { return ListOfRequest(session, *parent, *limit); });
}

absl::Status ShowResult(Session& session, const absl::StatusOr<v1::Referral>& referral,
                        const ChangeFlags& change = {}) {
  if (!referral.ok()) return referral.status();
  NoteIfOnlyChecked(session, change);
  session.Show(*referral, RenderReferral(*referral, session.screen()));
  return absl::OkStatus();
}

void AddShow(CLI::App& group, Session& session) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("show", "Show a referral");
  command->add_option("NAME", *name, kNameHelp)->required();
  OnCall(command, session, [&session, name] {
    v1::GetReferralRequest request;
    request.set_name(FullReferralName(*name));
    return ShowResult(session, session.client().Call(request));
  });
}

struct AnswerOptions {
  std::string name;
  std::vector<std::string> offers;
  std::vector<std::string> refusals;
  std::string outcome;
  std::string comment;
  std::string file;
  ChangeFlags change;
};

// Name, request id and the like, which all three methods have.
template <typename Request>
void SetCommon(Session& session, const std::string& name, const ChangeFlags& change,
               Request* request) {
  request->set_name(FullReferralName(name));
  if (!change.etag.empty()) request->set_etag(change.etag);
  request->set_validate_only(change.validate_only);
  request->set_request_id(session.RequestId(change));
}

void AddAcknowledge(CLI::App& group, Session& session) {
  const auto options = std::make_shared<AnswerOptions>();
  CLI::App* command = group.add_subcommand("ack", "Acknowledge: the desk works on it");
  command->add_option("NAME", options->name, kNameHelp)->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] {
    v1::AcknowledgeReferralRequest request;
    SetCommon(session, options->name, options->change, &request);
    return ShowResult(session, session.client().Call(request), options->change);
  });
}

absl::Status ParseAnswerFlags(const AnswerOptions& options, v1::AnswerReferralRequest* request) {
  FieldFaults faults;
  for (std::size_t i = 0; i < options.offers.size(); ++i) {
    *request->add_offers() =
        ParseOffer(options.offers[i], absl::StrCat("--offer ", i + 1), &faults);
  }
  for (std::size_t i = 0; i < options.refusals.size(); ++i) {
    *request->add_refusals() =
        ParseRefusal(options.refusals[i], absl::StrCat("--refuse ", i + 1), &faults);
  }
  if (!options.outcome.empty()) {
    const auto outcome = ParseWord<v1::ReferralOutcome>(options.outcome);
    if (outcome.ok()) {
      request->set_outcome(*outcome);
    } else {
      faults.Add("--outcome", v1::ERROR_REASON_UNKNOWN_VALUE,
                 std::string(outcome.status().message()));
    }
  }
  return faults.empty() ? absl::OkStatus() : UsageError(faults);
}

absl::Status Answer(Session& session, const AnswerOptions& options) {
  v1::AnswerReferralRequest request;
  if (!options.file.empty()) {
    ABSL_RETURN_IF_ERROR(ReadJson(options.file, session.in(), &request));
  }
  ABSL_RETURN_IF_ERROR(ParseAnswerFlags(options, &request));
  if (!options.comment.empty()) request.set_comment(options.comment);
  SetCommon(session, options.name, options.change, &request);
  return ShowResult(session, session.client().Call(request), options.change);
}

void AddAnswer(CLI::App& group, Session& session) {
  const auto options = std::make_shared<AnswerOptions>();
  CLI::App* command =
      group.add_subcommand("answer", "Answer: an offer or a reason for every site asked about");
  command->add_option("NAME", options->name, kNameHelp)->required();
  AddRepeated(command, "--offer", &options->offers,
              "A site offered: SITE,patients=12,start=2027-03-01,firm (or tentative) and, where "
              "of use, pi=NAME, conditions=TEXT, comment=TEXT");
  AddRepeated(command, "--refuse", &options->refusals,
              "A site not offered: SITE=REASON[:comment]; reasons: " +
                  Choices(*v1::RefusalReason_descriptor()));
  command->add_option("--outcome", options->outcome,
                      "Of data access and ideas: " + Choices(*v1::ReferralOutcome_descriptor()));
  command->add_option("--comment", options->comment, "What the desk adds");
  command->add_option("--file", options->file,
                      "AnswerReferralRequest as proto3 JSON; flags add to it; - is standard input");
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Answer(session, *options); });
}

struct DeclineOptions {
  std::string name;
  std::string reason;
  std::string comment;
  ChangeFlags change;
};

absl::Status Decline(Session& session, const DeclineOptions& options) {
  v1::DeclineReferralRequest request;
  FieldFaults faults;
  const std::string reason =
      options.comment.empty() ? options.reason : absl::StrCat(options.reason, ":", options.comment);
  *request.mutable_decline() = ParseDecline(reason, "--reason", &faults);
  if (!faults.empty()) return UsageError(faults);
  SetCommon(session, options.name, options.change, &request);
  return ShowResult(session, session.client().Call(request), options.change);
}

void AddDecline(CLI::App& group, Session& session) {
  const auto options = std::make_shared<DeclineOptions>();
  CLI::App* command = group.add_subcommand("decline", "Decline as a whole");
  command->add_option("NAME", options->name, kNameHelp)->required();
  command
      ->add_option("--reason", options->reason,
                   "REASON[:comment]; " + Choices(*v1::RefusalReason_descriptor()))
      ->required();
  command->add_option("--comment", options->comment, "The reason in words");
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Decline(session, *options); });
}

}  // namespace

void AddReferralCommands(CLI::App& app, Session& session) {
  AddInbox(app, session);
  CLI::App* group = AddGroup(app, "referral", "Referrals: a request at one desk");
  AddList(*group, session);
  AddShow(*group, session);
  AddAcknowledge(*group, session);
  AddAnswer(*group, session);
  AddDecline(*group, session);
}

}  // namespace trialgate::cli
