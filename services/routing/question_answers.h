// Answers to the requester's own questions: what may be said, what the directory says by itself,
// and what is missing. Pure.
#ifndef TRIALGATE_SERVICES_ROUTING_QUESTION_ANSWERS_H_
#define TRIALGATE_SERVICES_ROUTING_QUESTION_ANSWERS_H_

#include <set>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

using QuestionAnswers = google::protobuf::RepeatedPtrField<v1::QuestionAnswer>;

// Whether it is asked of each desk, not of each site.
bool IsOfDesk(const v1::Question& question);

// The faults of answers given in `field` to questions of `request`, of the sites `sites`; empty: of
// none. Those that are marked as prefilled are the server's, and not looked at.
FieldFaults CheckQuestionAnswers(const std::string& field, const QuestionAnswers& given,
                                 const v1::TrialRequest& request,
                                 const std::set<std::string>& sites);

// What a desk says to the questions of `request`: what it has `given`, and for what it has not what
// the directory holds; in the order of the questions, then of `sites`. `of_desk` says whether
// questions of scope DESK are among them.
QuestionAnswers CompleteAnswers(const QuestionAnswers& given, const v1::TrialRequest& request,
                                const std::vector<std::string>& sites, bool of_desk,
                                const directory::DirectorySnapshot& directory);

// A fault (REQUIRED) in `field` for each question, and each of `sites`, to which `answers` has
// none.
FieldFaults FindMissingAnswers(const std::string& field, const QuestionAnswers& answers,
                               const v1::TrialRequest& request,
                               const std::vector<std::string>& sites);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_QUESTION_ANSWERS_H_
