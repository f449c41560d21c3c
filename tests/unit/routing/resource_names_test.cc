#include "services/routing/resource_names.h"

#include <string>

#include "absl/strings/str_cat.h"
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

TEST(ResourceNamesTest, WhatIsNotFoundIsNamedInASentence) {
  EXPECT_EQ(NotFoundError("trialgate.v1.Referral", "trialRequests/a/referrals/b").message(),
            "\"trialRequests/a/referrals/b\" does not exist, or is not yours to see");
}

TEST(ResourceNamesTest, TheLongestNameThereIsStandsThereWholeAndALongerTextCut) {
  const std::string id(63, 'x');
  const std::string line = absl::StrCat("trialRequests/", id, "/referrals/", id, "/sites/", id);
  EXPECT_EQ(NotFoundError("trialgate.v1.ReferralSite", line).message(),
            absl::StrCat("\"", line, "\" does not exist, or is not yours to see"));
  EXPECT_LT(NotFoundError("trialgate.v1.ReferralSite", std::string(9000, 'x')).message().size(),
            400);
}

}  // namespace
}  // namespace trialgate::routing
