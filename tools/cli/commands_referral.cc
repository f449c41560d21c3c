#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/cli/arguments.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/filling.h"
#include "tools/cli/forms.h"
#include "tools/cli/own_questions.h"
#include "tools/cli/page.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Referral, as REQUEST/REFERRAL or by its full name";

absl::Status ShowResult(Session& session, const absl::StatusOr<v1::Referral>& referral,
                        const ChangeFlags& change = {}) {
  if (!referral.ok()) return referral.status();
  NoteIfOnlyChecked(session, change);
  session.Show(*referral, RenderReferral(*referral, session.screen()));
  return absl::OkStatus();
}

// The lines of a referral's work; none for those who may not see them.
absl::StatusOr<v1::ListReferralSitesResponse> LinesOf(Session& session, const std::string& name) {
  v1::ListReferralSitesRequest list;
  list.set_parent(name);
  constexpr int kPage = 1000;
  list.set_page_size(kPage);
  auto lines = session.client().Call(list);
  if (absl::IsPermissionDenied(lines.status()) || absl::IsNotFound(lines.status())) {
    return v1::ListReferralSitesResponse();
  }
  return lines;
}

// The request of a referral; an empty one for those who may not see it.
absl::StatusOr<v1::TrialRequest> RequestOf(Session& session, const std::string& referral) {
  v1::GetTrialRequestRequest get;
  get.set_name(referral.substr(0, referral.find("/referrals/")));
  auto request = session.client().Call(get);
  if (absl::IsPermissionDenied(request.status()) || absl::IsNotFound(request.status())) {
    return v1::TrialRequest();
  }
  return request;
}

// The requester's own questions that the desk has to answer still, for people.
absl::StatusOr<std::string> OwnQuestions(Session& session, const v1::Referral& referral,
                                         const v1::ListReferralSitesResponse& lines) {
  const bool is_open = referral.state() == v1::REFERRAL_STATE_SENT ||
                       referral.state() == v1::REFERRAL_STATE_ACKNOWLEDGED ||
                       referral.state() == v1::REFERRAL_STATE_WAITING;
  if (!is_open) return "";
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request, RequestOf(session, referral.name()));
  const std::string open = OpenOwnQuestions(DraftAnswers(request, referral, lines));
  if (open.empty()) return "";
  Page page(session.screen());
  page.Heading("The requester's own questions");
  for (const absl::string_view line : absl::StrSplit(QuestionLines(request), '\n')) {
    if (!line.empty()) page.Words(line, 2);
  }
  page.Words(absl::StrCat("without an answer: ", open), 2, Tone::kSoon);
  return page.Take();
}

// The names in words of the sites of a referral, as far as they can be told.
DisplayNames NamesOfSites(Session& session, const v1::Referral& referral,
                          const v1::ListReferralSitesResponse& lines) {
  std::set<std::string> sites(referral.sites().begin(), referral.sites().end());
  for (const v1::Offer& offer : referral.offers()) sites.insert(offer.site());
  for (const v1::ReferralSite& line : lines.referral_sites()) sites.insert(line.site());
  v1::BatchGetSitesRequest get;
  constexpr int kMost = 1000;
  for (const std::string& site : sites) {
    if (get.names_size() < kMost) get.add_names(site);
  }
  DisplayNames names;
  if (sites.empty()) return names;
  const auto found = session.client().Call(get);
  if (!found.ok()) return names;
  for (const v1::Site& site : found->sites()) names[site.name()] = site.display_name();
  return names;
}

absl::Status Show(Session& session, const std::string& name) {
  v1::GetReferralRequest get;
  get.set_name(FullReferralName(name));
  ABSL_ASSIGN_OR_RETURN(const v1::Referral referral, session.client().Call(get));
  v1::ListReferralSitesResponse lines;
  DisplayNames names;
  std::string questions;
  if (!session.for_programs()) {
    ABSL_ASSIGN_OR_RETURN(lines, LinesOf(session, get.name()));
    ABSL_ASSIGN_OR_RETURN(questions, OwnQuestions(session, referral, lines));
    names = NamesOfSites(session, referral, lines);
  }
  session.Show(referral,
               absl::StrCat(RenderReferral(referral, lines, names, session.screen()), questions));
  return absl::OkStatus();
}

void AddShow(CLI::App& group, Session& session) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command =
      group.add_subcommand("show", "Show a referral, with what the desk knows of each site so far");
  command->add_option("NAME", *name, kNameHelp)->required();
  OnCall(command, session, [&session, name] { return Show(session, *name); });
}

struct AnswerOptions {
  std::string name;
  std::vector<std::string> offers;
  std::vector<std::string> refusals;
  std::vector<std::string> questions;
  std::string outcome;
  std::string comment;
  bool use_lines = false;
  FormFlags form;
  ChangeFlags change;
};

// Name, request id and the like, which all three methods have.
template <typename Request>
void SetCommon(Session& session, const std::string& name, const ChangeFlags& change,
               Request* request) {
  request->set_name(FullReferralName(name));
  SetChange(session, change, request);
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

absl::Status AnswerByForm(Session& session, const AnswerOptions& options) {
  v1::GetReferralRequest get;
  get.set_name(FullReferralName(options.name));
  ABSL_ASSIGN_OR_RETURN(const v1::Referral referral, session.client().Call(get));
  ABSL_ASSIGN_OR_RETURN(const v1::ListReferralSitesResponse lines, LinesOf(session, get.name()));
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request, RequestOf(session, get.name()));
  FormSpec form = AnswerForm(referral, request);
  const v1::AnswerReferralRequest draft = AnswerDraft(referral, lines, request);
  v1::AnswerReferralRequest answer;
  std::vector<std::string> places;
  form.place = [&](const std::string& path) { return PlaceBefore(answer, places, path); };
  return FillIn(session, form, draft, &answer, [&](const auto& named) {
    places = DropUnfilled(&answer, draft);
    SetCommon(session, options.name, options.change, &answer);
    // Somebody else's answer since the form was opened must not be lost.
    if (options.change.etag.empty()) answer.set_etag(referral.etag());
    return ShowResult(session, session.client().Call(answer), options.change);
  });
}

absl::Status AddQuestionAnswers(Session& session, const AnswerOptions& options,
                                v1::AnswerReferralRequest* answer) {
  if (options.questions.empty()) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request,
                        RequestOf(session, FullReferralName(options.name)));
  FieldFaults faults;
  for (std::size_t i = 0; i < options.questions.size(); ++i) {
    ParseQuestionAnswer(options.questions[i], absl::StrCat("--reply-question ", i + 1), request,
                        answer, &faults);
  }
  return faults.empty() ? absl::OkStatus() : UsageError(faults);
}

absl::Status Answer(Session& session, const AnswerOptions& options) {
  const bool given = !options.offers.empty() || !options.refusals.empty() ||
                     !options.outcome.empty() || !options.comment.empty() || options.use_lines ||
                     !options.questions.empty();
  if (WantsForm(session, options.form, given)) return AnswerByForm(session, options);
  v1::AnswerReferralRequest request;
  if (!options.form.file.empty()) {
    ABSL_RETURN_IF_ERROR(ReadMessage(options.form.file, session.in(), &request).status());
    DropUnfilled(&request);
  }
  ABSL_RETURN_IF_ERROR(ParseAnswerFlags(options, &request));
  if (!options.comment.empty()) request.set_comment(options.comment);
  if (options.use_lines) request.set_use_lines(true);
  ABSL_RETURN_IF_ERROR(AddQuestionAnswers(session, options, &request));
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
  Offer(session,
        command->add_option(
            "--outcome", options->outcome,
            "Of data access and ideas: " + Choices(*v1::ReferralOutcome_descriptor())),
        *v1::ReferralOutcome_descriptor());
  AddRepeated(command, "--reply-question", &options->questions,
              "To the requester's own question, as `referral show` names it: ID=VALUE, of one site "
              "ID@SITE=VALUE; yes, no, a number, a day, words, or ? for not known");
  command->add_option("--comment", options->comment, "What the desk adds");
  command->add_option(
      "--file", options->form.file,
      "AnswerReferralRequest as proto3 JSON or YAML; flags add to it; - is standard "
      "input");
  command->add_flag("--use-lines", options->use_lines,
                    "Take offers and refusals from what was noted with `referral site`");
  AddEditFlag(command, &options->form);
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
  Offer(session,
        command->add_option("--reason", options->reason,
                            "REASON[:comment]; " + Choices(*v1::RefusalReason_descriptor())),
        *v1::RefusalReason_descriptor())
      ->required();
  command->add_option("--comment", options->comment, "The reason in words");
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Decline(session, *options); });
}

}  // namespace

void AddReferralCommands(CLI::App& app, Session& session) {
  AddInboxCommand(app, session);
  CLI::App* group = AddGroup(app, "referral", "Referrals: a request at one desk");
  AddReferralListCommand(*group, session);
  AddShow(*group, session);
  AddAcknowledge(*group, session);
  AddReferralWorkCommands(*group, session);
  AddReferralSiteCommand(*group, session);
  AddAnswer(*group, session);
  AddDecline(*group, session);
  AddHandOverCommand(*group, session);
}

}  // namespace trialgate::cli
