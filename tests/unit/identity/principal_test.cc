#include "common/identity/principal.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(PrincipalTest, ARequesterNamesItsOrganization) {
  ASSERT_OK_AND_ASSIGN(const v1::Principal principal,
                       ParsePrincipal("requester:organizations/acme:alice"));
  EXPECT_EQ(principal.role(), v1::ROLE_REQUESTER);
  EXPECT_EQ(principal.organization(), "organizations/acme");
  EXPECT_EQ(principal.subject(), "alice");
  EXPECT_TRUE(principal.desks().empty());
}

TEST(PrincipalTest, ACoordinatorNamesItsDesks) {
  ASSERT_OK_AND_ASSIGN(const v1::Principal principal,
                       ParsePrincipal("coordinator:desks/north,desks/oncology:bob@desk.example"));
  EXPECT_EQ(principal.role(), v1::ROLE_COORDINATOR);
  EXPECT_THAT(principal.desks(), ElementsAre("desks/north", "desks/oncology"));
  EXPECT_EQ(principal.subject(), "bob@desk.example");
  EXPECT_EQ(principal.organization(), "");
}

TEST(PrincipalTest, WhatIsFormattedIsReadBack) {
  for (const std::string text :
       {"requester:organizations/acme:alice", "coordinator:desks/a,desks/b:bob", "national::carol",
        "auditor::dan", "operator::op-1"}) {
    ASSERT_OK_AND_ASSIGN(const v1::Principal principal, ParsePrincipal(text));
    EXPECT_EQ(FormatPrincipal(principal), text);
  }
}

class BadPrincipalTest : public testing::TestWithParam<std::string> {};

TEST_P(BadPrincipalTest, IsUnauthenticated) {
  EXPECT_THAT(ParsePrincipal(GetParam()), AllOf(StatusIs(absl::StatusCode::kUnauthenticated),
                                                HasReason(v1::ERROR_REASON_NO_PRINCIPAL)));
}

TEST(PrincipalTest, WhatAClientSaidOfItselfIsNotRepeated) {
  for (const std::string text : {"mallory", "mallory::x", "national:mallory:x",
                                 "requester:mallory:x", "national::mallory!"}) {
    EXPECT_THAT(ParsePrincipal(text),
                StatusIs(absl::StatusCode::kUnauthenticated, Not(HasSubstr("mallory"))));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPrincipalTest,
    testing::Values("", "national", "national:", "national:carol", "national::", "national::a b",
                    "national:organizations/acme:carol", "NATIONAL::carol", "king::arthur",
                    "program::rules", "requester::alice", "requester:acme:alice",
                    "requester:organizations/:alice", "requester:organizations/Acme:alice",
                    "requester:organizations/a/b:alice", "requester:desks/a:alice",
                    "requester:organizations/a,organizations/b:alice", "coordinator::bob",
                    "coordinator:desks/a,:bob", "coordinator:desks/a,desks/a:bob",
                    "coordinator:organizations/a:bob", "national::carol:x", " national::carol",
                    "national::car\nol", absl::StrCat("national::", std::string(129, 'x'))));

TEST(PrincipalTest, MoreDesksThanTheLimitAreRefused) {
  std::string text = "coordinator:desks/d0";
  for (int i = 1; i < kMaxDesksOfPrincipal; ++i) absl::StrAppend(&text, ",desks/d", i);
  EXPECT_OK(ParsePrincipal(text + ":bob"));
  EXPECT_THAT(ParsePrincipal(text + ",desks/more:bob"), HasReason(v1::ERROR_REASON_NO_PRINCIPAL));
}

}  // namespace
}  // namespace trialgate::identity
