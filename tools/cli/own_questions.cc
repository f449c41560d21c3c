#include "tools/cli/own_questions.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

bool IsOfDesk(const v1::Question& question) { return question.scope() == v1::QUESTION_SCOPE_DESK; }

// What was said to `question` of `site` (empty: of the desk) so far.
v1::QuestionAnswer SaidSoFar(const std::string& question, const std::string& site,
                             const v1::Referral& referral,
                             const v1::ListReferralSitesResponse& lines) {
  v1::QuestionAnswer found;
  for (const v1::ReferralSite& line : lines.referral_sites()) {
    if (line.site() != site) continue;
    for (const v1::QuestionAnswer& answer : line.question_answers()) {
      if (answer.question() == question) found = answer;
    }
  }
  for (const v1::QuestionAnswer& answer : referral.question_answers()) {
    const bool is_it = answer.question() == question && answer.site() == site;
    if (is_it && IsUnanswered(found)) found = answer;
  }
  found.set_question(question);
  found.set_site(site);
  return found;
}

std::string IdsOf(const v1::TrialRequest& request) {
  std::vector<std::string> ids;
  for (const v1::Question& question : request.questions()) ids.push_back(question.id());
  return ids.empty() ? "the request has none" : absl::StrCat("one of: ", Joined(ids));
}

const v1::Question* Find(const v1::TrialRequest& request, absl::string_view id) {
  for (const v1::Question& question : request.questions()) {
    if (question.id() == id) return &question;
  }
  return nullptr;
}

// Reads `value` as `type` asks for it; the words of its fault, or none.
std::string SetValue(const std::string& value, v1::QuestionType type, v1::QuestionAnswer* answer) {
  if (value == "?") {
    answer->set_not_known(true);
    return "";
  }
  const std::string word = absl::AsciiStrToLower(value);
  double number = 0;
  switch (type) {
    case v1::QUESTION_TYPE_YES_NO:
      answer->set_yes(word == "yes" || word == "true");
      return answer->yes() || word == "no" || word == "false" ? "" : "must be yes, no or ?";
    case v1::QUESTION_TYPE_NUMBER:
      if (!absl::SimpleAtod(value, &number)) return "must be a number or ?";
      answer->set_number(number);
      return "";
    case v1::QUESTION_TYPE_DATE:
      answer->set_date(value);
      return "";
    default:
      answer->set_text(value);
      return value.empty() ? "must not be empty; ? says that it is not known" : "";
  }
}

}  // namespace

bool IsUnanswered(const v1::QuestionAnswer& answer) {
  return answer.value_case() == v1::QuestionAnswer::VALUE_NOT_SET && answer.comment().empty();
}

std::vector<v1::QuestionAnswer> DraftAnswers(const v1::TrialRequest& request,
                                             const v1::Referral& referral,
                                             const v1::ListReferralSitesResponse& lines) {
  std::vector<std::string> sites(referral.sites().begin(), referral.sites().end());
  for (const v1::ReferralSite& line : lines.referral_sites()) {
    if (!line.asked_about()) sites.push_back(line.site());
  }
  std::vector<v1::QuestionAnswer> drafts;
  for (const v1::Question& question : request.questions()) {
    if (IsOfDesk(question)) {
      drafts.push_back(SaidSoFar(question.id(), "", referral, lines));
      continue;
    }
    for (const std::string& site : sites) {
      drafts.push_back(SaidSoFar(question.id(), site, referral, lines));
    }
  }
  return drafts;
}

std::string QuestionLines(const v1::TrialRequest& request) {
  std::string lines;
  for (const v1::Question& question : request.questions()) {
    const std::string type = Word(question.type());
    absl::StrAppend(&lines, question.id(), " (",
                    IsOfDesk(question) ? "of the desk, " : "of each site, ",
                    type.empty() ? "text" : type, "): ", question.text(), "\n");
  }
  return lines;
}

std::string OpenOwnQuestions(const std::vector<v1::QuestionAnswer>& drafts) {
  std::vector<std::string> open;
  for (const v1::QuestionAnswer& draft : drafts) {
    if (draft.value_case() != v1::QuestionAnswer::VALUE_NOT_SET) continue;
    open.push_back(draft.site().empty() ? draft.question()
                                        : absl::StrCat(draft.question(), "@", Id(draft.site())));
  }
  return Joined(open);
}

void ParseQuestionAnswer(absl::string_view text, absl::string_view flag,
                         const v1::TrialRequest& request, v1::AnswerReferralRequest* answer,
                         FieldFaults* faults) {
  const std::size_t equals = text.find('=');
  const absl::string_view key = text.substr(0, equals);
  const std::size_t at = key.find('@');
  const v1::Question* question = Find(request, key.substr(0, at));
  if (equals == absl::string_view::npos || question == nullptr) {
    faults->Add(
        flag, v1::ERROR_REASON_UNKNOWN_VALUE,
        absl::StrCat("must be ID=VALUE or ID@SITE=VALUE; the question's id is ", IdsOf(request)));
    return;
  }
  v1::QuestionAnswer said;
  said.set_question(question->id());
  const std::string fault = SetValue(
      std::string(absl::StripAsciiWhitespace(text.substr(equals + 1))), question->type(), &said);
  if (!fault.empty()) faults->Add(flag, v1::ERROR_REASON_INVALID_FORMAT, fault);
  if (at != absl::string_view::npos || IsOfDesk(*question)) {
    if (at != absl::string_view::npos) said.set_site(FullName("sites", key.substr(at + 1)));
    *answer->add_question_answers() = said;
    return;
  }
  if (answer->offers().empty()) {
    faults->Add(flag, v1::ERROR_REASON_REQUIRED,
                absl::StrCat("is asked of each site: ", question->id(), "@SITE=VALUE"));
  }
  for (const v1::Offer& offer : answer->offers()) {
    said.set_site(offer.site());
    *answer->add_question_answers() = said;
  }
}

}  // namespace trialgate::cli
