#include "services/routing/referral_state.h"

#include <initializer_list>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using Event = ReferralEvent;

constexpr v1::ReferralState kNone = v1::REFERRAL_STATE_UNSPECIFIED;
constexpr v1::ReferralState kSent = v1::REFERRAL_STATE_SENT;
constexpr v1::ReferralState kAcknowledged = v1::REFERRAL_STATE_ACKNOWLEDGED;
constexpr v1::ReferralState kWaiting = v1::REFERRAL_STATE_WAITING;
constexpr v1::ReferralState kAnswered = v1::REFERRAL_STATE_ANSWERED;
constexpr v1::ReferralState kDeclined = v1::REFERRAL_STATE_DECLINED;
constexpr v1::ReferralState kLapsed = v1::REFERRAL_STATE_LAPSED;
constexpr v1::ReferralState kWithdrawn = v1::REFERRAL_STATE_WITHDRAWN;

constexpr v1::Role kRequester = v1::ROLE_REQUESTER;
constexpr v1::Role kCoordinator = v1::ROLE_COORDINATOR;
constexpr v1::Role kNational = v1::ROLE_NATIONAL;
constexpr v1::Role kProgram = v1::ROLE_PROGRAM;

enum class Until { kAlways, kConfirmed };

struct Row {
  std::vector<v1::ReferralState> from;
  Event event;
  v1::Role by;
  // kNone: the state stays as it is.
  v1::ReferralState to;
  Until until = Until::kAlways;
};

const std::vector<Row>& Rows() {
  static const auto* const kRows = new std::vector<Row>{
      {{kNone}, Event::kRoute, kProgram, kSent},
      {{kNone}, Event::kAdd, kNational, kSent},
      {{kSent}, Event::kAcknowledge, kCoordinator, kAcknowledged},
      {{kSent, kAcknowledged}, Event::kAsk, kCoordinator, kWaiting},
      {{kSent, kAcknowledged}, Event::kWaitForAuthority, kCoordinator, kWaiting},
      {{kWaiting}, Event::kReply, kRequester, kAcknowledged},
      {{kWaiting}, Event::kAuthoritySpoke, kCoordinator, kAcknowledged},
      {{kWaiting}, Event::kNoReply, kProgram, kAcknowledged},
      // An offer holds slots, which nobody would confirm or give back once the request is decided.
      {{kSent, kAcknowledged, kWaiting},
       Event::kAnswer,
       kCoordinator,
       kAnswered,
       Until::kConfirmed},
      {{kSent, kAcknowledged, kWaiting}, Event::kDecline, kCoordinator, kDeclined},
      {{kSent, kAcknowledged, kWaiting}, Event::kLapse, kProgram, kLapsed},
      {{kLapsed}, Event::kAnswer, kCoordinator, kAnswered, Until::kConfirmed},
      {{kLapsed}, Event::kDecline, kCoordinator, kDeclined, Until::kConfirmed},
      {{kAnswered}, Event::kRevise, kCoordinator, kAnswered, Until::kConfirmed},
      {{kSent, kAcknowledged, kWaiting}, Event::kHandOver, kCoordinator, kNone},
      {{kAnswered, kDeclined, kLapsed}, Event::kAmend, kProgram, kSent},
      {{kSent, kAcknowledged, kWaiting}, Event::kWithdraw, kProgram, kWithdrawn},
  };
  return *kRows;
}

bool Contains(const std::vector<v1::ReferralState>& states, v1::ReferralState state) {
  for (const v1::ReferralState one : states) {
    if (one == state) return true;
  }
  return false;
}

// National coordinators may do everything that requesters and coordinators may.
bool MayAct(v1::Role by, v1::Role listed) {
  return by == listed || (by == kNational && (listed == kRequester || listed == kCoordinator));
}

bool IsUndecided(v1::TrialRequestState request) {
  return request == v1::TRIAL_REQUEST_STATE_ROUTED || request == v1::TRIAL_REQUEST_STATE_ANSWERED;
}

absl::string_view StateName(v1::ReferralState state) {
  return absl::StripPrefix(v1::ReferralState_Name(state), "REFERRAL_STATE_");
}

Error WrongState(v1::ReferralState state, Event event) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
               absl::StrCat("a referral that is ", StateName(state), " does not permit ",
                            EventName(event)))
      .WithMetadata("state", StateName(state))
      .WithMetadata("event", EventName(event));
}

}  // namespace

absl::string_view EventName(ReferralEvent event) {
  switch (event) {
    case Event::kRoute:
      return "ROUTE";
    case Event::kAdd:
      return "ADD";
    case Event::kAcknowledge:
      return "ACKNOWLEDGE";
    case Event::kAsk:
      return "ASK";
    case Event::kWaitForAuthority:
      return "WAIT_FOR_AUTHORITY";
    case Event::kReply:
      return "REPLY";
    case Event::kAuthoritySpoke:
      return "AUTHORITY_SPOKE";
    case Event::kNoReply:
      return "NO_REPLY";
    case Event::kAnswer:
      return "ANSWER";
    case Event::kDecline:
      return "DECLINE";
    case Event::kLapse:
      return "LAPSE";
    case Event::kRevise:
      return "REVISE";
    case Event::kHandOver:
      return "HAND_OVER";
    case Event::kAmend:
      return "AMEND";
    case Event::kWithdraw:
      return "WITHDRAW";
  }
  return "UNKNOWN";
}

absl::StatusOr<v1::ReferralState> NextReferralState(v1::ReferralState state, ReferralEvent event,
                                                    v1::Role by, v1::TrialRequestState request) {
  for (const Row& row : Rows()) {
    if (row.event != event || !Contains(row.from, state) || !MayAct(by, row.by)) continue;
    if (row.until == Until::kConfirmed && !IsUndecided(request)) {
      return WrongState(state, event)
          .WithMetadata("request_state", absl::StripPrefix(v1::TrialRequestState_Name(request),
                                                           "TRIAL_REQUEST_STATE_"));
    }
    return row.to == kNone ? state : row.to;
  }
  return WrongState(state, event);
}

bool IsOpen(v1::ReferralState state) {
  return state == kSent || state == kAcknowledged || state == kWaiting;
}

}  // namespace trialgate::routing
