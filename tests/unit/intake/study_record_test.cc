#include "services/intake/study_record.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/intake/study_record_support.h"

namespace trialgate::intake {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const absl::CivilDay kToday(2026, 11, 22);

class StudyRecordTest : public testing::Test {
 protected:
  StudyRecordTest() {
    settings_.set_country("XA");
    settings_.set_display_name("Arcadia");
    v1::ConditionRule* rule = settings_.add_condition_rules();
    rule->set_id("lungs");
    rule->set_speciality("chest");
    rule->add_words("asthma");
    rule->set_rank(90);
    rule->set_reason("Asthma is a disease of the chest.");
  }

  v1::ImportStudyRecordResponse Import(const std::string& json) {
    const auto imported = DeriveDraft(json, settings_, kToday);
    EXPECT_TRUE(imported.ok()) << imported.status() << " " << json;
    return imported.ok() ? *imported : v1::ImportStudyRecordResponse();
  }

  v1::TrialRequest Draft(const std::string& more) { return Import(RecordWith(more)).draft(); }

  v1::TrialRequest DraftOfTrial(const std::string& interventions, const std::string& phases) {
    return Draft("'designModule': {'studyType': 'INTERVENTIONAL', 'phases': [" + phases +
                 "]}, 'armsInterventionsModule': {'interventions': [" + interventions + "]}");
  }

  v1::TrialRequest DraftOfAges(const std::string& eligibility) {
    return Draft("'eligibilityModule': {" + eligibility + "}");
  }

  v1::ImportStudyRecordResponse ImportOfDates(const std::string& start,
                                              const std::string& completion) {
    return Import(RecordWith("'statusModule': {'startDateStruct': {'date': '" + start +
                             "'}, 'primaryCompletionDateStruct': {'date': '" + completion + "'}}"));
  }

  v1::Pack settings_;
};

TEST_F(StudyRecordTest, AMedicineGoesBeforeADeviceBeforeADiagnosticBeforeTheRest) {
  const std::string drug = "{'type': 'DRUG'}";
  const std::string device = "{'type': 'DEVICE'}";
  const std::string diagnostic = "{'type': 'DIAGNOSTIC_TEST'}";
  const std::string diet = "{'type': 'DIETARY_SUPPLEMENT'}";
  EXPECT_EQ(DraftOfTrial(diet + "," + device + "," + drug, "'PHASE3'").kind(),
            v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  EXPECT_EQ(DraftOfTrial(diet + "," + diagnostic + "," + device, "").kind(),
            v1::TRIAL_KIND_MEDICAL_DEVICE);
  EXPECT_EQ(DraftOfTrial(diet + "," + diagnostic, "").kind(), v1::TRIAL_KIND_IN_VITRO_DIAGNOSTIC);
  EXPECT_EQ(DraftOfTrial(diet, "").kind(), v1::TRIAL_KIND_PROCEDURE);
}

TEST_F(StudyRecordTest, AStudyThatObservesADrugIsObservational) {
  const auto draft = Draft(
      "'designModule': {'studyType': 'OBSERVATIONAL'}, 'armsInterventionsModule': "
      "{'interventions': [{'type': 'DRUG'}]}");
  EXPECT_EQ(draft.kind(), v1::TRIAL_KIND_OBSERVATIONAL);
  EXPECT_EQ(draft.phase(), v1::PHASE_NOT_APPLICABLE);
}

TEST_F(StudyRecordTest, ATrialWithoutInterventionsHasNoKindAndSaysSo) {
  const auto imported = Import(RecordWith("'designModule': {'studyType': 'INTERVENTIONAL'}"));
  EXPECT_EQ(imported.draft().kind(), v1::TRIAL_KIND_UNSPECIFIED);
  EXPECT_THAT(imported.missing(), Contains("kind"));
}

TEST_F(StudyRecordTest, TwoNeighbouringPhasesAreACombinedPhaseInAnyOrder) {
  const std::string drug = "{'type': 'DRUG'}";
  EXPECT_EQ(DraftOfTrial(drug, "'PHASE1', 'PHASE2'").phase(), v1::PHASE_PHASE1_PHASE2);
  EXPECT_EQ(DraftOfTrial(drug, "'PHASE3', 'PHASE2'").phase(), v1::PHASE_PHASE2_PHASE3);
  EXPECT_EQ(DraftOfTrial(drug, "'EARLY_PHASE1'").phase(), v1::PHASE_EARLY_PHASE1);
  EXPECT_EQ(DraftOfTrial(drug, "'PHASE4'").phase(), v1::PHASE_PHASE4);
  EXPECT_EQ(DraftOfTrial(drug, "'NA'").phase(), v1::PHASE_NOT_APPLICABLE);
}

TEST_F(StudyRecordTest, AMedicineWithoutAPhaseLacksItWhereADeviceDoesNot) {
  EXPECT_EQ(DraftOfTrial("{'type': 'DRUG'}", "").phase(), v1::PHASE_UNSPECIFIED);
  EXPECT_EQ(DraftOfTrial("{'type': 'DEVICE'}", "").phase(), v1::PHASE_NOT_APPLICABLE);
}

TEST_F(StudyRecordTest, AgesInAnyUnitGiveTheGroupsWithinTheLimits) {
  EXPECT_THAT(
      DraftOfAges("'minimumAge': '6 Months', 'maximumAge': '24 Months'").population().age_groups(),
      ElementsAre(v1::AGE_GROUP_CHILD));
  EXPECT_THAT(DraftOfAges("'maximumAge': '7 Days'").population().age_groups(),
              ElementsAre(v1::AGE_GROUP_CHILD));
  EXPECT_THAT(DraftOfAges("'minimumAge': '18 Years'").population().age_groups(),
              ElementsAre(v1::AGE_GROUP_ADULT, v1::AGE_GROUP_OLDER_ADULT));
  EXPECT_THAT(
      DraftOfAges("'minimumAge': '18 Years', 'maximumAge': '64 Years'").population().age_groups(),
      ElementsAre(v1::AGE_GROUP_ADULT));
}

TEST_F(StudyRecordTest, AGreatestAgeOfEighteenIsReadAsChildrenAndSaysSo) {
  const auto imported = Import(
      RecordWith("'eligibilityModule': {'minimumAge': '5 Years', 'maximumAge': '18 Years'}"));
  EXPECT_THAT(imported.draft().population().age_groups(), ElementsAre(v1::AGE_GROUP_CHILD));
  EXPECT_THAT(imported.remarks(), Contains(HasSubstr("18th birthday")));
}

TEST_F(StudyRecordTest, StandardAgesStandInForLimitsAndAllOfThemForNone) {
  EXPECT_THAT(DraftOfAges("'stdAges': ['OLDER_ADULT', 'ADULT']").population().age_groups(),
              ElementsAre(v1::AGE_GROUP_ADULT, v1::AGE_GROUP_OLDER_ADULT));
  EXPECT_THAT(DraftOfAges("'minimumAge': 'N/A', 'stdAges': ['CHILD', 'ADULT', 'OLDER_ADULT']")
                  .population()
                  .age_groups(),
              IsEmpty());
}

TEST_F(StudyRecordTest, SexAndHealthyVolunteersAreTaken) {
  const auto draft = DraftOfAges("'sex': 'FEMALE', 'healthyVolunteers': true");
  EXPECT_EQ(draft.population().sex(), v1::SEX_FEMALE);
  EXPECT_TRUE(draft.population().healthy_volunteers());
}

TEST_F(StudyRecordTest, AStartFromTodayOnIsTheEarliestFirstPatientIn) {
  EXPECT_EQ(ImportOfDates("2026-11-22", "2027-02-22").draft().first_patient_in_earliest(),
            "2026-11-22");
  EXPECT_EQ(ImportOfDates("2027-03", "2027-04").draft().first_patient_in_earliest(), "2027-03-01");
}

TEST_F(StudyRecordTest, AStartInThePastIsLeftOutAndSaidToBeMissing) {
  const auto imported = ImportOfDates("2026-11-21", "2027-02-22");
  EXPECT_EQ(imported.draft().first_patient_in_earliest(), "");
  EXPECT_THAT(imported.missing(), Contains("first_patient_in_earliest"));
  EXPECT_THAT(imported.remarks(), Contains(HasSubstr("2026-11-21")));
}

TEST_F(StudyRecordTest, RecruitmentRunsFromStartToPrimaryCompletionWithinOneAndSixtyMonths) {
  EXPECT_EQ(ImportOfDates("2027-01-15", "2028-01-15").draft().recruitment_months(), 12);
  EXPECT_EQ(ImportOfDates("2027-01-15", "2028-01-16").draft().recruitment_months(), 13);
  EXPECT_EQ(ImportOfDates("2027-01-15", "2027-01-15").draft().recruitment_months(), 1);
  const auto long_one = ImportOfDates("2020-01-01", "2040-01-01");
  EXPECT_EQ(long_one.draft().recruitment_months(), 60);
  EXPECT_THAT(long_one.remarks(), Contains(HasSubstr("2040-01-01")));
}

TEST_F(StudyRecordTest, TheEnrolmentIsTakenOnlyWhereEveryLocationLiesInTheCountry) {
  const std::string enrolment = "'designModule': {'enrollmentInfo': {'count': 120}}";
  const auto locations = [&](const std::string& list) {
    return Import(
        RecordWith(enrolment + ", 'contactsLocationsModule': {'locations': [" + list + "]}"));
  };
  const std::string here = "{'country': 'Arcadia'}";
  EXPECT_EQ(locations(here + "," + here).draft().patients_wanted(), 120);
  const auto abroad = locations(here + ",{'country': 'Elsewhere'}");
  EXPECT_EQ(abroad.draft().patients_wanted(), 0);
  EXPECT_THAT(abroad.remarks(), Contains(HasSubstr("120")));
  EXPECT_EQ(locations(here + ",{'facility': 'unknown'}").draft().patients_wanted(), 0);
  EXPECT_EQ(Draft(enrolment).patients_wanted(), 0);
}

TEST_F(StudyRecordTest, RegistryNumbersAreToldApartByTheirForm) {
  const auto draft = Draft(
      "'identificationModule': {'nctId': 'NCT99999999', 'orgStudyIdInfo': {'id': 'AB-1'}, "
      "'secondaryIdInfos': [{'id': '2020-004372-17'}, {'id': '2022-501074-19-00'}, {'id': 'X'}, "
      "{'id': 'AB-1'}]}");
  std::vector<std::string> ids;
  for (const v1::Code& id : draft.external_ids()) ids.push_back(id.system() + " " + id.code());
  EXPECT_THAT(ids, ElementsAre("NCT NCT99999999", "EudraCT 2020-004372-17",
                               "EU CT 2022-501074-19-00", "other X", "other AB-1"));
}

TEST_F(StudyRecordTest, MeshTermsAreCodesOfTheConditionOfTheirNameOrConditionsOfTheirOwn) {
  const auto imported = Import(Json(
      "{'protocolSection': {'conditionsModule': {'conditions': ['Asthma', 'Wheeze', 'Asthma']}}, "
      "'derivedSection': {'conditionBrowseModule': {'meshes': [{'id': 'D000001249', 'term': "
      "'asthma'}, {'id': 'D012135', 'term': 'Respiratory Sounds'}, {'id': 'C565324', 'term': 'Rare "
      "Thing'}]}}}"));
  const auto& conditions = imported.draft().conditions();
  ASSERT_EQ(conditions.size(), 3);
  EXPECT_EQ(conditions[0].text(), "Asthma");
  EXPECT_EQ(conditions[0].codes(0).code(), "D001249");
  EXPECT_EQ(conditions[0].codes(0).system(), "MeSH");
  EXPECT_EQ(conditions[1].codes_size(), 0);
  EXPECT_EQ(conditions[2].text(), "Respiratory Sounds");
  EXPECT_THAT(imported.remarks(), Contains(HasSubstr("Rare Thing")));
}

TEST_F(StudyRecordTest, LongCriteriaAreCutAtAWholeCharacterAndSaySo) {
  const std::string criteria(32767, 'x');
  const auto imported =
      Import(RecordWith("'eligibilityModule': {'eligibilityCriteria': '" + criteria + "øø'}"));
  EXPECT_EQ(imported.draft().eligibility_criteria(), criteria);
  EXPECT_THAT(imported.remarks(), Contains(HasSubstr("32767 of 32771 bytes")));
}

TEST_F(StudyRecordTest, TheBriefTitleGoesBeforeTheOfficialOne) {
  EXPECT_EQ(
      Draft("'identificationModule': {'officialTitle': 'Long', 'briefTitle': 'Short'}").title(),
      "Short");
  EXPECT_EQ(Draft("'identificationModule': {'officialTitle': 'Long'}").title(), "Long");
}

TEST_F(StudyRecordTest, ASpecialityTellsFromWhatAndByWhichRule) {
  const auto imported = Import(RecordWith(""));
  EXPECT_THAT(imported.draft().specialities(), ElementsAre("chest"));
  const auto& derivation = imported.derivations(imported.derivations_size() - 1);
  EXPECT_EQ(derivation.field(), "specialities");
  EXPECT_EQ(derivation.value(), "chest");
  EXPECT_EQ(derivation.from(), "protocolSection.conditionsModule.conditions[0]");
  EXPECT_THAT(derivation.rule(), HasSubstr("disease of the chest"));
  EXPECT_THAT(derivation.rule(), HasSubstr("rule lungs"));
}

TEST_F(StudyRecordTest, WhereNothingNamesASpecialityThereIsNone) {
  settings_.clear_condition_rules();
  const auto imported = Import(RecordWith(""));
  EXPECT_THAT(imported.draft().specialities(), IsEmpty());
  EXPECT_THAT(imported.remarks(), Contains(HasSubstr("specialities")));
}

TEST_F(StudyRecordTest, ThreeSpecialitiesAreTakenAndFourAreNone) {
  for (int i = 0; i < 3; ++i) {
    v1::ConditionRule* rule = settings_.add_condition_rules();
    *rule = settings_.condition_rules(0);
    rule->set_speciality(absl::StrCat("more-", i));
    const auto imported = Import(RecordWith(""));
    if (i < 2) {
      EXPECT_EQ(imported.draft().specialities_size(), i + 2);
      EXPECT_EQ(imported.draft().speciality_mode(), v1::SPECIALITY_MODE_ANY);
    } else {
      EXPECT_THAT(imported.draft().specialities(), IsEmpty());
      EXPECT_THAT(imported.remarks(), Contains(HasSubstr("chest, more-0, more-1, more-2")));
    }
  }
}

TEST_F(StudyRecordTest, WhatASubmitNeedsAndTheRecordDoesNotTellIsMissing) {
  EXPECT_THAT(Import(RecordWith("")).missing(),
              ElementsAre("requester", "intent", "contact", "kind", "title", "phase",
                          "first_patient_in_earliest", "recruitment_months"));
}

TEST_F(StudyRecordTest, TheShippedSampleGivesADraftThatLacksOnlyWhoAsks) {
  const std::string json = FileContent("deploy/samples/NCT99999999.json");
  const auto imported = DeriveDraft(json, DanishSettings(), kToday);
  ASSERT_THAT(imported, absl_testing::IsOk());
  EXPECT_THAT(imported->missing(), ElementsAre("requester", "intent", "contact"));
  EXPECT_THAT(imported->draft().specialities(), ElementsAre("urologi"));
  EXPECT_EQ(imported->draft().kind(), v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  EXPECT_EQ(imported->draft().phase(), v1::PHASE_PHASE3);
  EXPECT_THAT(imported->draft().title(), HasSubstr("sample"));
  EXPECT_THAT(imported->draft().external_ids(), Not(IsEmpty()));
}

TEST_F(StudyRecordTest, TheSameRecordGivesTheSameBytes) {
  const std::string json = FileContent("deploy/samples/NCT99999999.json");
  EXPECT_EQ(Import(json).SerializeAsString(), Import(json).SerializeAsString());
}

}  // namespace
}  // namespace trialgate::intake
