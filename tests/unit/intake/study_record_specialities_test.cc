#include "services/intake/study_record_specialities.h"

#include <gmock/gmock.h>

#include "absl/strings/str_split.h"
#include "services/intake/age_groups.h"

namespace trialgate::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StudyRecordSpecialitiesTest : public testing::Test {
 protected:
  v1::ConditionRule* AddRule(const std::string& speciality, int rank) {
    v1::ConditionRule* rule = rules_.Add();
    rule->set_id(speciality);
    rule->set_speciality(speciality);
    rule->set_rank(rank);
    return rule;
  }

  std::vector<std::string> Found() {
    std::vector<std::string> specialities;
    for (const auto& found : FindSpecialities(rules_, evidence_)) {
      specialities.push_back(found.speciality);
    }
    return specialities;
  }

  google::protobuf::RepeatedPtrField<v1::ConditionRule> rules_;
  ConditionEvidence evidence_;
};

TEST_F(StudyRecordSpecialitiesTest, TheDiseaseItselfSilencesItsBroadAncestor) {
  AddRule("psychiatry", 25)->add_mesh_ancestors("D001523");
  AddRule("urology", 90)->add_mesh_terms("D007172");
  evidence_.mesh_ancestors = {{"D000001523", "a"}};
  EXPECT_THAT(Found(), ElementsAre("psychiatry"));
  evidence_.mesh_terms = {{"D000007172", "t"}};
  EXPECT_THAT(Found(), ElementsAre("urology"));
}

TEST_F(StudyRecordSpecialitiesTest, AllOfTheHighestRankAreTakenEachOnce) {
  AddRule("neurology", 90)->add_words("parkinson*");
  AddRule("urology", 90)->add_words("erectile dysfunction");
  AddRule("urology", 90)->add_words("dysfunction");
  AddRule("surgery", 89)->add_words("dysfunction");
  evidence_.conditions = {{"Parkinson’s Disease", "c0"}, {"Erectile Dysfunction", "c1"}};
  EXPECT_THAT(Found(), ElementsAre("neurology", "urology"));
}

TEST_F(StudyRecordSpecialitiesTest, AKeywordCountsLessThanACondition) {
  AddRule("oncology", 90)->add_words("cancer");
  AddRule("psychiatry", 90)->add_words("depression");
  evidence_.conditions = {{"Cancer", "c"}};
  evidence_.keywords = {{"Depression", "k"}};
  EXPECT_THAT(Found(), ElementsAre("oncology"));
  evidence_.conditions = {{"Well-being", "c"}};
  EXPECT_THAT(Found(), ElementsAre("psychiatry"));
}

TEST_F(StudyRecordSpecialitiesTest, TheTitleIsReadOnlyWhereNothingElseIsFound) {
  AddRule("infections", 10)->add_words("fever");
  AddRule("vaccines", 90)->add_words("vaccin*");
  evidence_.titles = {{"A vaccine against fever", "t"}};
  evidence_.conditions = {{"Healthy", "c"}};
  EXPECT_THAT(Found(), ElementsAre("vaccines"));
  evidence_.conditions = {{"Fever", "c"}};
  EXPECT_THAT(Found(), ElementsAre("infections"));
}

TEST_F(StudyRecordSpecialitiesTest, ARuleOfAPopulationIsAddedWhereAllBelongToIt) {
  AddRule("chest", 90)->add_words("asthma");
  v1::ConditionRule* children = AddRule("paediatrics", 1);
  children->add_words("*");
  children->add_only_age_groups(v1::AGE_GROUP_CHILD);
  evidence_.conditions = {{"Asthma", "c"}};
  EXPECT_THAT(Found(), ElementsAre("chest"));
  evidence_.age_groups = {v1::AGE_GROUP_CHILD, v1::AGE_GROUP_ADULT};
  EXPECT_THAT(Found(), ElementsAre("chest"));
  evidence_.age_groups = {v1::AGE_GROUP_CHILD};
  EXPECT_THAT(Found(), ElementsAre("chest", "paediatrics"));
}

TEST_F(StudyRecordSpecialitiesTest, RulesOfPopulationsAreRankedAmongThemselves) {
  v1::ConditionRule* children = AddRule("paediatrics", 1);
  children->add_words("*");
  children->add_only_age_groups(v1::AGE_GROUP_CHILD);
  v1::ConditionRule* minds = AddRule("child-psychiatry", 90);
  minds->add_words("autism");
  minds->add_only_age_groups(v1::AGE_GROUP_CHILD);
  evidence_.age_groups = {v1::AGE_GROUP_CHILD};
  evidence_.conditions = {{"Autism", "c"}};
  EXPECT_THAT(Found(), ElementsAre("child-psychiatry"));
}

TEST_F(StudyRecordSpecialitiesTest, NothingFoundIsNothing) {
  AddRule("chest", 90)->add_words("asthma");
  evidence_.conditions = {{"Gout", "c"}};
  EXPECT_THAT(Found(), IsEmpty());
}

TEST(HasPhraseTest, WordsAreMatchedWholeWithoutCaseAndPunctuation) {
  EXPECT_TRUE(HasPhrase("Low-Back Pain, chronic", "low back pain"));
  EXPECT_TRUE(HasPhrase("Crohn's disease", "crohns"));
  EXPECT_TRUE(HasPhrase("Crohn’s disease", "crohns"));
  EXPECT_TRUE(HasPhrase("MÉNIÈRE", "ménière"));
  EXPECT_TRUE(HasPhrase("Leukaemia, acute", "leuk*"));
  EXPECT_FALSE(HasPhrase("Painting", "pain"));
  EXPECT_FALSE(HasPhrase("Low pain in the back", "low back pain"));
  EXPECT_FALSE(HasPhrase("psoriasis", ""));
  EXPECT_TRUE(HasPhrase("anything", "*"));
}

TEST(NormalMeshIdTest, PaddingIsRemovedUpToTheLastIdOfSixDigits) {
  EXPECT_EQ(NormalMeshId("D000007172"), "D007172");
  EXPECT_EQ(NormalMeshId("D007172"), "D007172");
  EXPECT_EQ(NormalMeshId("D000086382"), "D000086382");
  EXPECT_EQ(NormalMeshId("C565324"), "C565324");
  EXPECT_FALSE(IsMeshDescriptor("C565324"));
  EXPECT_FALSE(IsMeshDescriptor("D0071x2"));
  EXPECT_FALSE(IsMeshDescriptor(""));
}

TEST(AgeGroupsTest, AgesAreReadInEveryUnit) {
  EXPECT_DOUBLE_EQ(*ParseAge("1 Year"), 365.25);
  EXPECT_DOUBLE_EQ(*ParseAge("12 months"), 365.25);
  EXPECT_DOUBLE_EQ(*ParseAge("2 Weeks"), 14);
  EXPECT_DOUBLE_EQ(*ParseAge("1  Day"), 1);
  EXPECT_DOUBLE_EQ(*ParseAge("24 Hours"), 1);
  EXPECT_DOUBLE_EQ(*ParseAge("0 Minutes"), 0);
  EXPECT_FALSE(ParseAge("1 Day old").ok());
}

TEST(AgeGroupsTest, TheLimitsAreInclusive) {
  const auto years = [](double number) { return number * 365.25; };
  EXPECT_THAT(AgeGroupsWithin(years(17), years(65)),
              ElementsAre(v1::AGE_GROUP_CHILD, v1::AGE_GROUP_ADULT, v1::AGE_GROUP_OLDER_ADULT));
  EXPECT_THAT(AgeGroupsWithin(years(18), years(18)), ElementsAre(v1::AGE_GROUP_ADULT));
  EXPECT_THAT(AgeGroupsWithin(years(65), std::nullopt), ElementsAre(v1::AGE_GROUP_OLDER_ADULT));
  EXPECT_THAT(AgeGroupsWithin(std::nullopt, years(18)), ElementsAre(v1::AGE_GROUP_CHILD));
}

}  // namespace
}  // namespace trialgate::intake
