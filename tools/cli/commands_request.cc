#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/arguments.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/filling.h"
#include "tools/cli/forms.h"
#include "tools/cli/render.h"
#include "tools/cli/watch.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

constexpr char kCollection[] = "trialRequests";
constexpr char kNameHelp[] = "Name or id of the request";

struct SubmitOptions {
  FormFlags form;
  ChangeFlags change;
};

absl::Status Submit(Session& session, const SubmitOptions& options) {
  v1::TrialRequest request;
  if (!options.form.file.empty()) {
    ABSL_RETURN_IF_ERROR(ReadMessage(options.form.file, session.in(), &request).status());
  }
  if (!WantsForm(session, options.form, !options.form.file.empty())) {
    if (options.form.file.empty()) return UsageError("FILE is required, or --edit");
    return SubmitAndShow(session, request, options.change);
  }
  v1::TrialRequest filled;
  return FillIn(session, RequestForm(), request, &filled,
                [&](const auto& named) { return SubmitAndShow(session, filled, options.change); });
}

void AddSubmit(CLI::App& group, Session& session) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App* command = group.add_subcommand("submit", "Submit a request: it is matched and routed");
  command->add_option("FILE", options->form.file,
                      "TrialRequest as proto3 JSON or YAML; - is standard input");
  AddEditFlag(command, &options->form);
  AddChangeFlags(command, &options->change, /*with_etag=*/false);
  OnCall(command, session, [&session, options] { return Submit(session, *options); });
}

// The referrals of a request, as far as they can be told; none for programs.
v1::ListReferralsResponse ReferralsOf(Session& session, const v1::TrialRequest& request) {
  if (session.for_programs() || request.referrals_size() == 0) return {};
  v1::ListReferralsRequest list;
  list.set_parent(request.name());
  constexpr int kPage = 1000;
  list.set_page_size(kPage);
  auto referrals = session.client().Call(list);
  return referrals.ok() ? *std::move(referrals) : v1::ListReferralsResponse();
}

absl::Status Show(Session& session, const std::string& name, bool report) {
  v1::GetTrialRequestRequest get;
  get.set_name(FullName(kCollection, name));
  if (!report) {
    ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request, session.client().Call(get));
    session.Show(request, RenderRequest(request, ReferralsOf(session, request), session.screen()));
    return absl::OkStatus();
  }
  v1::GetFeasibilityReportRequest get_report;
  get_report.set_name(get.name());
  ABSL_ASSIGN_OR_RETURN(const v1::FeasibilityReport found, session.client().Call(get_report));
  // The number of patients wanted is in the request; who may see the report only goes without it.
  const auto request = session.client().Call(get);
  session.Show(
      found, RenderReport(found, request.ok() ? request->patients_wanted() : 0, session.screen()));
  return absl::OkStatus();
}

void AddShow(CLI::App& group, Session& session) {
  const auto name = std::make_shared<std::string>();
  const auto report = std::make_shared<bool>(false);
  const auto watch = std::make_shared<bool>(false);
  CLI::App* command = group.add_subcommand("show", "Show a request, or its feasibility report");
  command->add_option("NAME", *name, kNameHelp)->required();
  CLI::Option* as_report = command->add_flag(
      "--report", *report, "The report: which sites could run it and why, who is asked");
  command
      ->add_flag("--watch", *watch, "Go on showing where it and its referrals stand, until Ctrl-C")
      ->excludes(as_report);
  OnCall(command, session, [&session, name, report, watch] {
    return *watch ? WatchRequest(session, FullName(kCollection, *name))
                  : Show(session, *name, *report);
  });
}

absl::Status List(Session& session, const std::string& state, const ListFlags& flags) {
  v1::ListTrialRequestsRequest request;
  if (!state.empty()) {
    const auto parsed = ParseWord<v1::TrialRequestState>(state);
    if (!parsed.ok()) return UsageError(absl::StrCat("--state ", parsed.status().message()));
    request.set_state(*parsed);
  }
  ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, request, flags));
  session.Show(list, RenderRequestList(list, session.screen()));
  return absl::OkStatus();
}

void AddList(CLI::App& group, Session& session) {
  const auto state = std::make_shared<std::string>();
  const auto flags = std::make_shared<ListFlags>();
  CLI::App* command = group.add_subcommand("list", "List requests, newest first");
  Offer(session,
        command->add_option("--state", *state,
                            "Only those: " + Choices(*v1::TrialRequestState_descriptor())),
        *v1::TrialRequestState_descriptor());
  AddListFlags(command, flags.get(), "urgency = EXPEDITED AND specialities:urologi",
               /*with_order=*/false);
  OnCall(command, session, [&session, state, flags] { return List(session, *state, *flags); });
}

struct WithdrawOptions {
  std::string name;
  std::string reason;
  ChangeFlags change;
};

absl::Status Withdraw(Session& session, const WithdrawOptions& options) {
  v1::WithdrawTrialRequestRequest request;
  request.set_name(FullName(kCollection, options.name));
  request.set_reason(options.reason);
  SetChange(session, options.change, &request);
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest withdrawn, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(withdrawn, RenderDecision(withdrawn, session.screen()));
  return absl::OkStatus();
}

void AddWithdraw(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WithdrawOptions>();
  CLI::App* command = group.add_subcommand(
      "withdraw", "Withdraw a request: its open referrals end, its holds are released");
  command->add_option("NAME", options->name, kNameHelp)->required();
  command->add_option("--reason", options->reason, "Why, in words")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Withdraw(session, *options); });
}

struct ConfirmOptions {
  std::string name;
  SelectionFlags selection;
  FormFlags form;
  ChangeFlags change;
};

absl::Status SendConfirm(Session& session, const ConfirmOptions& options,
                         v1::ConfirmTrialRequestRequest* request) {
  request->set_name(FullName(kCollection, options.name));
  SetChange(session, options.change, request);
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest confirmed, session.client().Call(*request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(confirmed, RenderDecision(confirmed, session.screen()));
  return absl::OkStatus();
}

// The answer of which offers are confirmed.
absl::StatusOr<v1::CollatedAnswer> AnswerToConfirm(Session& session, const std::string& name) {
  v1::GetTrialRequestRequest get;
  get.set_name(FullName(kCollection, name));
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest current, session.client().Call(get));
  if (current.answer_version() == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
                 absl::StrCat(get.name(), " has no answer yet: its desks have to answer first"))
        .WithMetadata("state", Word(current.state()));
  }
  v1::GetCollatedAnswerRequest get_answer;
  get_answer.set_name(get.name());
  return session.client().Call(get_answer);
}

absl::Status Confirm(Session& session, const ConfirmOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const v1::CollatedAnswer answer, AnswerToConfirm(session, options.name));
  v1::ConfirmTrialRequestRequest request;
  const SelectionFlags& flags = options.selection;
  const bool given = !flags.select.empty() || !flags.reject.empty() || flags.select_all ||
                     !flags.reject_rest.empty();
  if (WantsForm(session, options.form, given)) {
    v1::ConfirmTrialRequestRequest draft = SelectionDraft(answer);
    return FillIn(session, SelectionForm(), draft, &request, [&](const auto& named) {
      AddReferrals(answer, &request);
      return SendConfirm(session, options, &request);
    });
  }
  FieldFaults faults;
  ParseSelections(flags, answer, &request, &faults);
  if (!faults.empty()) return UsageError(faults);
  return SendConfirm(session, options, &request);
}

void AddConfirm(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ConfirmOptions>();
  CLI::App* command =
      group.add_subcommand("confirm", "Confirm an answered request: each offer is taken up or not");
  command->add_option("NAME", options->name, kNameHelp)->required();
  command->add_option("--select", options->selection.select, "Sites that take part")
      ->delimiter(',');
  AddRepeated(command, "--reject", &options->selection.reject,
              "A site that does not, as SITE=REASON[:comment]; reasons: " +
                  Choices(*v1::NotSelectedReason_descriptor()));
  command->add_flag("--select-all", options->selection.select_all,
                    "All sites that are not rejected take part");
  command->add_option("--reject-rest", options->selection.reject_rest,
                      "All sites that are not named do not, for REASON[:comment]");
  AddEditFlag(command, &options->form);
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Confirm(session, *options); });
}

absl::Status Answer(Session& session, const std::string& name, int version) {
  v1::GetCollatedAnswerRequest request;
  request.set_name(FullName(kCollection, name));
  if (version > 0) request.set_name(absl::StrCat(request.name(), "/answers/", version));
  ABSL_ASSIGN_OR_RETURN(const v1::CollatedAnswer answer, session.client().Call(request));
  v1::TrialRequest asked;
  if (!session.for_programs()) {
    v1::GetTrialRequestRequest get;
    get.set_name(FullName(kCollection, name));
    // What was wanted and what was selected stand beside the answer where they can be told.
    if (auto found = session.client().Call(get); found.ok()) asked = *std::move(found);
  }
  session.Show(answer, RenderAnswer(answer, asked, session.screen()));
  return absl::OkStatus();
}

void AddAnswer(CLI::App& group, Session& session) {
  const auto name = std::make_shared<std::string>();
  const auto version = std::make_shared<int>(0);
  CLI::App* command = group.add_subcommand(
      "answer", "Show the collated national answer; exit code 4 before there is one");
  command->add_option("NAME", *name, kNameHelp)->required();
  command->add_option("--version", *version, "This version instead of the newest")
      ->check(CLI::PositiveNumber);
  OnCall(command, session, [&session, name, version] { return Answer(session, *name, *version); });
}

}  // namespace

absl::Status SubmitAndShow(Session& session, const v1::TrialRequest& request,
                           const ChangeFlags& change) {
  v1::SubmitTrialRequestRequest submit;
  *submit.mutable_trial_request() = request;
  SetChange(session, change, &submit);
  ABSL_ASSIGN_OR_RETURN(const v1::SubmitTrialRequestResponse submitted,
                        session.client().Call(submit));
  const v1::TrialRequest& stored = submitted.trial_request();
  Page page(session.screen());
  if (change.validate_only) {
    session.Note("Dry run: it is valid; nothing was stored. Submitted, it would be matched as:");
  } else {
    page.Words(absl::StrCat("Submitted: ", stored.name()));
    page.Fields({{"state", Word(stored.state())},
                 {"answer due", stored.has_answer_due_time()
                                    ? DueWord(&stored.answer_due_time(), session.screen())
                                    : ""}});
  }
  session.Show(submitted, absl::StrCat(page.Take(), change.validate_only ? "" : "\n",
                                       RenderReport(submitted.report(), request.patients_wanted(),
                                                    session.screen())));
  return absl::OkStatus();
}

void AddRequestCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "request", "Trial requests: what sponsors ask");
  AddRequestImportCommand(*group, session);
  AddSubmit(*group, session);
  AddShow(*group, session);
  AddList(*group, session);
  AddAnswer(*group, session);
  AddConfirm(*group, session);
  AddFurtherDeskCommand(*group, session);
  AddWithdraw(*group, session);
}

}  // namespace trialgate::cli
