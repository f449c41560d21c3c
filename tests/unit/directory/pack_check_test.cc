#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/pack.h"
#include "tests/unit/directory/pack_faults.h"
#include "tests/unit/directory/tiny_pack.h"

namespace trialgate::directory {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// The tiny pack as it is read, its site_values not laid over sites.
v1::Pack JoinedTinyPack() {
  Faults faults;
  return JoinPack(TinyPackFiles(/*sample=*/true), &faults).pack;
}

TEST(PackCheckTest, ACycleOfSuccessorsIsToldAtEachOfItsRegions) {
  EXPECT_THAT(FaultsAfter("regions.json",
                          [](v1::Pack* pack) {
                            pack->mutable_regions(2)->set_valid_to("2030-12-31");
                            pack->mutable_regions(2)->set_successor("regions/lagoon");
                          }),
              AllOf(Contains("regions.json: regions[0].successor SUCCESSOR_CYCLE"),
                    Contains("regions.json: regions[2].successor SUCCESSOR_CYCLE"),
                    Not(Contains("regions.json: regions[1].successor SUCCESSOR_CYCLE"))));
}

TEST(PackCheckTest, ACycleOfThousandsOfSuccessorsIsFoundAtEachOfThem) {
  const auto told = FaultsAfter("regions.json", [](v1::Pack* pack) {
    for (int i = 0; i < 3'000; ++i) {
      v1::Region* region = pack->add_regions();
      region->set_name(absl::StrCat("regions/r", i));
      region->set_display_name("R");
      region->set_country("XP");
      region->set_valid_from("2020-01-01");
      region->set_successor(absl::StrCat("regions/r", (i + 1) % 3'000));
    }
  });
  EXPECT_THAT(told, Contains("regions.json: regions[3].successor SUCCESSOR_CYCLE"));
}

TEST(PackCheckTest, ARegionOrDeskMayNotSucceedItself) {
  EXPECT_THAT(
      FaultsAfter("desks.json",
                  [](v1::Pack* pack) { pack->mutable_desks(1)->set_successor("desks/lagoon"); }),
      Contains("desks.json: desks[1].successor SUCCESSOR_CYCLE"));
}

TEST(PackCheckTest, ASuccessorMustBeValidWhenItTakesOver) {
  EXPECT_THAT(
      FaultsAfter("regions.json",
                  [](v1::Pack* pack) { pack->mutable_regions(0)->set_valid_to("2026-11-30"); }),
      Contains("regions.json: regions[0].successor DANGLING_REFERENCE"));
}

TEST(PackCheckTest, ARegionNeedsARegionalDeskOnEachOfItsDays) {
  EXPECT_THAT(
      FaultsAfter("desks.json",
                  [](v1::Pack* pack) { pack->mutable_desks(3)->set_valid_from("2027-01-02"); }),
      Contains("regions.json: regions[2] REQUIRED"));
  EXPECT_THAT(
      FaultsAfter("desks.json",
                  [](v1::Pack* pack) { pack->mutable_desks(3)->set_kind(v1::DESK_KIND_CLUSTER); }),
      Contains("regions.json: regions[2] REQUIRED"));
}

TEST(PackCheckTest, ReferencesOfDesksMustLeadSomewhere) {
  EXPECT_THAT(FaultsAfter("desks.json",
                          [](v1::Pack* pack) {
                            v1::Desk* desk = pack->mutable_desks(4);
                            desk->set_calendar("calendars/none");
                            desk->add_regions("regions/none");
                            desk->set_successor("desks/none");
                            desk->set_lead("desks/heart-centre/contacts/none");
                            desk->set_specialities(0, "none");
                            desk->set_time_zone("Mars/Olympus");
                            pack->mutable_desks(1)->set_lead("desks/cape/contacts/lead");
                          }),
              IsSupersetOf({"desks.json: desks[4].calendar DANGLING_REFERENCE",
                            "desks.json: desks[4].regions[0] DANGLING_REFERENCE",
                            "desks.json: desks[4].successor DANGLING_REFERENCE",
                            "desks.json: desks[4].lead DANGLING_REFERENCE",
                            "desks.json: desks[4].specialities[0] UNKNOWN_VALUE",
                            "desks.json: desks[4].time_zone UNKNOWN_VALUE",
                            "desks.json: desks[1].lead CONTRADICTION"}));
}

TEST(PackCheckTest, ContactsAreOfADeskWithDeputiesOfTheSameDesk) {
  EXPECT_THAT(FaultsAfter("desks.json",
                          [](v1::Pack* pack) {
                            pack->mutable_contacts(1)->set_deputies(0, "desks/cape/contacts/lead");
                            v1::Contact* contact = pack->add_contacts();
                            contact->set_name("desks/none/contacts/x");
                            contact->set_email("x y@z.example");
                            v1::Absence* absence = contact->add_absences();
                            absence->set_first_day("2026-07-02");
                            absence->set_last_day("2026-07-01");
                            pack->add_contacts()->set_name("contacts/x");
                          }),
              IsSupersetOf({"desks.json: contacts[1].deputies[0] CONTRADICTION",
                            "desks.json: contacts[6].name DANGLING_REFERENCE",
                            "desks.json: contacts[6].display_name REQUIRED",
                            "desks.json: contacts[6].email INVALID_FORMAT",
                            "desks.json: contacts[6].absences[0].last_day DATES_REVERSED",
                            "desks.json: contacts[7].name INVALID_FORMAT"}));
}

TEST(PackCheckTest, ARuleNamesADeskThatExists) {
  EXPECT_THAT(FaultsAfter("routing.json",
                          [](v1::Pack* pack) {
                            pack->mutable_routing_rules(0)->clear_answers();
                            pack->mutable_routing_rules(1)->set_desk("desks/none");
                            pack->mutable_routing_rules(1)->set_informed(0, "desks/none");
                          }),
              ElementsAre("routing.json: routing_rules[0].desk REQUIRED",
                          "routing.json: routing_rules[1].informed[0] DANGLING_REFERENCE",
                          "routing.json: routing_rules[1].desk DANGLING_REFERENCE"));
}

TEST(PackCheckTest, TheLastRuleAndOnlyThatAppliesToEverySite) {
  EXPECT_THAT(FaultsAfter("routing.json",
                          [](v1::Pack* pack) {
                            pack->mutable_routing_rules(2)->add_kinds(v1::TRIAL_KIND_PROCEDURE);
                          }),
              ElementsAre("routing.json: routing_rules[2] REQUIRED"));
  EXPECT_THAT(
      FaultsAfter("routing.json",
                  [](v1::Pack* pack) { pack->mutable_routing_rules()->SwapElements(0, 2); }),
      IsSupersetOf({"routing.json: routing_rules[0] CONTRADICTION",
                    "routing.json: routing_rules[2] REQUIRED"}));
  EXPECT_THAT(FaultsAfter("routing.json", [](v1::Pack* pack) { pack->clear_routing_rules(); }),
              ElementsAre(": routing_rules REQUIRED"));
}

TEST(PackCheckTest, NamesAndIdsAreGivenOnce) {
  EXPECT_THAT(
      FaultsAfter("sites.json", [](v1::Pack* pack) { *pack->add_sites() = pack->sites(0); }),
      ElementsAre("sites.json: sites[3].name DUPLICATE"));
  EXPECT_THAT(
      FaultsAfter("regions.json", [](v1::Pack* pack) { *pack->add_regions() = pack->regions(2); }),
      ElementsAre("regions.json: regions[3].name DUPLICATE"));
  EXPECT_THAT(
      FaultsAfter("desks.json",
                  [](v1::Pack* pack) {
                    *pack->add_desks() = pack->desks(4);
                    *pack->add_contacts() = pack->contacts(0);
                  }),
      ElementsAre("desks.json: desks[5].name DUPLICATE", "desks.json: contacts[6].name DUPLICATE"));
  EXPECT_THAT(FaultsAfter("country.json",
                          [](v1::Pack* pack) {
                            *pack->add_specialities() = pack->specialities(0);
                            *pack->add_capabilities() = pack->capabilities(0);
                            *pack->add_condition_rules() = pack->condition_rules(0);
                            *pack->add_calendars() = pack->calendars(0);
                          }),
              ElementsAre("country.json: specialities[3].id DUPLICATE",
                          "country.json: capabilities[2].id DUPLICATE",
                          "country.json: condition_rules[2].id DUPLICATE",
                          "country.json: calendars[1].name DUPLICATE"));
  EXPECT_THAT(FaultsAfter("routing.json",
                          [](v1::Pack* pack) { pack->mutable_routing_rules(1)->set_id("ideas"); }),
              ElementsAre("routing.json: routing_rules[1].id DUPLICATE"));
}

TEST(PackCheckTest, NamesHaveTheFormOfTheirCollection) {
  EXPECT_THAT(FaultsAfter("regions.json",
                          [](v1::Pack* pack) {
                            v1::Region* region = pack->add_regions();
                            region->set_name("Region North");
                            region->set_display_name("North");
                            region->set_country("xp");
                          }),
              IsSupersetOf({"regions.json: regions[3].name INVALID_FORMAT",
                            "regions.json: regions[3].country INVALID_FORMAT"}));
}

TEST(PackCheckTest, DatesAreStrictAndInOrder) {
  EXPECT_THAT(FaultsAfter("sites.json",
                          [](v1::Pack* pack) {
                            pack->mutable_sites(0)->set_valid_from("2026-02-30");
                            pack->mutable_sites(1)->set_valid_from("2026-05-02");
                            pack->mutable_sites(1)->set_valid_to("2026-05-01");
                            pack->mutable_sites(2)->mutable_source()->set_as_of("1/2/2026");
                          }),
              ElementsAre("sites.json: sites[0].valid_from INVALID_FORMAT",
                          "sites.json: sites[1].valid_to DATES_REVERSED",
                          "sites.json: sites[2].source.as_of INVALID_FORMAT"));
}

TEST(PackCheckTest, SitesUseTheVocabularyAndRegionsOfThePack) {
  EXPECT_THAT(FaultsAfter("sites.json",
                          [](v1::Pack* pack) {
                            v1::Site* site = pack->mutable_sites(0);
                            site->set_region("regions/none");
                            site->set_specialities(0, "surgery");
                            site->add_capabilities("imaging");
                            site->add_kinds(v1::TRIAL_KIND_UNSPECIFIED);
                            site->add_languages("English");
                            site->mutable_phases(0)->set_phase(v1::PHASE_PHASE2_PHASE3);
                            site->clear_type();
                          }),
              IsSupersetOf({"sites.json: sites[0].region DANGLING_REFERENCE",
                            "sites.json: sites[0].specialities[0] UNKNOWN_VALUE",
                            "sites.json: sites[0].capabilities[1] DUPLICATE",
                            "sites.json: sites[0].kinds[2] REQUIRED",
                            "sites.json: sites[0].languages[1] INVALID_FORMAT",
                            "sites.json: sites[0].phases[0].phase CONTRADICTION",
                            "sites.json: sites[0].type REQUIRED"}));
}

TEST(PackCheckTest, NumbersOfSitesLieInTheirRangesAndSayWhereTheyAreFrom) {
  EXPECT_THAT(
      FaultsAfter("sample/values.json",
                  [](v1::Pack* pack) {
                    v1::Site* values = pack->mutable_site_values(0);
                    values->mutable_start_up()->set_median_days(-1);
                    values->mutable_start_up()->clear_source();
                    v1::RecruitmentHistory* row = values->mutable_history(0);
                    row->set_claimed(-5);
                    row->set_actual(10'000'001);
                    row->set_site_months(std::numeric_limits<double>::quiet_NaN());
                    row->set_speciality("surgery");
                    values->mutable_phases(0)->set_trials_five_years(100'001);
                    values->mutable_phases(0)->clear_source();
                  }),
      IsSupersetOf({"sample/values.json: site_values[0].start_up.median_days OUT_OF_RANGE",
                    "sample/values.json: site_values[0].start_up.source.kind REQUIRED",
                    "sample/values.json: site_values[0].history[0].claimed OUT_OF_RANGE",
                    "sample/values.json: site_values[0].history[0].actual OUT_OF_RANGE",
                    "sample/values.json: site_values[0].history[0].speciality UNKNOWN_VALUE",
                    "sample/values.json: site_values[0].phases[0].trials_five_years "
                    "OUT_OF_RANGE",
                    "sample/values.json: site_values[0].phases[0].source.kind REQUIRED"}));
}

TEST(PackCheckTest, SiteValuesHaveValuesOnlyAndASite) {
  EXPECT_THAT(FaultsAfter("sample/values.json",
                          [](v1::Pack* pack) {
                            pack->mutable_site_values(0)->set_city("Port Ravo");
                            pack->mutable_site_values(1)->set_name("sites/none");
                          }),
              ElementsAre("sample/values.json: site_values[0] CONTRADICTION",
                          "sample/values.json: site_values[1].name DANGLING_REFERENCE"));
}

TEST(PackCheckTest, SiteValuesMayLieInSeveralFilesButEachValueInOne) {
  const v1::Site values = JoinedTinyPack().site_values(0);
  ASSERT_TRUE(values.has_start_up());
  ASSERT_GT(values.phases_size(), 0);
  EXPECT_THAT(
      FaultsAfter("sites.json", [&values](v1::Pack* pack) { *pack->add_site_values() = values; }),
      IsSupersetOf({"sites.json: site_values[0].start_up DUPLICATE",
                    "sites.json: site_values[0].phases[0].phase DUPLICATE"}));
  EXPECT_THAT(FaultsAfter("sites.json",
                          [&values](v1::Pack* pack) {
                            v1::Site* more = pack->add_site_values();
                            more->set_name(values.name());
                            *more->mutable_history() = values.history();
                          }),
              IsEmpty());
}

TEST(PackCheckTest, CapacitiesHaveSlotsMonthsAndASource) {
  EXPECT_THAT(FaultsAfter("sample/values.json",
                          [](v1::Pack* pack) {
                            v1::SiteCapacity* capacity = pack->mutable_capacities(0);
                            capacity->set_slots(1001);
                            capacity->clear_source();
                            *capacity->add_months() = capacity->months(0);
                            capacity->add_months()->set_month("2026-13");
                            capacity->mutable_months(0)->set_occupied_declared(-1);
                            pack->mutable_capacities(1)->set_name("sites/none/capacity");
                            pack->mutable_capacities(2)->set_name("capacity");
                          }),
              IsSupersetOf({"sample/values.json: capacities[0].slots OUT_OF_RANGE",
                            "sample/values.json: capacities[0].source.kind REQUIRED",
                            "sample/values.json: capacities[0].months[1].month DUPLICATE",
                            "sample/values.json: capacities[0].months[2].month INVALID_FORMAT",
                            "sample/values.json: capacities[0].months[0].occupied_declared "
                            "OUT_OF_RANGE",
                            "sample/values.json: capacities[1].name DANGLING_REFERENCE",
                            "sample/values.json: capacities[2].name INVALID_FORMAT"}));
}

TEST(PackCheckTest, UseIsDeclaredForMonthsThatAnybodyPlansFor) {
  EXPECT_THAT(
      FaultsAfter(
          "sample/values.json",
          [](v1::Pack* pack) {
            v1::SiteCapacity* capacity = pack->mutable_capacities(0);
            capacity->clear_months();
            for (const char* month : {"1900-01", "1999-12", "2000-01", "2100-12", "2101-01"}) {
              capacity->add_months()->set_month(month);
            }
          }),
      UnorderedElementsAre("sample/values.json: capacities[0].months[0].month OUT_OF_RANGE",
                           "sample/values.json: capacities[0].months[1].month OUT_OF_RANGE",
                           "sample/values.json: capacities[0].months[4].month "
                           "OUT_OF_RANGE"));
}

TEST(PackCheckTest, ThePolicyHasEveryNumberInItsRange) {
  EXPECT_THAT(
      FaultsAfter("country.json",
                  [](v1::Pack* pack) {
                    v1::Policy* policy = pack->mutable_policy();
                    policy->mutable_weights()->set_patients(21);
                    policy->mutable_priors(0)->set_alpha(0);
                    policy->mutable_priors(1)->set_beta(std::numeric_limits<double>::infinity());
                    policy->mutable_priors(1)->set_speciality("surgery");
                    policy->set_answer_days_normal(0);
                    policy->set_version(0);
                  }),
      IsSupersetOf({"country.json: policy.weights OUT_OF_RANGE",
                    "country.json: policy.priors[0].alpha OUT_OF_RANGE",
                    "country.json: policy.priors[1].beta OUT_OF_RANGE",
                    "country.json: policy.priors[1].speciality UNKNOWN_VALUE",
                    "country.json: policy.answer_days_normal OUT_OF_RANGE",
                    "country.json: policy.version OUT_OF_RANGE"}));
  EXPECT_THAT(FaultsAfter("country.json",
                          [](v1::Pack* pack) {
                            pack->mutable_policy()->mutable_priors(1)->clear_speciality();
                          }),
              ElementsAre("country.json: policy.priors[1].speciality DUPLICATE"));
  EXPECT_THAT(FaultsAfter("country.json", [](v1::Pack* pack) { pack->clear_policy(); }),
              ElementsAre(": policy REQUIRED"));
}

TEST(PackCheckTest, AConditionRuleHasASpecialityAndSomethingToFind) {
  EXPECT_THAT(FaultsAfter("country.json",
                          [](v1::Pack* pack) {
                            v1::ConditionRule* rule = pack->mutable_condition_rules(0);
                            rule->set_speciality("surgery");
                            rule->set_words(0, "As*thma");
                            rule->set_rank(101);
                            pack->mutable_condition_rules(1)->clear_words();
                          }),
              ElementsAre("country.json: condition_rules[0].speciality UNKNOWN_VALUE",
                          "country.json: condition_rules[0].words[0] INVALID_FORMAT",
                          "country.json: condition_rules[0].rank OUT_OF_RANGE",
                          "country.json: condition_rules[1] REQUIRED"));
}

TEST(PackCheckTest, OrganizationsHaveATypeAndASizeOnlyIfCompanies) {
  EXPECT_THAT(FaultsAfter("sample/values.json",
                          [](v1::Pack* pack) {
                            v1::Organization* organization = pack->mutable_organizations(0);
                            organization->set_name("organizations/x");
                            organization->set_type(v1::ORGANIZATION_TYPE_CRO);
                            organization->set_country("Palmora");
                          }),
              ElementsAre("sample/values.json: organizations[0].name INVALID_FORMAT",
                          "sample/values.json: organizations[0].size CONTRADICTION",
                          "sample/values.json: organizations[0].country INVALID_FORMAT"));
}

TEST(PackCheckTest, TextsAreBoundedAndHaveNoControlCharacters) {
  EXPECT_THAT(FaultsAfter("sites.json",
                          [](v1::Pack* pack) {
                            pack->mutable_sites(0)->set_display_name(std::string(300, 'x'));
                            pack->mutable_sites(1)->set_city(std::string("a\0b", 3));
                            pack->mutable_sites(2)->add_accreditations(std::string(5000, 'x'));
                          }),
              ElementsAre("sites.json: sites[0].display_name TOO_LONG",
                          "sites.json: sites[1].city INVALID_FORMAT",
                          "sites.json: sites[2].accreditations[0] TOO_LONG"));
}

TEST(PackCheckTest, FaultsBeyondTheLimitAreCounted) {
  const auto told = FaultsAfter("sites.json", [](v1::Pack* pack) {
    for (int i = 0; i < 1000; ++i) pack->mutable_sites(0)->add_specialities(absl::StrCat("s", i));
  });
  EXPECT_EQ(told.size(), Faults::kMaxKept);
}

}  // namespace
}  // namespace trialgate::directory
