#include "services/intake/trial_request_state.h"

#include <map>
#include <string>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using ::absl_testing::IsOkAndHolds;
using ::absl_testing::StatusIs;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using E = TrialRequestEvent;
using Case = std::tuple<v1::TrialRequestState, E, v1::Role>;

constexpr auto kNone = v1::TRIAL_REQUEST_STATE_UNSPECIFIED;
constexpr auto kRouted = v1::TRIAL_REQUEST_STATE_ROUTED;
constexpr auto kAnswered = v1::TRIAL_REQUEST_STATE_ANSWERED;
constexpr auto kConfirmed = v1::TRIAL_REQUEST_STATE_CONFIRMED;
constexpr auto kClosed = v1::TRIAL_REQUEST_STATE_CLOSED;
constexpr auto kWithdrawn = v1::TRIAL_REQUEST_STATE_WITHDRAWN;

constexpr v1::TrialRequestState kStates[] = {kNone,      kRouted, kAnswered,
                                             kConfirmed, kClosed, kWithdrawn};
constexpr v1::Role kRoles[] = {v1::ROLE_UNSPECIFIED, v1::ROLE_REQUESTER, v1::ROLE_COORDINATOR,
                               v1::ROLE_NATIONAL,    v1::ROLE_AUDITOR,   v1::ROLE_OPERATOR,
                               v1::ROLE_PROGRAM};

// Every permitted triple, one by one, written apart from the table under test.
std::map<Case, v1::TrialRequestState> Permitted() {
  return {
      {{kNone, E::kSubmit, v1::ROLE_REQUESTER}, kRouted},
      {{kNone, E::kSubmit, v1::ROLE_NATIONAL}, kRouted},
      {{kNone, E::kSubmitIdea, v1::ROLE_COORDINATOR}, kRouted},
      {{kNone, E::kSubmitIdea, v1::ROLE_NATIONAL}, kRouted},
      {{kRouted, E::kAllEnded, v1::ROLE_PROGRAM}, kAnswered},
      {{kRouted, E::kAnswerDue, v1::ROLE_PROGRAM}, kAnswered},
      {{kAnswered, E::kEndedLate, v1::ROLE_PROGRAM}, kAnswered},
      {{kAnswered, E::kAnswerRevised, v1::ROLE_PROGRAM}, kAnswered},
      {{kRouted, E::kAmend, v1::ROLE_REQUESTER}, kRouted},
      {{kRouted, E::kAmend, v1::ROLE_NATIONAL}, kRouted},
      {{kAnswered, E::kAmend, v1::ROLE_REQUESTER}, kRouted},
      {{kAnswered, E::kAmend, v1::ROLE_NATIONAL}, kRouted},
      {{kRouted, E::kAddReferral, v1::ROLE_NATIONAL}, kRouted},
      {{kAnswered, E::kAddReferral, v1::ROLE_NATIONAL}, kRouted},
      {{kAnswered, E::kConfirm, v1::ROLE_REQUESTER}, kConfirmed},
      {{kAnswered, E::kConfirm, v1::ROLE_NATIONAL}, kConfirmed},
      {{kAnswered, E::kSilence, v1::ROLE_PROGRAM}, kClosed},
      {{kConfirmed, E::kOutcomesReported, v1::ROLE_REQUESTER}, kClosed},
      {{kConfirmed, E::kOutcomesReported, v1::ROLE_NATIONAL}, kClosed},
      {{kConfirmed, E::kWindowLongOver, v1::ROLE_PROGRAM}, kClosed},
      {{kRouted, E::kWithdraw, v1::ROLE_REQUESTER}, kWithdrawn},
      {{kRouted, E::kWithdraw, v1::ROLE_NATIONAL}, kWithdrawn},
      {{kAnswered, E::kWithdraw, v1::ROLE_REQUESTER}, kWithdrawn},
      {{kAnswered, E::kWithdraw, v1::ROLE_NATIONAL}, kWithdrawn},
      {{kConfirmed, E::kWithdraw, v1::ROLE_REQUESTER}, kWithdrawn},
      {{kConfirmed, E::kWithdraw, v1::ROLE_NATIONAL}, kWithdrawn},
  };
}

TEST(TrialRequestStateTest, WhatIsListedLeadsToItsState) {
  for (const auto& [permitted, to] : Permitted()) {
    const auto& [from, event, by] = permitted;
    EXPECT_THAT(NextTrialRequestState(from, event, by), IsOkAndHolds(to))
        << v1::TrialRequestState_Name(from) << " " << std::string(EventName(event)) << " "
        << v1::Role_Name(by);
  }
}

TEST(TrialRequestStateTest, WhatIsNotListedIsRefused) {
  const std::map<Case, v1::TrialRequestState> permitted = Permitted();
  std::size_t refused = 0;
  for (const auto from : kStates) {
    for (const auto event : kAllTrialRequestEvents) {
      for (const auto by : kRoles) {
        if (permitted.count({from, event, by}) > 0) continue;
        ++refused;
        const auto next = NextTrialRequestState(from, event, by);
        EXPECT_THAT(next, StatusIs(absl::StatusCode::kFailedPrecondition));
        EXPECT_THAT(next, HasReason(v1::ERROR_REASON_WRONG_STATE))
            << v1::TrialRequestState_Name(from) << " " << std::string(EventName(event)) << " "
            << v1::Role_Name(by);
      }
    }
  }
  EXPECT_EQ(refused + permitted.size(),
            std::size(kStates) * std::size(kAllTrialRequestEvents) * std::size(kRoles));
}

TEST(TrialRequestStateTest, ARefusalNamesStateAndEvent) {
  const auto refused = NextTrialRequestState(kRouted, E::kConfirm, v1::ROLE_REQUESTER);
  EXPECT_THAT(MetadataOf(refused.status()),
              UnorderedElementsAre(Pair("state", "ROUTED"), Pair("event", "CONFIRM")));
}

}  // namespace
}  // namespace trialgate::intake
