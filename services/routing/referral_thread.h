// What a desk and the requester say to each other about a referral, and what of it is wrong. Pure.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_THREAD_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_THREAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate::routing {

// Entries of one thread at most.
inline constexpr int kMaxThreadEntries = 100;
// Questions that are asked at once, at most.
inline constexpr int kMaxQuestionsAtOnce = 20;

// The faults of what a desk asks, of the wait that it begins, of what an authority said.
FieldFaults CheckQuestions(const v1::AskRequesterRequest& call);
FieldFaults CheckWaitForAuthority(const v1::WaitForAuthorityRequest& call);
FieldFaults CheckAuthorityWord(const v1::RecordAuthorityWordRequest& call);

// The faults of replies to `referral`: one is needed for each open question, and only for those.
FieldFaults CheckReplies(const v1::ReplyToReferralRequest& call, const v1::Referral& referral);

// Ids of the questions of `referral` that have no reply, oldest first.
std::vector<std::string> OpenQuestions(const v1::Referral& referral);

// OK where the thread has room for `entries` more; FAILED_PRECONDITION (THREAD_FULL).
absl::Status CheckRoom(const v1::Referral& referral, int entries);

// Adds an entry of a kind, said at `now` in `role`, with an id of its own; the rest is the
// caller's.
v1::ThreadEntry* AddEntry(v1::ThreadEntryKind kind, const std::string& text, v1::Role role,
                          absl::Time now, v1::Referral* referral);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_THREAD_H_
