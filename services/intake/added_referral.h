// A referral to a further desk, beyond those that routing asked. Pure.
#ifndef TRIALGATE_SERVICES_INTAKE_ADDED_REFERRAL_H_
#define TRIALGATE_SERVICES_INTAKE_ADDED_REFERRAL_H_

#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/trial_request.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::intake {

// The faults of a call that adds a referral to `request` on `today`: as AddReferralRequest says.
FieldFaults CheckAddReferral(const v1::AddReferralRequest& call, const v1::TrialRequest& request,
                             const directory::DirectorySnapshot& directory, absl::CivilDay today);

// What is asked, of a call without faults: the desk, its contact where one is named, the sites, and
// the sites' regional desks of `today`, which are informed where they do not answer.
v1::PlannedReferral PlanAdded(const v1::AddReferralRequest& call,
                              const directory::DirectorySnapshot& directory, absl::CivilDay today);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_ADDED_REFERRAL_H_
