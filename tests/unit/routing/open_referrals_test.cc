#include "services/routing/open_referrals.h"

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::routing {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

v1::Referral DueOn(absl::string_view desk, v1::ReferralState state, int acknowledge, int answer) {
  v1::Referral referral;
  referral.set_desk(std::string(desk));
  referral.set_state(state);
  referral.mutable_acknowledge_due_time()->set_seconds(acknowledge);
  referral.mutable_answer_due_time()->set_seconds(answer);
  return referral;
}

TEST(OpenReferralsTest, CountsByContactAndByDesk) {
  v1::Referral referral;
  referral.set_desk("desks/a");
  referral.set_contact("desks/a/contacts/x");
  OpenReferrals open;
  open.Add(referral, 1);
  open.Add(referral, 1);
  referral.set_contact("desks/a/contacts/y");
  open.Add(referral, 1);
  EXPECT_EQ(open.OfDesk("desks/a"), 3);
  EXPECT_EQ(open.OfContact("desks/a/contacts/x"), 2);
  EXPECT_EQ(open.OfContact("desks/a/contacts/y"), 1);
  EXPECT_EQ(open.OfContact("desks/b/contacts/z"), 0);
}

TEST(OpenReferralsTest, WhatIsCountedAsOftenLessIsGone) {
  v1::Referral referral;
  referral.set_desk("desks/a");
  referral.set_contact("desks/a/contacts/x");
  OpenReferrals open;
  open.Add(referral, 1);
  open.Add(referral, -1);
  EXPECT_TRUE(open.by_contact.empty());
  EXPECT_TRUE(open.by_desk.empty());
  EXPECT_TRUE(open.acknowledge_due.empty());
  EXPECT_TRUE(open.answer_due.empty());
}

TEST(OpenReferralsTest, IsOverdueFromTheDueInstantOn) {
  OpenReferrals open;
  open.Add(DueOn("desks/a", v1::REFERRAL_STATE_SENT, 100, 500), 1);
  open.Add(DueOn("desks/a", v1::REFERRAL_STATE_SENT, 100, 600), 1);
  open.Add(DueOn("desks/b", v1::REFERRAL_STATE_SENT, 200, 500), 1);
  const auto at = [](int seconds) { return absl::FromUnixSeconds(seconds); };
  EXPECT_THAT(Overdue(open.acknowledge_due, at(99)), IsEmpty());
  EXPECT_THAT(Overdue(open.acknowledge_due, at(100)), UnorderedElementsAre(Pair("desks/a", 2)));
  EXPECT_THAT(Overdue(open.answer_due, at(499)), IsEmpty());
  EXPECT_THAT(Overdue(open.answer_due, at(599)),
              UnorderedElementsAre(Pair("desks/a", 1), Pair("desks/b", 1)));
}

TEST(OpenReferralsTest,
     AnAcknowledgedReferralIsDueForItsAnswerOnlyAndTheClockOfOneThatWaitsStands) {
  OpenReferrals open;
  open.Add(DueOn("desks/a", v1::REFERRAL_STATE_ACKNOWLEDGED, 100, 500), 1);
  open.Add(DueOn("desks/b", v1::REFERRAL_STATE_WAITING, 100, 500), 1);
  const absl::Time late = absl::FromUnixSeconds(1000);
  EXPECT_THAT(Overdue(open.acknowledge_due, late), IsEmpty());
  EXPECT_THAT(Overdue(open.answer_due, late), UnorderedElementsAre(Pair("desks/a", 1)));
}

}  // namespace
}  // namespace trialgate::routing
