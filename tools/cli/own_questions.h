// The requester's own questions, as a desk answers them: which are open, what a form says of them,
// and what flags answer.
#ifndef TRIALGATE_TOOLS_CLI_OWN_QUESTIONS_H_
#define TRIALGATE_TOOLS_CLI_OWN_QUESTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::cli {

// An answer for each question of `request` of the desk, and of each site of `referral`: what was
// said already, what the directory says in `lines`, else one with no value yet.
std::vector<v1::QuestionAnswer> DraftAnswers(const v1::TrialRequest& request,
                                             const v1::Referral& referral,
                                             const v1::ListReferralSitesResponse& lines);

// Whether `answer` says nothing yet.
bool IsUnanswered(const v1::QuestionAnswer& answer);

// The questions of `request`, a line each: "nurse (of each site, yes no): Is there a nurse?"; empty
// without questions.
std::string QuestionLines(const v1::TrialRequest& request);

// Those of `drafts` that say nothing yet, "nurse of sites/a, budget"; empty if all do.
std::string OpenOwnQuestions(const std::vector<v1::QuestionAnswer>& drafts);

// Adds to `answer` what `text`, the value of `flag`, says: "ID=VALUE" for a question of the desk,
// or of all sites offered in `answer`; "ID@SITE=VALUE" for one site. The value is read as the
// question asks for: yes or no, a number, a day, a text; "?": not known. Faults name the questions
// there are.
void ParseQuestionAnswer(absl::string_view text, absl::string_view flag,
                         const v1::TrialRequest& request, v1::AnswerReferralRequest* answer,
                         FieldFaults* faults);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_OWN_QUESTIONS_H_
