#include "services/routing/open_referrals.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::routing {
namespace {

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
}

}  // namespace
}  // namespace trialgate::routing
