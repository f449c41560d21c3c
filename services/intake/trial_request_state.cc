#include "services/intake/trial_request_state.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using Event = TrialRequestEvent;

constexpr v1::TrialRequestState kNone = v1::TRIAL_REQUEST_STATE_UNSPECIFIED;
constexpr v1::TrialRequestState kRouted = v1::TRIAL_REQUEST_STATE_ROUTED;
constexpr v1::TrialRequestState kAnswered = v1::TRIAL_REQUEST_STATE_ANSWERED;
constexpr v1::TrialRequestState kConfirmed = v1::TRIAL_REQUEST_STATE_CONFIRMED;
constexpr v1::TrialRequestState kClosed = v1::TRIAL_REQUEST_STATE_CLOSED;
constexpr v1::TrialRequestState kWithdrawn = v1::TRIAL_REQUEST_STATE_WITHDRAWN;

constexpr v1::Role kRequester = v1::ROLE_REQUESTER;
constexpr v1::Role kCoordinator = v1::ROLE_COORDINATOR;
constexpr v1::Role kNational = v1::ROLE_NATIONAL;
constexpr v1::Role kProgram = v1::ROLE_PROGRAM;

struct Row {
  std::vector<v1::TrialRequestState> from;
  Event event;
  v1::Role by;
  v1::TrialRequestState to;
};

const std::vector<Row>& Rows() {
  static const auto* const kRows = new std::vector<Row>{
      {{kNone}, Event::kSubmit, kRequester, kRouted},
      {{kNone}, Event::kSubmitIdea, kCoordinator, kRouted},
      {{kRouted}, Event::kAllEnded, kProgram, kAnswered},
      {{kRouted}, Event::kAnswerDue, kProgram, kAnswered},
      {{kAnswered}, Event::kEndedLate, kProgram, kAnswered},
      {{kAnswered}, Event::kAnswerRevised, kProgram, kAnswered},
      {{kRouted, kAnswered}, Event::kAmend, kRequester, kRouted},
      {{kRouted, kAnswered}, Event::kAddReferral, kNational, kRouted},
      {{kAnswered}, Event::kConfirm, kRequester, kConfirmed},
      {{kAnswered}, Event::kSilence, kProgram, kClosed},
      {{kConfirmed}, Event::kOutcomesReported, kRequester, kClosed},
      {{kConfirmed}, Event::kWindowLongOver, kProgram, kClosed},
      {{kRouted, kAnswered, kConfirmed}, Event::kWithdraw, kRequester, kWithdrawn},
  };
  return *kRows;
}

// National coordinators may do everything that requesters and coordinators may.
bool MayAct(v1::Role by, v1::Role listed) {
  return by == listed || (by == kNational && (listed == kRequester || listed == kCoordinator));
}

absl::string_view StateName(v1::TrialRequestState state) {
  return absl::StripPrefix(v1::TrialRequestState_Name(state), "TRIAL_REQUEST_STATE_");
}

}  // namespace

absl::string_view EventName(TrialRequestEvent event) {
  switch (event) {
    case Event::kSubmit:
      return "SUBMIT";
    case Event::kSubmitIdea:
      return "SUBMIT_IDEA";
    case Event::kAllEnded:
      return "ALL_ENDED";
    case Event::kAnswerDue:
      return "ANSWER_DUE";
    case Event::kEndedLate:
      return "ENDED_LATE";
    case Event::kAnswerRevised:
      return "ANSWER_REVISED";
    case Event::kAmend:
      return "AMEND";
    case Event::kAddReferral:
      return "ADD_REFERRAL";
    case Event::kConfirm:
      return "CONFIRM";
    case Event::kSilence:
      return "SILENCE";
    case Event::kOutcomesReported:
      return "OUTCOMES_REPORTED";
    case Event::kWindowLongOver:
      return "WINDOW_LONG_OVER";
    case Event::kWithdraw:
      return "WITHDRAW";
  }
  return "UNKNOWN";
}

absl::StatusOr<v1::TrialRequestState> NextTrialRequestState(v1::TrialRequestState state,
                                                            TrialRequestEvent event, v1::Role by) {
  for (const Row& row : Rows()) {
    if (row.event == event && MayAct(by, row.by) &&
        std::find(row.from.begin(), row.from.end(), state) != row.from.end()) {
      return row.to;
    }
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
               absl::StrCat("a trial request that is ", StateName(state), " does not permit ",
                            EventName(event)))
      .WithMetadata("state", StateName(state))
      .WithMetadata("event", EventName(event));
}

}  // namespace trialgate::intake
