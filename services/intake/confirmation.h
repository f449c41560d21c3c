// The requester's word on each offer.
#ifndef TRIALGATE_SERVICES_INTAKE_CONFIRMATION_H_
#define TRIALGATE_SERVICES_INTAKE_CONFIRMATION_H_

#include "common/base/errors.h"
#include "trialgate/v1/trial_request.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::intake {

// The faults of `confirm` for a request whose newest answer is `answer`: every offer needs exactly
// one selection, one that is not selected a coded reason, OTHER words.
FieldFaults CheckSelections(const v1::ConfirmTrialRequestRequest& confirm,
                            const v1::CollatedAnswer& answer);

// The faults of a reason to withdraw.
FieldFaults CheckWithdrawal(const v1::WithdrawTrialRequestRequest& withdraw);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_CONFIRMATION_H_
