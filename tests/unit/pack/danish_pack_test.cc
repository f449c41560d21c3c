#include "tests/unit/pack/danish_pack.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "common/base/errors.h"
#include "services/directory/calendar.h"
#include "services/intake/study_record_specialities.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using testing::Each;
using testing::Ge;
using testing::IsEmpty;
using testing::SizeIs;

const absl::CivilDay kLastDayBeforeMerger(2026, 12, 31);
const absl::CivilDay kMerger(2027, 1, 1);

TEST(DanishPackTest, ItIsAppliedWithAndWithoutItsSample) {
  EXPECT_EQ(DanishPack(false).country(), "DK");
  EXPECT_EQ(DanishPack(true).country(), "DK");
}

TEST(DanishPackTest, ItsSampleIsRefusedWhereNobodyAskedForIt) {
  directory::Faults faults;
  directory::LoadPack(DanishPackFiles(true), /*allow_sample=*/false, &faults);
  ASSERT_FALSE(faults.empty());
  for (const directory::Fault& fault : faults.kept()) {
    EXPECT_EQ(fault.reason, v1::ERROR_REASON_SAMPLE_NOT_ALLOWED) << fault.place.at;
    EXPECT_EQ(fault.place.file, "sample/sample.json");
  }
}

TEST(DanishPackTest, WithoutTheSampleNoSiteHasSlotsOrHistory) {
  const v1::Pack pack = DanishPack(false);
  EXPECT_THAT(pack.capacities(), IsEmpty());
  EXPECT_THAT(pack.organizations(), IsEmpty());
  for (const v1::Site& site : pack.sites()) {
    EXPECT_THAT(site.history(), IsEmpty()) << site.name();
    EXPECT_FALSE(site.has_start_up()) << site.name();
  }
}

TEST(DanishPackTest, TrialsAreCountedInRegistriesAndNeverInvented) {
  const v1::Pack pack = DanishPack(true);
  int counted = 0;
  for (const v1::Site& site : pack.sites()) {
    for (const v1::PhaseExperience& phase : site.phases()) {
      EXPECT_NE(phase.source().kind(), v1::SOURCE_KIND_SAMPLE) << site.name();
      if (phase.trials_five_years() == 0) continue;
      ++counted;
      EXPECT_EQ(phase.source().kind(), v1::SOURCE_KIND_IMPORTED) << site.name();
      EXPECT_EQ(phase.source().as_of(), "2019-12-31") << site.name();
    }
  }
  EXPECT_GE(counted, 100);
}

TEST(DanishPackTest, EveryValueOfTheSampleSaysThatItIsOne) {
  const v1::Pack pack = DanishPack(true);
  for (const v1::Site& site : pack.sites()) {
    EXPECT_NE(site.source().kind(), v1::SOURCE_KIND_SAMPLE) << site.name();
    for (const auto& row : site.history()) {
      EXPECT_EQ(row.source().kind(), v1::SOURCE_KIND_SAMPLE) << site.name();
    }
    if (site.has_start_up()) {
      EXPECT_EQ(site.start_up().source().kind(), v1::SOURCE_KIND_SAMPLE) << site.name();
    }
  }
  for (const auto& capacity : pack.capacities()) {
    EXPECT_EQ(capacity.source().kind(), v1::SOURCE_KIND_SAMPLE) << capacity.name();
  }
  for (const auto& organization : pack.organizations()) {
    EXPECT_EQ(organization.source().kind(), v1::SOURCE_KIND_SAMPLE) << organization.name();
    EXPECT_TRUE(absl::StrContains(organization.display_name(), "invented"));
  }
}

TEST(DanishPackTest, InTheSampleNoMonthUsesMoreSlotsThanThereAre) {
  const v1::Pack pack = DanishPack(true);
  for (const auto& capacity : pack.capacities()) {
    for (const auto& month : capacity.months()) {
      EXPECT_LE(month.occupied_declared(), capacity.slots()) << capacity.name();
    }
  }
}

TEST(DanishPackTest, EveryRegionAndEverySpecialityHasSites) {
  const v1::Pack pack = DanishPack(false);
  EXPECT_THAT(pack.specialities(), SizeIs(39));
  EXPECT_THAT(pack.sites(), SizeIs(Ge(48)));
  std::map<std::string, int> by_region;
  std::set<std::string> specialities;
  for (const v1::Site& site : pack.sites()) {
    ++by_region[site.region()];
    specialities.insert(site.specialities().begin(), site.specialities().end());
  }
  EXPECT_THAT(specialities, SizeIs(39));
  EXPECT_THAT(by_region, SizeIs(6));  // all but the one that is yet to come
  for (const auto& [region, sites] : by_region) EXPECT_GE(sites, 8) << region;
}

TEST(DanishPackTest, ContactsAreRoleMailboxesAtReservedDomains) {
  const v1::Pack pack = DanishPack(false);
  for (const v1::Contact& contact : pack.contacts()) {
    EXPECT_TRUE(absl::EndsWith(contact.email(), ".example")) << contact.email();
    EXPECT_EQ(contact.phone(), "");
  }
}

TEST(DanishPackTest, EveryDeskHasTwoOrThreeContactsWhoStandInForEachOther) {
  const auto directory = DanishDirectory(false);
  for (const auto& [name, desk] : directory->desks()) {
    const auto contacts = directory->ContactsOf(name);
    EXPECT_GE(contacts.size(), 2U) << name;
    EXPECT_LE(contacts.size(), 3U) << name;
    for (const v1::Contact* contact : contacts) EXPECT_FALSE(contact->deputies().empty());
  }
}

TEST(DanishPackTest, TwoRegionsAndTheirDesksAreOneFromTheFirstOfJanuary2027) {
  const auto directory = DanishDirectory(false);
  for (const std::string id : {"capital", "zealand"}) {
    EXPECT_EQ(directory->RegionOn("regions/" + id, kLastDayBeforeMerger), "regions/" + id);
    EXPECT_EQ(directory->RegionOn("regions/" + id, kMerger), "regions/east-denmark");
    EXPECT_EQ(directory->RegionalDeskOn("regions/" + id, kLastDayBeforeMerger)->name(),
              "desks/" + id);
    EXPECT_EQ(directory->DeskOn("desks/" + id, kMerger)->name(), "desks/east-denmark");
  }
  EXPECT_EQ(directory->RegionOn("regions/east-denmark", kLastDayBeforeMerger), std::nullopt);
  EXPECT_EQ(directory->RegionalDeskOn("regions/east-denmark", kMerger)->name(),
            "desks/east-denmark");
  EXPECT_EQ(directory->RegionOn("regions/north-denmark", kMerger), "regions/north-denmark");
}

TEST(DanishPackTest, TheClustersWhoseFundingEndedLeadToTheNationalOne) {
  const auto directory = DanishDirectory(false);
  const v1::Desk* desk = directory->DeskOn("desks/cluster-robotics", kMerger);
  ASSERT_NE(desk, nullptr);
  EXPECT_EQ(desk->name(), "desks/life-science-cluster");
}

TEST(DanishPackTest, EveryDeskThatARuleNamesIsOpen) {
  const auto directory = DanishDirectory(false);
  for (const v1::RoutingRule& rule : directory->settings().routing_rules()) {
    if (!rule.desk().empty()) {
      EXPECT_NE(directory->DeskOn(rule.desk(), kMerger), nullptr) << rule.id();
    }
  }
}

TEST(DanishPackTest, TheDanishCalendarKnowsTheDaysThatDesksAreClosed) {
  const directory::WorkingCalendar calendar(
      *DanishDirectory(false)->FindCalendar("calendars/denmark"));
  const auto works = [&](int year, int month, int day) {
    return calendar.IsWorkingDay(absl::CivilDay(year, month, day));
  };
  EXPECT_FALSE(works(2026, 4, 2));   // Maundy Thursday
  EXPECT_FALSE(works(2026, 5, 14));  // Ascension Day
  EXPECT_TRUE(works(2026, 5, 15));
  EXPECT_FALSE(works(2023, 5, 5));  // Great Prayer Day, abolished from 2024 on
  EXPECT_TRUE(works(2024, 4, 26));
  EXPECT_TRUE(works(2026, 5, 1));
  EXPECT_FALSE(works(2026, 6, 5));
  EXPECT_FALSE(works(2026, 12, 24));
  EXPECT_FALSE(works(2026, 12, 31));
}

TEST(DanishPackTest, TheSwedishCalendarKnowsMidsummerEve) {
  const directory::WorkingCalendar calendar(
      *DanishDirectory(false)->FindCalendar("calendars/sweden"));
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2026, 6, 19)));
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2030, 6, 21)));
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2026, 1, 6)));
  EXPECT_TRUE(calendar.IsWorkingDay(absl::CivilDay(2026, 4, 2)));
}

class DanishConditionsTest : public testing::Test {
 protected:
  std::set<std::string> Of(const std::string& condition, bool children = false) {
    intake::ConditionEvidence evidence;
    evidence.conditions = {{condition, "c"}};
    evidence.age_groups = {children ? v1::AGE_GROUP_CHILD : v1::AGE_GROUP_ADULT};
    std::set<std::string> specialities;
    for (const auto& found : intake::FindSpecialities(pack_.condition_rules(), evidence)) {
      specialities.insert(found.speciality);
    }
    return specialities;
  }

  const v1::Pack pack_ = DanishPack(false);
};

TEST_F(DanishConditionsTest, CommonConditionsNameTheSpecialitiesThatTreatThem) {
  using Specialities = std::set<std::string>;
  const std::map<std::string, Specialities> expected = {
      {"Type 2 Diabetes", {"im-endokrinologi"}},
      {"Heart Failure With Reduced Ejection Fraction", {"im-kardiologi"}},
      {"Acute Myeloid Leukaemia", {"im-haematologi"}},
      {"Multiple Myeloma", {"im-haematologi"}},
      {"Breast Cancer Metastatic", {"klinisk-onkologi"}},
      {"Non-Small Cell Lung Cancer", {"im-lungesygdomme", "klinisk-onkologi"}},
      {"Ovarian Cancer", {"gynaekologi-obstetrik", "klinisk-onkologi"}},
      {"Solid Tumours", {"klinisk-onkologi"}},
      {"Psoriasis Vulgaris", {"dermato-venerologi"}},
      {"Crohn's Disease", {"im-gastroenterologi-hepatologi"}},
      {"Rheumatoid Arthritis", {"im-reumatologi"}},
      {"Knee Osteoarthritis", {"im-reumatologi", "ortopaedisk-kirurgi"}},
      {"Hip Fractures", {"ortopaedisk-kirurgi"}},
      {"COPD Exacerbation", {"im-lungesygdomme"}},
      {"HIV-1-infection", {"im-infektionsmedicin"}},
      {"Septic Shock", {"anaestesiologi", "im-infektionsmedicin"}},
      {"Relapsing Remitting Multiple Sclerosis", {"neurologi"}},
      {"Acute Ischaemic Stroke", {"neurologi"}},
      {"Acute Ischemic Stroke", {"neurologi"}},
      {"Alzheimer Disease", {"im-geriatri", "neurologi"}},
      {"Schizophrenia", {"psykiatri"}},
      {"Major Depressive Disorder", {"psykiatri"}},
      {"Diabetic Macular Oedema", {"im-endokrinologi", "oftalmologi"}},
      {"Age-Related Macular Degeneration", {"oftalmologi"}},
      {"Chronic Kidney Diseases", {"im-nefrologi"}},
      {"Abdominal Aortic Aneurysm", {"karkirurgi"}},
      {"Inguinal Hernia", {"kirurgi"}},
      {"Pre-Eclampsia", {"gynaekologi-obstetrik"}},
      {"Burns", {"plastikkirurgi"}},
      {"Postoperative Pain", {"anaestesiologi"}},
      {"Frailty", {"im-geriatri"}},
      {"Chronic Rhinosinusitis With Nasal Polyps", {"oto-rhino-laryngologi"}},
      {"Subarachnoid Hemorrhage", {"neurokirurgi", "neurologi"}},
      {"Coronary Artery Bypass Surgery", {"thoraxkirurgi"}},
      {"Benign Prostatic Hyperplasia", {"urologi"}},
      {"Something that nobody has heard of", {}},
  };
  for (const auto& [condition, specialities] : expected) {
    EXPECT_EQ(Of(condition), specialities) << condition;
  }
}

TEST_F(DanishConditionsTest, AStudyOfChildrenOnlyAddsThoseWhoTreatChildren) {
  EXPECT_EQ(Of("Asthma", true), (std::set<std::string>{"im-lungesygdomme", "paediatri"}));
  EXPECT_EQ(Of("Autism", true), (std::set<std::string>{"boerne-ungdomspsykiatri", "psykiatri"}));
  EXPECT_EQ(Of("Preterm infants", true), (std::set<std::string>{"paediatri"}));
}

TEST_F(DanishConditionsTest, EverySpecialityIsThatOfSomeCondition) {
  std::set<std::string> specialities;
  for (const v1::ConditionRule& rule : pack_.condition_rules()) {
    specialities.insert(rule.speciality());
    EXPECT_FALSE(rule.reason().empty()) << rule.id();
  }
  EXPECT_THAT(specialities, SizeIs(39));
}

}  // namespace
}  // namespace trialgate
