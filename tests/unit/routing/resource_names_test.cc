#include "services/routing/resource_names.h"

#include <string>

#include "gtest/gtest.h"

namespace trialgate::routing {
namespace {

TEST(ResourceNamesTest, KnowsNamesOfRequests) {
  EXPECT_TRUE(IsTrialRequestName("trialRequests/abc2"));
  EXPECT_TRUE(IsTrialRequestName("trialRequests/2abc"));
  for (const char* name : {"", "trialRequests", "trialRequests/", "trialRequests/-x!",
                           "trialRequests/a/referrals/b", "sites/a", "trialRequests/a\x01"}) {
    EXPECT_FALSE(IsTrialRequestName(name)) << name;
  }
}

TEST(ResourceNamesTest, KnowsNamesBelowRequests) {
  EXPECT_TRUE(IsNameBelowRequest("trialRequests/a2/referrals/b3", "referrals"));
  EXPECT_TRUE(IsNameBelowRequest("trialRequests/a2/answers/1", "answers"));
  for (const char* name :
       {"", "trialRequests/a2", "trialRequests/a2/", "trialRequests/a2/referrals/",
        "trialRequests/a2/answers/b", "trialRequests/a2/referrals/b/c", "x/a2/referrals/b"}) {
    EXPECT_FALSE(IsNameBelowRequest(name, "referrals")) << name;
  }
}

TEST(ResourceNamesTest, GivesTheRequestOfANameBelowIt) {
  EXPECT_EQ(RequestOf("trialRequests/a/referrals/b"), "trialRequests/a");
  EXPECT_EQ(RequestOf("trialRequests/a"), "trialRequests/a");
  EXPECT_EQ(RequestOf("trialRequests"), "trialRequests");
}

TEST(ResourceNamesTest, WhatIsNotFoundIsNamedInASentenceUnlessItIsTooLongToBe) {
  EXPECT_EQ(NotFoundError("trialgate.v1.Referral", "trialRequests/a/referrals/b").message(),
            "\"trialRequests/a/referrals/b\" does not exist, or is not yours to see");
  EXPECT_EQ(NotFoundError("trialgate.v1.Referral", std::string(81, 'x')).message(),
            "the value given does not exist, or is not yours to see");
}

}  // namespace
}  // namespace trialgate::routing
