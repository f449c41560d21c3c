// What can happen to a trial request, in which state, and by whom: the whole table, as data.
//
//   ABSL_ASSIGN_OR_RETURN(v1::TrialRequestState next,
//                         NextTrialRequestState(request.state(), TrialRequestEvent::kConfirm,
//                                               v1::ROLE_REQUESTER));
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_STATE_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_STATE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

enum class TrialRequestEvent {
  kSubmit,            // submitted by who asks
  kSubmitIdea,        // an idea, submitted by an idea clinic's desk
  kAllEnded,          // all its referrals ended
  kAnswerDue,         // its answer is due
  kEndedLate,         // a referral ended after the answer was collated
  kAnswerRevised,     // a desk revised its answer
  kAmend,             // a new revision
  kAddReferral,       // a referral to a further desk
  kConfirm,           // each offer is selected or not
  kSilence,           // nobody said a word for too long
  kOutcomesReported,  // the outcome of every selected site is reported
  kWindowLongOver,    // six months after the window
  kWithdraw,          // withdrawn, with a reason
};

inline constexpr TrialRequestEvent kAllTrialRequestEvents[] = {TrialRequestEvent::kSubmit,
                                                               TrialRequestEvent::kSubmitIdea,
                                                               TrialRequestEvent::kAllEnded,
                                                               TrialRequestEvent::kAnswerDue,
                                                               TrialRequestEvent::kEndedLate,
                                                               TrialRequestEvent::kAnswerRevised,
                                                               TrialRequestEvent::kAmend,
                                                               TrialRequestEvent::kAddReferral,
                                                               TrialRequestEvent::kConfirm,
                                                               TrialRequestEvent::kSilence,
                                                               TrialRequestEvent::kOutcomesReported,
                                                               TrialRequestEvent::kWindowLongOver,
                                                               TrialRequestEvent::kWithdraw};

// "CONFIRM": the event as errors name it.
absl::string_view EventName(TrialRequestEvent event);

// The state after `event`, caused by a principal of role `by`, of a request in `state`
// (UNSPECIFIED: there is none yet). A national coordinator may cause whatever a requester or a
// desk's coordinator may. FAILED_PRECONDITION (WRONG_STATE; metadata state, event): not in the
// table.
absl::StatusOr<v1::TrialRequestState> NextTrialRequestState(v1::TrialRequestState state,
                                                            TrialRequestEvent event, v1::Role by);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_STATE_H_
