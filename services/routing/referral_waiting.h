// For whom a referral waits, since when, and what that does to its clock. Pure.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_WAITING_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_WAITING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/directory/directory_snapshot.h"
#include "services/routing/referral_state.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// Puts into `referral`, which does not wait yet, that it waits from `now` on; `authority` where it
// is for one. Of data access the outcome is PENDING meanwhile. Who waits has acknowledged.
void StartWaiting(v1::WaitingFor waiting_for, const std::string& authority, absl::Time now,
                  v1::TrialKind kind, v1::Referral* referral);

// The wait ends at `now`, and an outcome that was PENDING is open again; nothing where the referral
// does not wait. The state is the caller's.
void StopWaiting(absl::Time now, v1::Referral* referral);

// Sets answer_due_time of `referral`, which belongs to `request`, by all its waits; one that lasts
// counts up to `now`. INTERNAL: the directory has no desk, calendar or time zone for it.
absl::Status SetAnswerDue(const v1::TrialRequest& request,
                          const directory::DirectorySnapshot& directory, absl::Time now,
                          v1::Referral* referral);

// OK where `event`, a reply or an authority's word, is what a referral that is WAITING waits for,
// or where it is not WAITING at all, of which the state table tells. FAILED_PRECONDITION
// (WRONG_STATE; metadata state, event, waiting_for) otherwise.
absl::Status CheckAwaited(const v1::Referral& referral, ReferralEvent event);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_WAITING_H_
