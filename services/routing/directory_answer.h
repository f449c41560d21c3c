// Questions of a requester that the directory answers by itself. Pure.
#ifndef TRIALGATE_SERVICES_ROUTING_DIRECTORY_ANSWER_H_
#define TRIALGATE_SERVICES_ROUTING_DIRECTORY_ANSWER_H_

#include <optional>

#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// What the directory holds of `site` for a question of `request` that asks for a field of it, with
// its source and as of when; nullopt: the question asks for none, or the directory does not know.
// Never numbers of slots.
std::optional<v1::QuestionAnswer> AnswerFromDirectory(
    const v1::Question& question, const v1::TrialRequest& request, const v1::Site& site,
    const directory::DirectorySnapshot& directory);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_DIRECTORY_ANSWER_H_
