// What can happen to a referral, in which state, and by whom: the whole table, as data.
//
//   ABSL_ASSIGN_OR_RETURN(v1::ReferralState next,
//                         NextReferralState(referral.state(), ReferralEvent::kAnswer,
//                                           v1::ROLE_COORDINATOR, request_state));
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_STATE_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_STATE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

enum class ReferralEvent {
  kRoute,             // routed with its request
  kAdd,               // sent to a further desk
  kAcknowledge,       // the desk works on it
  kAsk,               // the desk asks the requester
  kWaitForAuthority,  // the desk waits for an authority
  kReply,             // the requester replies
  kAuthoritySpoke,    // the authority's word is there
  kNoReply,           // the requester did not reply in time
  kAnswer,            // offers, reasons, or the desk's word
  kDecline,           // declined as a whole
  kLapse,             // its time is over
  kRevise,            // the answer is replaced
  kHandOver,          // another contact or desk takes it
  kAmend,             // an amendment of the request touches it
  kWithdraw,          // the request is withdrawn
};

inline constexpr ReferralEvent kAllReferralEvents[] = {ReferralEvent::kRoute,
                                                       ReferralEvent::kAdd,
                                                       ReferralEvent::kAcknowledge,
                                                       ReferralEvent::kAsk,
                                                       ReferralEvent::kWaitForAuthority,
                                                       ReferralEvent::kReply,
                                                       ReferralEvent::kAuthoritySpoke,
                                                       ReferralEvent::kNoReply,
                                                       ReferralEvent::kAnswer,
                                                       ReferralEvent::kDecline,
                                                       ReferralEvent::kLapse,
                                                       ReferralEvent::kRevise,
                                                       ReferralEvent::kHandOver,
                                                       ReferralEvent::kAmend,
                                                       ReferralEvent::kWithdraw};

// "ACKNOWLEDGE": the event as errors name it.
absl::string_view EventName(ReferralEvent event);

// The state after `event`, caused by a principal of role `by`, of a referral in `state`
// (UNSPECIFIED: there is none yet) whose request is in `request`. A national coordinator may cause
// whatever a requester or a desk's coordinator may. An answer, in time or late, a late decline
// and a revision are possible while the request is ROUTED or ANSWERED: offers hold slots, and
// nobody would confirm or give back those of an answer that comes after the decision. For what a
// referral WAITING waits, the caller knows. FAILED_PRECONDITION (WRONG_STATE; metadata state,
// event, and request_state where it is that which forbids it): not in the table.
absl::StatusOr<v1::ReferralState> NextReferralState(v1::ReferralState state, ReferralEvent event,
                                                    v1::Role by, v1::TrialRequestState request);

// Whether a referral in `state` is still with its desk: SENT, ACKNOWLEDGED or WAITING.
bool IsOpen(v1::ReferralState state);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_STATE_H_
