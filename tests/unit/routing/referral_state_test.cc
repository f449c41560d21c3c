#include "services/routing/referral_state.h"

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using ::absl_testing::IsOkAndHolds;
using ::absl_testing::StatusIs;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using E = ReferralEvent;
using Case = std::tuple<v1::ReferralState, E, v1::Role>;

constexpr auto kNone = v1::REFERRAL_STATE_UNSPECIFIED;
constexpr auto kSent = v1::REFERRAL_STATE_SENT;
constexpr auto kAcknowledged = v1::REFERRAL_STATE_ACKNOWLEDGED;
constexpr auto kWaiting = v1::REFERRAL_STATE_WAITING;
constexpr auto kAnswered = v1::REFERRAL_STATE_ANSWERED;
constexpr auto kDeclined = v1::REFERRAL_STATE_DECLINED;
constexpr auto kLapsed = v1::REFERRAL_STATE_LAPSED;
constexpr auto kWithdrawn = v1::REFERRAL_STATE_WITHDRAWN;

constexpr v1::ReferralState kStates[] = {kNone,     kSent,     kAcknowledged, kWaiting,
                                         kAnswered, kDeclined, kLapsed,       kWithdrawn};
constexpr v1::Role kRoles[] = {v1::ROLE_UNSPECIFIED, v1::ROLE_REQUESTER, v1::ROLE_COORDINATOR,
                               v1::ROLE_NATIONAL,    v1::ROLE_AUDITOR,   v1::ROLE_OPERATOR,
                               v1::ROLE_PROGRAM};

// Every permitted triple, one by one, written apart from the table under test.
std::map<Case, v1::ReferralState> Permitted() {
  std::map<Case, v1::ReferralState> permitted;
  // By a desk's coordinator, hence by a national one too.
  const auto desk = [&](v1::ReferralState from, E event, v1::ReferralState to) {
    permitted[{from, event, v1::ROLE_COORDINATOR}] = to;
    permitted[{from, event, v1::ROLE_NATIONAL}] = to;
  };
  const auto program = [&](v1::ReferralState from, E event, v1::ReferralState to) {
    permitted[{from, event, v1::ROLE_PROGRAM}] = to;
  };
  program(kNone, E::kRoute, kSent);
  permitted[{kNone, E::kAdd, v1::ROLE_NATIONAL}] = kSent;
  desk(kSent, E::kAcknowledge, kAcknowledged);
  desk(kSent, E::kAsk, kWaiting);
  desk(kAcknowledged, E::kAsk, kWaiting);
  desk(kSent, E::kWaitForAuthority, kWaiting);
  desk(kAcknowledged, E::kWaitForAuthority, kWaiting);
  permitted[{kWaiting, E::kReply, v1::ROLE_REQUESTER}] = kAcknowledged;
  permitted[{kWaiting, E::kReply, v1::ROLE_NATIONAL}] = kAcknowledged;
  desk(kWaiting, E::kAuthoritySpoke, kAcknowledged);
  program(kWaiting, E::kNoReply, kAcknowledged);
  desk(kLapsed, E::kAnswer, kAnswered);
  desk(kLapsed, E::kDecline, kDeclined);
  desk(kAnswered, E::kRevise, kAnswered);
  program(kAnswered, E::kAmend, kSent);
  program(kDeclined, E::kAmend, kSent);
  program(kLapsed, E::kAmend, kSent);
  for (const auto open : {kSent, kAcknowledged, kWaiting}) {
    desk(open, E::kAnswer, kAnswered);
    desk(open, E::kDecline, kDeclined);
    desk(open, E::kHandOver, open);
    program(open, E::kLapse, kLapsed);
    program(open, E::kWithdraw, kWithdrawn);
  }
  return permitted;
}

TEST(ReferralStateTest, WhatIsListedLeadsToItsState) {
  for (const auto& [permitted, to] : Permitted()) {
    const auto& [from, event, by] = permitted;
    EXPECT_THAT(NextReferralState(from, event, by, v1::TRIAL_REQUEST_STATE_ROUTED),
                IsOkAndHolds(to))
        << v1::ReferralState_Name(from) << " " << std::string(EventName(event)) << " "
        << v1::Role_Name(by);
  }
}

TEST(ReferralStateTest, WhatIsNotListedIsRefused) {
  const std::map<Case, v1::ReferralState> permitted = Permitted();
  int refused = 0;
  for (const auto from : kStates) {
    for (const auto event : kAllReferralEvents) {
      for (const auto by : kRoles) {
        if (permitted.count({from, event, by}) > 0) continue;
        ++refused;
        const auto next = NextReferralState(from, event, by, v1::TRIAL_REQUEST_STATE_ROUTED);
        EXPECT_THAT(next, StatusIs(absl::StatusCode::kFailedPrecondition));
        EXPECT_THAT(next, HasReason(v1::ERROR_REASON_WRONG_STATE))
            << v1::ReferralState_Name(from) << " " << std::string(EventName(event)) << " "
            << v1::Role_Name(by);
      }
    }
  }
  EXPECT_EQ(refused + permitted.size(),
            std::size(kStates) * std::size(kAllReferralEvents) * std::size(kRoles));
}

TEST(ReferralStateTest, AnswersLateDeclinesAndRevisionsEndWhenTheRequestIsDecided) {
  const std::set<std::pair<v1::ReferralState, E>> until_decided = {
      {kSent, E::kAnswer},   {kAcknowledged, E::kAnswer}, {kWaiting, E::kAnswer},
      {kLapsed, E::kAnswer}, {kLapsed, E::kDecline},      {kAnswered, E::kRevise}};
  for (const auto& [permitted, to] : Permitted()) {
    const auto& [from, event, by] = permitted;
    EXPECT_THAT(NextReferralState(from, event, by, v1::TRIAL_REQUEST_STATE_ANSWERED),
                IsOkAndHolds(to));
    for (const auto request : {v1::TRIAL_REQUEST_STATE_CONFIRMED, v1::TRIAL_REQUEST_STATE_CLOSED,
                               v1::TRIAL_REQUEST_STATE_WITHDRAWN}) {
      const auto next = NextReferralState(from, event, by, request);
      if (until_decided.count({from, event}) > 0) {
        EXPECT_THAT(next, HasReason(v1::ERROR_REASON_WRONG_STATE));
      } else {
        EXPECT_THAT(next, IsOkAndHolds(to));
      }
    }
  }
}

TEST(ReferralStateTest, ARefusalNamesStateAndEvent) {
  const auto refused = NextReferralState(kAnswered, E::kAnswer, v1::ROLE_COORDINATOR,
                                         v1::TRIAL_REQUEST_STATE_ROUTED);
  EXPECT_THAT(MetadataOf(refused.status()),
              UnorderedElementsAre(Pair("state", "ANSWERED"), Pair("event", "ANSWER")));
  const auto late = NextReferralState(kLapsed, E::kAnswer, v1::ROLE_COORDINATOR,
                                      v1::TRIAL_REQUEST_STATE_CONFIRMED);
  EXPECT_THAT(MetadataOf(late.status()),
              UnorderedElementsAre(Pair("state", "LAPSED"), Pair("event", "ANSWER"),
                                   Pair("request_state", "CONFIRMED")));
}

TEST(ReferralStateTest, OpenIsSentAcknowledgedOrWaiting) {
  const std::set<v1::ReferralState> open = {kSent, kAcknowledged, kWaiting};
  for (const auto state : kStates) EXPECT_EQ(IsOpen(state), open.count(state) > 0);
}

}  // namespace
}  // namespace trialgate::routing
