#include "services/people/retention.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::people {
namespace {

using Day = absl::CivilDay;

google::protobuf::RepeatedPtrField<v1::RetentionRule> Rules() {
  v1::Pack pack;
  for (const auto& [subject, months] : {std::pair(v1::RETENTION_SUBJECT_CONTACT, 12),
                                        std::pair(v1::RETENTION_SUBJECT_REQUESTER_CONTACT, 24)}) {
    v1::RetentionRule* rule = pack.add_retention_rules();
    rule->set_id(v1::RetentionSubject_Name(subject));
    rule->set_subject(subject);
    rule->set_months(months);
  }
  return pack.retention_rules();
}

TEST(RetentionTest, WhoseFieldsTheyAreIsInTheirName) {
  EXPECT_EQ(SubjectOf("desks/a/contacts/b"), v1::RETENTION_SUBJECT_CONTACT);
  EXPECT_EQ(SubjectOf("trialRequests/t"), v1::RETENTION_SUBJECT_REQUESTER_CONTACT);
  EXPECT_EQ(SubjectOf("trialRequests/t/referrals/r/offers/s"),
            v1::RETENTION_SUBJECT_PRINCIPAL_INVESTIGATOR);
  EXPECT_EQ(SubjectOf("trialRequests/t/submitter"), v1::RETENTION_SUBJECT_IDEA_SUBMITTER);
  EXPECT_EQ(SubjectOf("sites/s"), v1::RETENTION_SUBJECT_UNSPECIFIED);
}

TEST(RetentionTest, MonthsEndOnTheSameDayOrTheLastOfAShorterMonth) {
  EXPECT_EQ(KeptUntil(Day(2027, 1, 1), 12), Day(2028, 1, 1));
  EXPECT_EQ(KeptUntil(Day(2027, 1, 31), 1), Day(2027, 2, 28));
  EXPECT_EQ(KeptUntil(Day(2028, 1, 31), 1), Day(2028, 2, 29));
  EXPECT_EQ(KeptUntil(Day(2027, 12, 15), 1), Day(2028, 1, 15));
}

TEST(RetentionTest, WhatEndedIsDueOnTheDayAndNotBefore) {
  const auto rules = Rules();
  const Day ended(2027, 1, 1);
  EXPECT_EQ(DueBy(rules, v1::RETENTION_SUBJECT_CONTACT, ended, Day(2027, 12, 31)), nullptr);
  const v1::RetentionRule* due =
      DueBy(rules, v1::RETENTION_SUBJECT_CONTACT, ended, Day(2028, 1, 1));
  ASSERT_NE(due, nullptr);
  EXPECT_EQ(due->subject(), v1::RETENTION_SUBJECT_CONTACT);
  EXPECT_EQ(DueBy(rules, v1::RETENTION_SUBJECT_REQUESTER_CONTACT, ended, Day(2028, 1, 1)), nullptr);
}

TEST(RetentionTest, WhatHasNotEndedOrHasNoRuleIsNeverDue) {
  const auto rules = Rules();
  EXPECT_EQ(DueBy(rules, v1::RETENTION_SUBJECT_CONTACT, std::nullopt, Day(2199, 1, 1)), nullptr);
  EXPECT_EQ(
      DueBy(rules, v1::RETENTION_SUBJECT_PRINCIPAL_INVESTIGATOR, Day(2000, 1, 1), Day(2199, 1, 1)),
      nullptr);
  EXPECT_EQ(DueBy(rules, v1::RETENTION_SUBJECT_UNSPECIFIED, Day(2000, 1, 1), Day(2199, 1, 1)),
            nullptr);
}

}  // namespace
}  // namespace trialgate::people
