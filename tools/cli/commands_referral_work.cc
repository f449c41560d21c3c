// What a desk does with a referral before it answers: questions, waits, lines of work, hand-over.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/arguments.h"
#include "tools/cli/commands.h"
#include "tools/cli/filling.h"
#include "tools/cli/forms.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Referral, as REQUEST/REFERRAL or by its full name";

struct WorkOptions {
  std::string name;
  std::vector<std::string> texts;
  std::string authority;
  std::string reason;
  std::string desk;
  std::string contact;
  FormFlags form;
  ChangeFlags change;
};

// Sends `request` and shows the referral as it is then.
template <typename Request>
absl::Status Send(Session& session, const WorkOptions& options, Request* request) {
  request->set_name(FullReferralName(options.name));
  SetChange(session, options.change, request);
  ABSL_ASSIGN_OR_RETURN(const v1::Referral referral, session.client().Call(*request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(referral, RenderReferral(referral, session.screen()));
  return absl::OkStatus();
}

CLI::App* AddVerb(CLI::App& group, const std::string& verb, const std::string& words,
                  const std::shared_ptr<WorkOptions>& options) {
  CLI::App* command = group.add_subcommand(verb, words);
  command->add_option("NAME", options->name, kNameHelp)->required();
  return command;
}

absl::Status Ask(Session& session, const WorkOptions& options) {
  v1::AskRequesterRequest request;
  if (WantsForm(session, options.form, !options.texts.empty())) {
    return FillIn(session, QuestionsForm(), v1::AskRequesterRequest(), &request,
                  [&](const auto& named) { return Send(session, options, &request); });
  }
  for (const std::string& text : options.texts) request.add_questions(text);
  return Send(session, options, &request);
}

void AddAsk(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WorkOptions>();
  CLI::App* command =
      AddVerb(group, "ask", "Ask the requester; the clock stands until all is replied to", options);
  AddRepeated(command, "--question", &options->texts, "What is asked; once for each question");
  AddEditFlag(command, &options->form);
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Ask(session, *options); });
}

// The questions that may be replied to: those that are open; in what may be a retry, also those
// that the first call replied to.
std::vector<std::string> QuestionsToReply(const v1::Referral& referral, bool may_be_retry) {
  std::vector<std::string> questions;
  if (may_be_retry) {
    for (const v1::ThreadEntry& entry : referral.thread()) {
      if (entry.kind() == v1::THREAD_ENTRY_KIND_QUESTION) questions.push_back(entry.id());
    }
  } else {
    const v1::ReplyToReferralRequest open = ReplyDraft(referral);
    for (const v1::ReferralReply& reply : open.replies()) questions.push_back(reply.question());
  }
  return questions;
}

// The question to which `text` without an id replies: the only one that is open; in what may be a
// retry, else the one that has just this reply. Empty if there is none.
std::string QuestionOf(const std::string& text, const v1::Referral& referral, bool may_be_retry) {
  const v1::ReplyToReferralRequest open = ReplyDraft(referral);
  if (open.replies_size() == 1) return open.replies(0).question();
  if (!may_be_retry || open.replies_size() > 0) return "";
  std::string question;
  for (const v1::ThreadEntry& entry : referral.thread()) {
    if (entry.kind() == v1::THREAD_ENTRY_KIND_REPLY && entry.text() == text) {
      question = entry.question();
    }
  }
  return question;
}

// "ID=TEXT"; a single text may stand without an id.
absl::Status ParseReplies(const WorkOptions& options, const v1::Referral& referral,
                          v1::ReplyToReferralRequest* request) {
  const bool may_be_retry = !options.change.request_id.empty();
  const std::vector<std::string> questions = QuestionsToReply(referral, may_be_retry);
  FieldFaults faults;
  for (std::size_t i = 0; i < options.texts.size(); ++i) {
    const std::string& text = options.texts[i];
    const std::size_t equals = text.find('=');
    v1::ReferralReply reply;
    if (equals != std::string::npos &&
        std::find(questions.begin(), questions.end(), text.substr(0, equals)) != questions.end()) {
      reply.set_question(text.substr(0, equals));
      reply.set_text(text.substr(equals + 1));
    } else if (options.texts.size() == 1) {
      reply.set_question(QuestionOf(text, referral, may_be_retry));
      reply.set_text(text);
    }
    if (reply.question().empty()) {
      faults.Add(
          absl::StrCat("--reply ", i + 1), v1::ERROR_REASON_UNKNOWN_VALUE,
          "must be ID=TEXT with the id of a question that is open: " + OpenQuestions(referral));
    } else {
      *request->add_replies() = reply;
    }
  }
  return faults.empty() ? absl::OkStatus() : UsageError(faults);
}

absl::Status Reply(Session& session, const WorkOptions& options) {
  v1::GetReferralRequest get;
  get.set_name(FullReferralName(options.name));
  ABSL_ASSIGN_OR_RETURN(const v1::Referral referral, session.client().Call(get));
  v1::ReplyToReferralRequest request;
  if (WantsForm(session, options.form, !options.texts.empty())) {
    return FillIn(session, ReplyForm(referral), ReplyDraft(referral), &request,
                  [&](const auto& named) { return Send(session, options, &request); });
  }
  ABSL_RETURN_IF_ERROR(ParseReplies(options, referral, &request));
  return Send(session, options, &request);
}

void AddReply(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WorkOptions>();
  CLI::App* command =
      AddVerb(group, "reply", "Reply to all that a desk asks; its clock runs on", options);
  AddRepeated(
      command, "--reply", &options->texts,
      "ID=TEXT: the question's id, as `referral show` tells it, and the reply; once for each");
  AddEditFlag(command, &options->form);
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Reply(session, *options); });
}

void AddWait(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WorkOptions>();
  CLI::App* command =
      AddVerb(group, "wait", "Say that the desk waits for an authority; its clock stands", options);
  command->add_option("--authority", options->authority, "Which, in words")->required();
  command->add_option("--reason", options->reason, "Why; the requester sees it")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] {
    v1::WaitForAuthorityRequest request;
    request.set_authority(options->authority);
    request.set_reason(options->reason);
    return Send(session, *options, &request);
  });
}

void AddResume(CLI::App& group, Session& session) {
  const auto options = std::make_shared<WorkOptions>();
  CLI::App* command =
      AddVerb(group, "resume", "Record what the authority said; the clock runs on", options);
  command->add_option("--word", options->reason, "What it said; the requester sees it")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] {
    v1::RecordAuthorityWordRequest request;
    request.set_word(options->reason);
    return Send(session, *options, &request);
  });
}

}  // namespace

void AddReferralWorkCommands(CLI::App& group, Session& session) {
  AddAsk(group, session);
  AddReply(group, session);
  AddWait(group, session);
  AddResume(group, session);
}

}  // namespace trialgate::cli
