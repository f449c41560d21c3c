#include "services/feasibility/matcher.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feasibility/report.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

template <typename List>
std::vector<std::string> SitesOf(const List& list) {
  std::vector<std::string> names;
  for (const auto& element : list) names.push_back(element.site());
  return names;
}

void PutFitting(directory::DirectorySnapshotBuilder* builder, const v1::Site& site) {
  builder->Put(site);
  v1::SiteCapacity capacity;
  capacity.set_name(site.name() + "/capacity");
  capacity.set_slots(2);
  builder->Put(capacity);
}

TEST(MatcherTest, SaysWhatTheReportWasComputedFrom) {
  directory::DirectorySnapshotBuilder builder = Country();
  const v1::FeasibilityReport report = Match(FittingRequest(), 3, *builder.Build(42), kToday);
  EXPECT_EQ(report.inputs().request_revision(), 3);
  EXPECT_EQ(report.inputs().directory_commit(), 42);
  EXPECT_EQ(report.inputs().policy_version(), 7);
  EXPECT_EQ(report.inputs().today(), "2026-03-05");
  EXPECT_EQ(report.inputs().engine_version(), kEngineVersion);
}

TEST(MatcherTest, NoSiteAtAllIsANormalAnswer) {
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *Country().Build(1), kToday);
  EXPECT_EQ(report.sites_considered(), 0);
  EXPECT_EQ(report.failed_size(), 10);
  EXPECT_EQ(report.forecast().mean(), 0);
  EXPECT_THAT(report.regions(), IsEmpty());
}

TEST(MatcherTest, EligibleSitesComeByScoreThenByName) {
  directory::DirectorySnapshotBuilder builder = Country();
  for (const char* id : {"c", "b", "d"}) PutFitting(&builder, FittingSite(id));
  v1::Site best = FittingSite("z");
  best.mutable_phases(0)->set_trials_five_years(5);
  PutFitting(&builder, best);
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *builder.Build(1), kToday);
  EXPECT_THAT(SitesOf(report.eligible()), ElementsAre("sites/z", "sites/b", "sites/c", "sites/d"));
  EXPECT_EQ(report.eligible(0).score(), 98.333333333);
  EXPECT_EQ(report.eligible(0).earliest_start(), "2026-06-01");
}

TEST(MatcherTest, ASiteThatIsReadyLaterStartsLater) {
  v1::Site site = FittingSite();
  site.mutable_start_up()->set_median_days(100);
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *CountryWith(site), kToday);
  EXPECT_EQ(report.eligible(0).earliest_start(), "2026-06-13");
  EXPECT_EQ(report.regions(0).earliest_start(), "2026-06-13");
}

TEST(MatcherTest, ASiteThatFailsOneCriterionIsANearMissAndOneThatFailsTwoIsCountedTwice) {
  directory::DirectorySnapshotBuilder builder = Country();
  v1::Site one = FittingSite("one");
  one.clear_kinds();
  PutFitting(&builder, one);
  v1::Site two = FittingSite("two");
  two.clear_kinds();
  two.clear_capabilities();
  PutFitting(&builder, two);
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *builder.Build(1), kToday);
  EXPECT_THAT(SitesOf(report.near_misses()), ElementsAre("sites/one"));
  EXPECT_EQ(report.near_misses(0).criterion(), v1::CRITERION_KIND);
  EXPECT_GT(report.near_misses(0).expected_patients(), 0);
  EXPECT_EQ(report.failed(v1::CRITERION_KIND - 1).sites(), 2);
  EXPECT_EQ(report.failed(v1::CRITERION_CAPABILITY - 1).sites(), 1);
  EXPECT_EQ(report.failed(v1::CRITERION_AGE - 1).sites(), 0);
  EXPECT_EQ(report.sites_considered(), 2);
}

TEST(MatcherTest, ANearMissWithoutValidRegionIsShownWhereItStands) {
  v1::Site site = FittingSite();
  site.set_region("regions/marsh");
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *CountryWith(site), kToday);
  EXPECT_EQ(report.near_misses(0).region(), "regions/marsh");
}

TEST(MatcherTest, SumsByRegionWithMostPatientsFirst) {
  directory::DirectorySnapshotBuilder builder = Country();
  PutFitting(&builder, FittingSite("a"));
  for (const char* id : {"b", "c"}) {
    v1::Site site = FittingSite(id);
    site.set_region("regions/coast");
    PutFitting(&builder, site);
  }
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *builder.Build(1), kToday);
  ASSERT_EQ(report.regions_size(), 2);
  EXPECT_EQ(report.regions(0).region(), "regions/coast");
  EXPECT_EQ(report.regions(0).display_name(), "Region coast");
  EXPECT_EQ(report.regions(0).eligible_sites(), 2);
  EXPECT_NEAR(report.regions(0).expected_patients(), 2 * report.regions(1).expected_patients(),
              2e-9);
  EXPECT_LE(report.regions(0).p10(), report.regions(0).p90());
  EXPECT_GT(report.regions(0).p90(), 0);
  EXPECT_NEAR(report.forecast().mean(), 3 * report.regions(1).expected_patients(), 1e-8);
}

TEST(MatcherTest, ARegionIsNamedAsItStandsOnTheDay) {
  v1::TrialRequest request = FittingRequest();
  request.set_first_patient_in_earliest("2027-01-01");
  request.clear_first_patient_in_latest();
  v1::Site site = FittingSite();
  site.set_region("regions/coast");
  const v1::FeasibilityReport report = Match(request, 0, *CountryWith(site), kToday);
  EXPECT_EQ(report.eligible(0).region(), "regions/shore");
  EXPECT_EQ(report.regions(0).display_name(), "Region shore");
}

TEST(MatcherTest, ADroppedCapabilityBringsTheSitesThatLackOnlyIt) {
  v1::TrialRequest request = FittingRequest();
  request.add_required_capabilities("freezer");
  request.add_required_capabilities("robot");
  directory::DirectorySnapshotBuilder builder = Country();
  for (const char* id : {"a", "b"}) {
    v1::Site no_robot = FittingSite(id);
    no_robot.add_capabilities("freezer");
    PutFitting(&builder, no_robot);
  }
  v1::Site no_freezer = FittingSite("c");
  no_freezer.add_capabilities("robot");
  PutFitting(&builder, no_freezer);
  PutFitting(&builder, FittingSite("d"));  // lacks both
  const v1::FeasibilityReport report = Match(request, 0, *builder.Build(1), kToday);
  ASSERT_EQ(report.levers_size(), 2);
  EXPECT_EQ(report.levers(0).value(), "robot");
  EXPECT_EQ(report.levers(0).sites_gained(), 2);
  EXPECT_EQ(report.levers(0).sites_lost(), 0);
  EXPECT_EQ(report.levers(1).value(), "freezer");
  EXPECT_NEAR(report.levers(0).expected_patients_gained(),
              2 * report.levers(1).expected_patients_gained(), 2e-9);
}

TEST(MatcherTest, KindsThatMatchNoSiteByNatureCountNoFailures) {
  for (const v1::TrialKind kind : {v1::TRIAL_KIND_DATA_ACCESS, v1::TRIAL_KIND_IDEA}) {
    v1::TrialRequest request = FittingRequest();
    request.set_kind(kind);
    request.set_patients_wanted(5);
    const v1::FeasibilityReport report = Match(request, 0, *CountryWith(FittingSite()), kToday);
    EXPECT_EQ(report.sites_considered(), 0);
    EXPECT_THAT(report.eligible(), IsEmpty());
    EXPECT_THAT(report.near_misses(), IsEmpty());
    EXPECT_THAT(report.levers(), IsEmpty());
    ASSERT_EQ(report.failed_size(), 10);
    for (const v1::CriterionCount& count : report.failed()) EXPECT_EQ(count.sites(), 0);
    EXPECT_EQ(report.forecast().probability(), 0);
  }
}

TEST(MatcherTest, AReportThatRestsOnInventedValuesSaysWhich) {
  v1::Site site = FittingSite();
  site.mutable_start_up()->mutable_source()->set_kind(v1::SOURCE_KIND_SAMPLE);
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *CountryWith(site), kToday);
  EXPECT_TRUE(report.rests_on_sample());
  EXPECT_TRUE(report.eligible(0).rests_on_sample());
  EXPECT_THAT(report.caveats(), ElementsAre(StartsWith("Start-up days of 1 of the 1 sites")));
}

TEST(MatcherTest, InventedSlotsOfANearMissAreToldToo) {
  v1::SiteCapacity capacity = Capacity("a", 0);
  capacity.mutable_source()->set_kind(v1::SOURCE_KIND_SAMPLE);
  const v1::FeasibilityReport report =
      Match(FittingRequest(), 0, *CountryWith(FittingSite(), capacity), kToday);
  EXPECT_TRUE(report.rests_on_sample());
  EXPECT_THAT(report.caveats(), ElementsAre(HasSubstr("Slots")));
}

TEST(MatcherTest, InventedTrialsOfAnotherPhaseDoNotMatter) {
  v1::Site site = FittingSite();
  v1::PhaseExperience* run = site.add_phases();
  run->set_phase(v1::PHASE_PHASE4);
  run->mutable_source()->set_kind(v1::SOURCE_KIND_SAMPLE);
  const v1::FeasibilityReport report = Match(FittingRequest(), 0, *CountryWith(site), kToday);
  EXPECT_FALSE(report.rests_on_sample());
  EXPECT_THAT(report.caveats(), IsEmpty());
}

TEST(MatcherTest, RealValuesNeedNoCaveat) {
  const v1::FeasibilityReport report =
      Match(FittingRequest(), 0, *CountryWith(FittingSite()), kToday);
  EXPECT_FALSE(report.rests_on_sample());
  EXPECT_THAT(report.caveats(), IsEmpty());
}

TEST(MatcherTest, ZeroMonthsAndNoSlotsGiveNumbers) {
  v1::TrialRequest request = FittingRequest();
  request.set_recruitment_months(0);
  const v1::FeasibilityReport report =
      Match(request, 0, *CountryWith(FittingSite(), Capacity("a", 0)), kToday);
  ASSERT_EQ(report.eligible_size(), 1);
  EXPECT_EQ(report.eligible(0).parts().headroom(), 0);
  EXPECT_EQ(report.eligible(0).expected_patients(), 0);
}

}  // namespace
}  // namespace trialgate::feasibility
