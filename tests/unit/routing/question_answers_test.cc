#include "services/routing/question_answers.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QuestionAnswersTest : public testing::Test {
 protected:
  QuestionAnswersTest() {
    Question("staff", v1::QUESTION_TYPE_TEXT);
    Question("data", v1::QUESTION_TYPE_YES_NO).set_scope(v1::QUESTION_SCOPE_DESK);
    Question("count", v1::QUESTION_TYPE_NUMBER);
    Question("day", v1::QUESTION_TYPE_DATE);
    v1::Site site;
    site.set_name("sites/a");
    site.add_languages("da");
    builder_.Put(site);
  }

  v1::Question& Question(const std::string& id, v1::QuestionType type) {
    v1::Question* question = request_.add_questions();
    question->set_id(id);
    question->set_type(type);
    return *question;
  }

  v1::QuestionAnswer& Say(const std::string& question, const std::string& site = "sites/a") {
    v1::QuestionAnswer* answer = given_.Add();
    answer->set_question(question);
    answer->set_site(site);
    return *answer;
  }

  static std::vector<std::string> Told(const FieldFaults& faults) {
    std::vector<std::string> told;
    for (const FieldViolation& fault : faults.told()) {
      told.push_back(fault.field + " " + ReasonName(fault.reason));
    }
    return told;
  }

  std::vector<std::string> Faults() {
    return Told(CheckQuestionAnswers("answers", given_, request_, {"sites/a"}));
  }

  QuestionAnswers Complete() {
    const auto directory = builder_.Build(1);
    builder_ = directory::DirectorySnapshotBuilder(*directory);
    return CompleteAnswers(given_, request_, {"sites/a"}, /*of_desk=*/true, *directory);
  }

  directory::DirectorySnapshotBuilder builder_;
  v1::TrialRequest request_;
  QuestionAnswers given_;
};

TEST_F(QuestionAnswersTest, AnAnswerHasTheFormThatTheQuestionAsksFor) {
  Say("staff").set_text("two nurses");
  Say("data", "").set_yes(false);
  Say("count").set_number(0);
  Say("day").set_date("2027-01-31");
  EXPECT_THAT(Faults(), IsEmpty());
  given_.Clear();
  Say("staff").set_yes(true);
  Say("data", "").set_text("yes");
  Say("count").set_date("2027-01-31");
  Say("day").set_number(1);
  EXPECT_THAT(Faults(),
              ElementsAre("answers[0].value CONTRADICTION", "answers[1].value CONTRADICTION",
                          "answers[2].value CONTRADICTION", "answers[3].value CONTRADICTION"));
}

TEST_F(QuestionAnswersTest, NotKnownAnswersAnyQuestion) {
  Say("staff").set_not_known(true);
  Say("data", "").set_not_known(true);
  Say("count").set_not_known(true);
  Say("day").set_not_known(true);
  EXPECT_THAT(Faults(), IsEmpty());
  given_.Mutable(0)->set_not_known(false);
  given_.Mutable(1)->clear_value();
  EXPECT_THAT(Faults(),
              ElementsAre("answers[0].not_known OUT_OF_RANGE", "answers[1].value REQUIRED"));
}

TEST_F(QuestionAnswersTest, ValuesAreInTheirRanges) {
  Say("staff").set_text(std::string(2049, 'x'));
  Say("count").set_number(std::numeric_limits<double>::quiet_NaN());
  Say("day").set_date("2027-02-30");
  Say("nothing").set_comment(std::string(2049, 'x'));
  EXPECT_THAT(Faults(),
              ElementsAre("answers[0].text TOO_LONG", "answers[1].number OUT_OF_RANGE",
                          "answers[2].date INVALID_FORMAT", "answers[3].question UNKNOWN_VALUE",
                          "answers[3].comment TOO_LONG"));
}

TEST_F(QuestionAnswersTest, AnAnswerIsOfASiteThatIsAskedAboutOrOfTheDesk) {
  Say("staff", "sites/else").set_text("no");
  Say("count", "").set_number(1);
  Say("data", "sites/a").set_yes(true);
  EXPECT_THAT(Faults(), ElementsAre("answers[0].site UNKNOWN_VALUE", "answers[1].site REQUIRED",
                                    "answers[2].site CONTRADICTION"));
}

TEST_F(QuestionAnswersTest, AQuestionIsAnsweredOnceOfEachSite) {
  Say("staff").set_text("one");
  Say("staff").set_text("two");
  EXPECT_THAT(Faults(), ElementsAre("answers[1].question DUPLICATE"));
}

TEST_F(QuestionAnswersTest, EveryQuestionNeedsAnAnswer) {
  Say("staff").set_text("two nurses");
  EXPECT_THAT(Told(FindMissingAnswers("answers", Complete(), request_, {"sites/a"})),
              ElementsAre("answers REQUIRED", "answers REQUIRED", "answers REQUIRED"));
  Say("data", "").set_yes(true);
  Say("count").set_not_known(true);
  Say("day").set_not_known(true);
  EXPECT_THAT(Told(FindMissingAnswers("answers", Complete(), request_, {"sites/a"})), IsEmpty());
}

TEST_F(QuestionAnswersTest, WhatTheDirectoryHoldsStandsUnlessTheDeskSaysOtherwise) {
  v1::Question& languages = Question("languages", v1::QUESTION_TYPE_TEXT);
  languages.set_directory_field(v1::DIRECTORY_FIELD_LANGUAGES);
  QuestionAnswers answers = Complete();
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(answers.Get(0).text(), "da");
  EXPECT_TRUE(answers.Get(0).prefilled());
  // What was read and sent back is no word of the desk's own.
  *given_.Add() = answers.Get(0);
  given_.Mutable(0)->set_text("fr");
  EXPECT_EQ(Complete().Get(0).text(), "da");
  given_.Mutable(0)->set_prefilled(false);
  answers = Complete();
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(answers.Get(0).text(), "fr");
  EXPECT_FALSE(answers.Get(0).has_source());
}

}  // namespace
}  // namespace trialgate::routing
