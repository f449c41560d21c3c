#include "services/routing/directory_answer.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::routing {
namespace {

class DirectoryAnswerTest : public testing::Test {
 protected:
  DirectoryAnswerTest() {
    v1::Pack pack;
    v1::Term* term = pack.add_specialities();
    term->set_id("urologi");
    term->set_display_name("Urology");
    builder_.PutSettings(pack);
    site_.set_name("sites/a");
    site_.mutable_source()->set_origin("the region");
    site_.mutable_source()->set_as_of("2026-01-31");
    question_.set_id("q");
  }

  std::optional<v1::QuestionAnswer> Ask(v1::DirectoryField field,
                                        const std::string& argument = "") {
    question_.set_directory_field(field);
    question_.set_directory_argument(argument);
    const auto directory = builder_.Build(1);
    builder_ = directory::DirectorySnapshotBuilder(*directory);
    return AnswerFromDirectory(question_, request_, site_, *directory);
  }

  void Experience(v1::Phase phase, int trials) {
    v1::PhaseExperience* experience = site_.add_phases();
    experience->set_phase(phase);
    experience->set_trials_five_years(trials);
    experience->mutable_source()->set_kind(v1::SOURCE_KIND_IMPORTED);
    experience->mutable_source()->set_as_of("2026-06-01");
  }

  directory::DirectorySnapshotBuilder builder_;
  v1::Site site_;
  v1::TrialRequest request_;
  v1::Question question_;
};

TEST_F(DirectoryAnswerTest, AQuestionThatAsksForNoFieldIsTheDesksToAnswer) {
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_UNSPECIFIED), std::nullopt);
}

TEST_F(DirectoryAnswerTest, AnAnswerSaysOfWhichSiteItIsAndThatItIsPrefilled) {
  site_.add_languages("da");
  site_.add_languages("en");
  const auto answer = Ask(v1::DIRECTORY_FIELD_LANGUAGES);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->question(), "q");
  EXPECT_EQ(answer->site(), "sites/a");
  EXPECT_EQ(answer->text(), "da, en");
  EXPECT_TRUE(answer->prefilled());
  EXPECT_EQ(answer->source().origin(), "the region");
  EXPECT_EQ(answer->source().as_of(), "2026-01-31");
}

TEST_F(DirectoryAnswerTest, ASampleValueIsMarkedAsSuch) {
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_START_UP_MEDIAN_DAYS), std::nullopt);
  site_.mutable_start_up()->set_median_days(60);
  site_.mutable_start_up()->mutable_source()->set_kind(v1::SOURCE_KIND_SAMPLE);
  const auto answer = Ask(v1::DIRECTORY_FIELD_START_UP_MEDIAN_DAYS);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->number(), 60);
  EXPECT_EQ(answer->source().kind(), v1::SOURCE_KIND_SAMPLE);
  // Not known.
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_START_UP_P90_DAYS), std::nullopt);
}

TEST_F(DirectoryAnswerTest, WithoutADateOfTheSourceThatOfTheReviewStands) {
  site_.mutable_source()->clear_as_of();
  site_.mutable_review()->set_date("2026-05-05");
  site_.add_accreditations("GCP");
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_ACCREDITATIONS)->source().as_of(), "2026-05-05");
}

TEST_F(DirectoryAnswerTest, OfACombinedPhaseTheFewerTrialsCount) {
  Experience(v1::PHASE_PHASE1, 7);
  Experience(v1::PHASE_PHASE2, 3);
  request_.set_phase(v1::PHASE_PHASE1_PHASE2);
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_TRIALS_OF_PHASE)->number(), 3);
  request_.set_phase(v1::PHASE_PHASE1);
  const auto answer = Ask(v1::DIRECTORY_FIELD_TRIALS_OF_PHASE);
  EXPECT_EQ(answer->number(), 7);
  EXPECT_EQ(answer->source().kind(), v1::SOURCE_KIND_IMPORTED);
  // One of the two is not run.
  request_.set_phase(v1::PHASE_PHASE2_PHASE3);
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_TRIALS_OF_PHASE)->number(), 0);
  request_.set_phase(v1::PHASE_NOT_APPLICABLE);
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_TRIALS_OF_PHASE), std::nullopt);
}

TEST_F(DirectoryAnswerTest, ACapabilityIsThereOrNot) {
  site_.add_capabilities("mri");
  EXPECT_TRUE(Ask(v1::DIRECTORY_FIELD_CAPABILITY, "mri")->yes());
  const auto answer = Ask(v1::DIRECTORY_FIELD_CAPABILITY, "ct");
  EXPECT_EQ(answer->value_case(), v1::QuestionAnswer::kYes);
  EXPECT_FALSE(answer->yes());
}

TEST_F(DirectoryAnswerTest, SpecialitiesAndAgeGroupsAreTextsForPeople) {
  site_.add_specialities("urologi");
  site_.add_specialities("unknown");
  site_.add_age_groups(v1::AGE_GROUP_ADULT);
  site_.add_age_groups(v1::AGE_GROUP_OLDER_ADULT);
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_SPECIALITIES)->text(), "Urology, unknown");
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_AGE_GROUPS)->text(), "adult, older adult");
}

TEST_F(DirectoryAnswerTest, APartlyInventedSumIsInvented) {
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_RECRUITED_PATIENTS), std::nullopt);
  for (const char* speciality : {"urologi", "onkologi"}) {
    v1::RecruitmentHistory* row = site_.add_history();
    row->set_speciality(speciality);
    row->set_actual(5);
  }
  site_.mutable_history(1)->mutable_source()->set_kind(v1::SOURCE_KIND_SAMPLE);
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_RECRUITED_PATIENTS)->number(), 10);
  EXPECT_EQ(Ask(v1::DIRECTORY_FIELD_RECRUITED_PATIENTS)->source().kind(), v1::SOURCE_KIND_SAMPLE);
  const auto urology = Ask(v1::DIRECTORY_FIELD_RECRUITED_PATIENTS, "urologi");
  EXPECT_EQ(urology->number(), 5);
  EXPECT_NE(urology->source().kind(), v1::SOURCE_KIND_SAMPLE);
}

}  // namespace
}  // namespace trialgate::routing
