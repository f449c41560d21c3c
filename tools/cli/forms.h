// The forms of messages that people fill in: what is asked, and what it is prefilled with.
#ifndef TRIALGATE_TOOLS_CLI_FORMS_H_
#define TRIALGATE_TOOLS_CLI_FORMS_H_

#include <string>
#include <vector>

#include "tools/cli/form.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {

// A request to submit.
FormSpec RequestForm();

// The answer to a referral, of which `request` may be empty.
FormSpec AnswerForm(const v1::Referral& referral, const v1::TrialRequest& request = {});

// What the answer's form is prefilled with: what was noted in its lines, what was answered before,
// each site asked about of which nothing was said, both to be offered and to be refused, and an
// answer to each of the requester's own questions.
v1::AnswerReferralRequest AnswerDraft(const v1::Referral& referral,
                                      const v1::ListReferralSitesResponse& lines = {},
                                      const v1::TrialRequest& request = {});

// Takes out the offers and refusals of `answer` in which nothing but the site is said, the answers
// to questions that say nothing, and those that stand as they do in `draft` where the directory
// gave them or their site is not offered. Returns the places, "offers[2]", that those that are left
// had before, in the order of offers, refusals, answers.
std::vector<std::string> DropUnfilled(v1::AnswerReferralRequest* answer,
                                      const v1::AnswerReferralRequest& draft = {});

// The place that `path` had before DropUnfilled, which returned `places` for `answer`.
std::string PlaceBefore(const v1::AnswerReferralRequest& answer,
                        const std::vector<std::string>& places, const std::string& path);

// What a desk asks the requester.
FormSpec QuestionsForm();

// The replies to what a desk asks: one for each question that has none yet.
FormSpec ReplyForm(const v1::Referral& referral);
v1::ReplyToReferralRequest ReplyDraft(const v1::Referral& referral);

// The questions that have no reply yet: "1: What is …; 3: How …".
std::string OpenQuestions(const v1::Referral& referral);

// A line of a referral's work.
FormSpec LineForm(const v1::ReferralSite& line);

// The selection among the offers of a national answer.
FormSpec SelectionForm();
v1::ConfirmTrialRequestRequest SelectionDraft(const v1::CollatedAnswer& answer);

// Says of each selection which referral of `answer` offered its site.
void AddReferrals(const v1::CollatedAnswer& answer, v1::ConfirmTrialRequestRequest* request);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_FORMS_H_
