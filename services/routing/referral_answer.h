// What a desk may say to a referral: every fault of an answer at once.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_ANSWER_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_ANSWER_H_

#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// Whether the desk may offer `site` although it was not asked about it: a site that stands, on
// `today`, in a region for which the desk answers; a desk of no region (national) may offer any
// that has a speciality for which it answers, or any at all where it names none.
bool MayOffer(const v1::Desk& desk, const v1::Site& site,
              const directory::DirectorySnapshot& directory, absl::CivilDay today);

// The faults of `answer` to `referral`, which belongs to `request`. Every site asked about needs
// exactly one offer or coded reason. A site that was not asked about may be offered with a comment
// that says why, if MayOffer and it is valid on `today`. Starts are not before `today`, and at most
// feasibility::kMaxYearsAhead years later. Of data access and ideas no site is offered; the desk's
// word is required.
FieldFaults CheckAnswer(const v1::AnswerReferralRequest& answer, const v1::Referral& referral,
                        const v1::TrialRequest& request,
                        const directory::DirectorySnapshot& directory, absl::CivilDay today);

// The faults of a reason to decline as a whole.
FieldFaults CheckDecline(const v1::DeclineReferralRequest& decline);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_ANSWER_H_
