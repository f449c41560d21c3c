#include "tools/cli/own_questions.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;

v1::TrialRequest ARequest() {
  v1::TrialRequest request;
  const auto add = [&](const std::string& id, v1::QuestionType type, v1::QuestionScope scope) {
    v1::Question* const question = request.add_questions();
    question->set_id(id);
    question->set_text("Text of " + id);
    question->set_type(type);
    question->set_scope(scope);
  };
  add("nurse", v1::QUESTION_TYPE_YES_NO, v1::QUESTION_SCOPE_SITE);
  add("days", v1::QUESTION_TYPE_NUMBER, v1::QUESTION_SCOPE_SITE);
  add("law", v1::QUESTION_TYPE_TEXT, v1::QUESTION_SCOPE_DESK);
  return request;
}

TEST(OwnQuestionsTest, WhatTheDirectorySaysStandsInTheDraftAndTheRestIsOpen) {
  v1::Referral referral;
  referral.add_sites("sites/a");
  referral.add_sites("sites/b");
  v1::ListReferralSitesResponse lines;
  v1::ReferralSite* const line = lines.add_referral_sites();
  line->set_site("sites/a");
  line->set_asked_about(true);
  v1::QuestionAnswer* const prefilled = line->add_question_answers();
  prefilled->set_question("days");
  prefilled->set_number(0);
  prefilled->set_prefilled(true);
  const auto drafts = DraftAnswers(ARequest(), referral, lines);
  ASSERT_EQ(drafts.size(), 5);
  EXPECT_EQ(OpenOwnQuestions(drafts), "nurse@a, nurse@b, days@b, law");
  EXPECT_EQ(drafts[2].site(), "sites/a");
  EXPECT_TRUE(drafts[2].prefilled());
  EXPECT_EQ(QuestionLines(ARequest()),
            "nurse (of each site, yes no): Text of nurse\n"
            "days (of each site, number): Text of days\n"
            "law (of the desk, text): Text of law\n");
}

TEST(OwnQuestionsTest, AnAnswerOfAFlagGoesToTheDeskToASiteOrToAllSitesOffered) {
  v1::AnswerReferralRequest answer;
  answer.add_offers()->set_site("sites/a");
  answer.add_offers()->set_site("sites/b");
  FieldFaults faults;
  for (const char* text : {"nurse=Yes", "days@c=41.5", "law=a=b, c", "law=?"}) {
    ParseQuestionAnswer(text, "--reply-question", ARequest(), &answer, &faults);
  }
  EXPECT_TRUE(faults.empty());
  ASSERT_EQ(answer.question_answers_size(), 5);
  EXPECT_TRUE(answer.question_answers(0).yes());
  EXPECT_EQ(answer.question_answers(1).site(), "sites/b");
  EXPECT_EQ(answer.question_answers(2).site(), "sites/c");
  EXPECT_EQ(answer.question_answers(2).number(), 41.5);
  EXPECT_EQ(answer.question_answers(3).text(), "a=b, c");
  EXPECT_EQ(answer.question_answers(3).site(), "");
  EXPECT_TRUE(answer.question_answers(4).not_known());
}

TEST(OwnQuestionsTest, EveryFaultNamesWhatMayBeSaid) {
  v1::AnswerReferralRequest answer;
  FieldFaults faults;
  for (const char* text :
       {"nurse", "nurs=yes", "nurse@a=maybe", "days@a=many", "law=", "nurse=no"}) {
    ParseQuestionAnswer(text, "--reply-question", ARequest(), &answer, &faults);
  }
  ASSERT_EQ(faults.told().size(), 6);
  EXPECT_THAT(faults.told()[0].description, HasSubstr("one of: nurse, days, law"));
  EXPECT_THAT(faults.told()[1].description, HasSubstr("one of: nurse, days, law"));
  EXPECT_THAT(faults.told()[2].description, HasSubstr("yes, no or ?"));
  EXPECT_THAT(faults.told()[3].description, HasSubstr("a number or ?"));
  EXPECT_THAT(faults.told()[4].description, HasSubstr("? says"));
  EXPECT_THAT(faults.told()[5].description, HasSubstr("nurse@SITE=VALUE")) << "no site is offered";
}

}  // namespace
}  // namespace trialgate::cli
