// The referrals of a request as they are sent: from the plan and the desks' clocks.
#ifndef TRIALGATE_SERVICES_INTAKE_SUBMISSION_H_
#define TRIALGATE_SERVICES_INTAKE_SUBMISSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// Whether the principal may submit `request`: requesters and national coordinators may, for an
// organization that is approved; a coordinator may submit an idea, at a desk that is an idea
// clinic. PERMISSION_DENIED (ROLE_NOT_PERMITTED); FAILED_PRECONDITION (ORGANIZATION_NOT_APPROVED).
absl::Status CheckMaySubmit(const v1::Principal& principal, const v1::TrialRequest& request,
                            const directory::DirectorySnapshot& directory);

// The request as the principal submits it: of a person's idea that a coordinator of one idea clinic
// submits, that clinic is the submitting desk where none is named.
v1::TrialRequest AsSubmittedBy(const v1::Principal& principal, v1::TrialRequest request,
                               const directory::DirectorySnapshot& directory);

// The faults of a person's idea that depend on who submits it: CONTRADICTION of a requester's;
// UNKNOWN_VALUE of a submitting desk that is not the coordinator's.
FieldFaults CheckSubmitterBy(const v1::Principal& principal, const v1::TrialRequest& request);

// The fault of a response deadline before which no desk of the country works, whichever are asked:
// told before it is known who they are. None where the deadline is absent, no date, or past, of
// which ValidateTrialRequest tells. MakeReferral tests the desks that are asked.
FieldFaults CheckDeadlineForAnyDesk(const v1::TrialRequest& request,
                                    const directory::DirectorySnapshot& directory, absl::Time sent);

// The referral named `name` that is sent at `sent` by `planned`, whose desk is in `directory`.
// INVALID_ARGUMENT (INVALID_FIELDS: DEADLINE_TOO_EARLY): the desk cannot answer before the
// requester's deadline. INTERNAL: the pack gave the desk no calendar or time zone.
absl::StatusOr<v1::Referral> MakeReferral(const v1::TrialRequest& request,
                                          const v1::PlannedReferral& planned,
                                          const std::string& name,
                                          const directory::DirectorySnapshot& directory,
                                          absl::Time sent);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_SUBMISSION_H_
