#include "tools/registry/registered_trial.h"

#include <gmock/gmock.h>

#include "services/intake/study_record.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/pack/danish_pack.h"

namespace trialgate::registry {
namespace {

using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(RegisteredTrialTest, OfAStudyRecordThePlacesInTheCountryAreRead) {
  const auto trial = ReadStudyRecord(R"({"protocolSection": {
      "identificationModule": {"nctId": "NCT90000001", "briefTitle": "A trial",
        "secondaryIdInfos": [{"id": "2015-000001-11"}, {"id": 7}]},
      "statusModule": {"studyFirstSubmitDate": "2015-02-10", "startDateStruct": {"date": "2015-04"},
        "completionDateStruct": {"date": "2017-01-31"}},
      "contactsLocationsModule": {"locations": [
        {"facility": "OUH", "city": "Odense", "state": "Zealand", "zip": "5000",
         "country": "Denmark"},
        {"facility": "Lund", "country": "Sweden"}]}}})",
                                     "Denmark");
  ASSERT_OK(trial);
  EXPECT_THAT(trial->ids, ElementsAre("NCT90000001", "2015-000001-11", "7"));
  EXPECT_EQ(trial->registered, absl::CivilDay(2015, 2, 10));
  EXPECT_EQ(trial->started, absl::CivilDay(2015, 4, 1));
  EXPECT_EQ(trial->completed, absl::CivilDay(2017, 1, 31));
  ASSERT_THAT(trial->places, SizeIs(1));
  EXPECT_THAT(trial->places[0].texts, ElementsAre("OUH"));
  EXPECT_EQ(trial->places[0].postcode, "5000");
  EXPECT_EQ(trial->places[0].region_code, "") << "what is written as the state is not believed";
  EXPECT_FALSE(trial->has_lead);
}

TEST(RegisteredTrialTest, OfAListATrialBecomesAStudyRecord) {
  const auto trials = ReadTrialList(R"([{"main_id": "2015-000001-11", "nct_id": null,
      "trial_title": "Asthma  in\nchildren", "phase": "Phase 1/Phase 2",
      "registration_date": "2015-02-10", "completion_date": "bad",
      "lead_institution": "Aarhus University;Aarhus University Hospital",
      "PI_affiliation": "Dept. of X", "lead_region_iso": "DK-82",
      "intervention_types_combined": "Dietary Supplement | Drug", "minimum_age_num": "6.0",
      "maximum_age_num": 11.0, "minimum_age_unit": "Years", "maximum_age_unit": null}])");
  ASSERT_OK(trials);
  ASSERT_THAT(*trials, SizeIs(1));
  const RegisteredTrial& trial = trials->front();
  EXPECT_THAT(trial.ids, ElementsAre("2015-000001-11"));
  EXPECT_EQ(trial.title, "Asthma in children");
  EXPECT_FALSE(trial.completed.has_value());
  EXPECT_THAT(trial.places[0].texts,
              ElementsAre("Dept. of X", "Aarhus University", "Aarhus University Hospital"));
  EXPECT_EQ(trial.places[0].region_code, "DK-82");
  EXPECT_TRUE(trial.has_lead);

  const auto draft =
      intake::DeriveDraft(trial.record, DanishPack(false), absl::CivilDay(2015, 2, 10));
  ASSERT_OK(draft);
  EXPECT_EQ(draft->draft().phase(), v1::PHASE_PHASE1_PHASE2);
  EXPECT_EQ(draft->draft().kind(), v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  EXPECT_THAT(draft->draft().specialities(), ElementsAre("im-lungesygdomme", "paediatri"));
}

TEST(RegisteredTrialTest, WhatIsNoRecordOrListIsRefused) {
  for (const char* const broken :
       {"", "[", "[]", "{}", "{\"protocolSection\": 3}", "{\"protocolSection\": {}}"}) {
    EXPECT_THAT(ReadStudyRecord(broken, "Denmark"), StatusIs(absl::StatusCode::kInvalidArgument))
        << broken;
  }
  for (const char* const broken : {"", "{}", "[1]", "[{}]", "[{\"main_id\": \"\"}]"}) {
    EXPECT_THAT(ReadTrialList(broken),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("list of trials")))
        << broken;
  }
}

}  // namespace
}  // namespace trialgate::registry
