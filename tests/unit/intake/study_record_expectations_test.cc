// The specialities that a Danish coordinator would expect of real study records, each with the
// reason in medicine or in how Danish hospitals divide their work, not in how the rules find it.
#include <gmock/gmock.h>

#include <iostream>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/intake/study_record.h"
#include "tests/unit/intake/study_record_support.h"

namespace trialgate::intake {
namespace {

using Specialities = std::set<std::string>;

struct Expectation {
  std::string nct_id;
  Specialities specialities;
  std::string reason;
};

const std::vector<Expectation>& Expectations() {
  static const auto* const expectations = new std::vector<Expectation>{
      {"NCT00396149",
       {"dermato-venerologi", "oto-rhino-laryngologi"},
       "Birch pollen hay fever, adults: allergy clinics are joint with dermatology, or ENT."},
      {"NCT00889460",
       {"dermato-venerologi", "oto-rhino-laryngologi"},
       "The same product and population as NCT00396149."},
      {"NCT01007331",
       {"dermato-venerologi", "paediatri"},
       "Atopic dermatitis of infants: skin disease, children only."},
      {"NCT01067261",
       {"urologi"},
       "Continence and erection after prostatectomy, although MeSH files both under mental "
       "disorders too."},
      {"NCT01166269",
       {"dermato-venerologi", "oto-rhino-laryngologi"},
       "Grass pollen allergy; the condition says only \"Allergy\"."},
      {"NCT01694108",
       {"im-infektionsmedicin", "paediatri"},
       "BCG vaccination of newborns; the conditions name no disease, only the title tells."},
      {"NCT01742962",
       {"klinisk-onkologi", "urologi"},
       "Prostate cancer after surgery: urologists operate, oncologists share the care."},
      {"NCT01889875",
       {"dermato-venerologi", "oto-rhino-laryngologi"},
       "Hay fever from grass pollen; no MeSH terms were derived."},
      {"NCT01941732",
       {"neurologi", "urologi"},
       "Parkinson's disease and erectile dysfunction, both registered as conditions."},
      {"NCT02017626", {"dermato-venerologi"}, "Fish allergy of adults: joint allergy clinics."},
      {"NCT02063061", {"urologi"}, "Erectile dysfunction."},
      {"NCT02068573",
       {"im-lungesygdomme", "paediatri"},
       "Asthma of children from 5 to 18; the allergy is a side condition."},
      {"NCT02240823",
       {"urologi"},
       "Erectile dysfunction after prostatectomy; \"Delayed Graft Function\" is a misnomer that "
       "must not lead to nephrology."},
      {"NCT02382718", {"dermato-venerologi"}, "Food allergy to fish, adults."},
      {"NCT03006536", {"urologi"}, "Erectile dysfunction."},
      {"NCT03192917", {"urologi"}, "Erectile dysfunction after prostatectomy."},
      {"NCT03727971",
       {"gynaekologi-obstetrik", "im-lungesygdomme"},
       "Asthma of women in fertility treatment: both are conditions."},
      {"NCT03880994",
       {"klinisk-onkologi", "urologi"},
       "Men with testicular cancer; mood and cognition are outcomes, not the disease."},
      {"NCT04059341", {"urologi"}, "Erectile dysfunction after prostatectomy."},
      {"NCT04631133",
       {"neurokirurgi", "ortopaedisk-kirurgi"},
       "Spine implant for herniated discs and stenosis: both specialities do spine surgery."},
      {"NCT04878354",
       {"dermato-venerologi", "oto-rhino-laryngologi", "paediatri"},
       "Birch pollen hay fever of children and adolescents."},
      {"NCT05043116",
       {"im-lungesygdomme", "paediatri"},
       "Asthma-like symptoms of preschool children."},
      {"NCT05385822", {"urologi"}, "Erectile dysfunction."},
      {"NCT05645692",
       {"klinisk-onkologi", "urologi"},
       "Metastatic urothelial cancer; no MeSH terms were derived."},
      {"NCT05819398",
       {"dermato-venerologi"},
       "Hidradenitis suppurativa, although MeSH files it under infections too."},
      {"NCT06200987", {"urologi"}, "Erection and continence after prostatectomy."},
      {"NCT06452199",
       {"paediatri"},
       "Probiotics for healthy newborns; infections and airways are only keywords."},
      {"NCT06989112",
       {"gynaekologi-obstetrik", "klinisk-onkologi"},
       "Endometrial cancer; the registry's \"Parkinson Disease 4\" stems from \"PD1\"."},
  };
  return *expectations;
}

class StudyRecordExpectationsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(DataDir() / "ctgov")) {
      GTEST_SKIP() << "no study records at " << DataDir() / "ctgov"
                   << ": set TRIALGATE_DATA_DIR";
    }
  }

  absl::StatusOr<v1::ImportStudyRecordResponse> Import(const std::string& nct_id) {
    return DeriveDraft(FileContent(DataDir() / "ctgov" / (nct_id + ".json")), settings_,
                       absl::CivilDay(2026, 11, 22));
  }

  const v1::Pack settings_ = DanishSettings();
};

TEST_F(StudyRecordExpectationsTest, RealRecordsNameTheSpecialitiesThatACoordinatorWouldExpect) {
  int found = 0;
  for (const Expectation& expected : Expectations()) {
    const auto imported = Import(expected.nct_id);
    ASSERT_TRUE(imported.ok()) << expected.nct_id << ": " << imported.status();
    const auto& derived = imported->draft().specialities();
    const Specialities specialities(derived.begin(), derived.end());
    const bool same = specialities == expected.specialities;
    found += same ? 1 : 0;
    std::cout << expected.nct_id << (same ? " found: " : " OTHER: ")
              << absl::StrJoin(specialities, ", ") << ". " << expected.reason << "\n";
    EXPECT_EQ(specialities.size(), static_cast<std::size_t>(derived.size())) << expected.nct_id;
  }
  std::cout << found << " of " << Expectations().size() << " as expected\n";
  EXPECT_EQ(Expectations().size(), 28U);
  EXPECT_GE(found, 26);
}

TEST_F(StudyRecordExpectationsTest, EveryRealRecordGivesADraftThatTellsWhereItIsFrom) {
  for (const Expectation& expected : Expectations()) {
    SCOPED_TRACE(expected.nct_id);
    const auto imported = Import(expected.nct_id);
    ASSERT_TRUE(imported.ok()) << imported.status();
    const v1::TrialRequest& draft = imported->draft();
    EXPECT_NE(draft.kind(), v1::TRIAL_KIND_UNSPECIFIED);
    EXPECT_NE(draft.phase(), v1::PHASE_UNSPECIFIED);
    EXPECT_FALSE(draft.title().empty());
    EXPECT_FALSE(draft.conditions().empty());
    EXPECT_EQ(draft.external_ids(0).code(), expected.nct_id);
    EXPECT_GE(draft.recruitment_months(), 1);
    EXPECT_LE(draft.recruitment_months(), 60);
    EXPECT_THAT(imported->missing(), testing::Contains("requester"));
    for (const v1::FieldDerivation& derivation : imported->derivations()) {
      EXPECT_FALSE(derivation.field().empty());
      EXPECT_FALSE(derivation.value().empty()) << derivation.field();
      EXPECT_FALSE(derivation.from().empty()) << derivation.field();
      EXPECT_FALSE(derivation.rule().empty()) << derivation.field();
    }
  }
}

}  // namespace
}  // namespace trialgate::intake
