// Each kind of lever: when it is tried, its value, and what it brings, net.
#include "services/feasibility/levers.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/feasibility/matcher.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

class LeversTest : public testing::Test {
 protected:
  LeversTest() : builder_(Country()) {}

  void Put(const v1::Site& site, int slots = 2) {
    builder_.Put(site);
    v1::SiteCapacity capacity;
    capacity.set_name(site.name() + "/capacity");
    capacity.set_slots(slots);
    builder_.Put(capacity);
  }

  std::vector<v1::Lever> Levers() {
    const v1::FeasibilityReport report =
        Match(request_, 0, *directory::DirectorySnapshotBuilder(builder_).Build(1), kToday);
    return {report.levers().begin(), report.levers().end()};
  }

  // The levers of a kind as "value+gained-lost", in the order of the report.
  std::vector<std::string> LeversOf(v1::LeverKind kind) {
    std::vector<std::string> told;
    for (const v1::Lever& lever : Levers()) {
      if (lever.kind() != kind) continue;
      told.push_back(lever.value() + "+" + std::to_string(lever.sites_gained()) + "-" +
                     std::to_string(lever.sites_lost()));
    }
    return told;
  }

  using Told = std::vector<std::string>;

  int next_id_ = 0;
  v1::TrialRequest request_ = FittingRequest();
  directory::DirectorySnapshotBuilder builder_;
};

TEST_F(LeversTest, ACapabilityThatOneSiteLacksIsDropped) {
  v1::Site site = FittingSite();
  site.clear_capabilities();
  Put(site);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_DROP_CAPABILITY), Told{"mri+1-0"});
}

TEST_F(LeversTest, AnAgeGroupIsDroppedByItsNameWithoutPrefix) {
  Put(FittingSite());
  request_.mutable_population()->add_age_groups(v1::AGE_GROUP_OLDER_ADULT);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_DROP_AGE_GROUP), Told{"OLDER_ADULT+1-0"});
}

TEST_F(LeversTest, AnySpecialityIsTriedOnlyWhereAllOfSeveralAreWanted) {
  Put(FittingSite());
  request_.add_specialities("brain");
  request_.set_speciality_mode(v1::SPECIALITY_MODE_ALL);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_ANY_SPECIALITY), Told{"+1-0"});
  request_.set_specialities(0, "brain");
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_ANY_SPECIALITY), Told{}) << "the same one twice is one";
}

TEST_F(LeversTest, ACombinedPhaseIsNarrowedToEither) {
  Put(FittingSite());
  v1::Site third = FittingSite("b");
  third.mutable_phases(0)->set_phase(v1::PHASE_PHASE3);
  Put(third);
  request_.set_phase(v1::PHASE_PHASE2_PHASE3);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_NARROW_PHASE), (Told{"PHASE2+1-0", "PHASE3+1-0"}));
  request_.set_phase(v1::PHASE_PHASE2);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_NARROW_PHASE), Told{});
}

TEST_F(LeversTest, ARegionIsAddedAsItStandsOnTheDay) {
  v1::Site site = FittingSite();
  site.set_region("regions/coast");
  Put(site);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_ADD_REGION), Told{}) << "none are wanted: all are taken";
  request_.add_regions_wanted("regions/hills");
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_ADD_REGION), Told{"regions/coast+1-0"});
  request_.set_first_patient_in_earliest("2027-02-01");
  request_.set_first_patient_in_latest("2027-06-01");
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_ADD_REGION), Told{"regions/shore+1-0"});
}

TEST_F(LeversTest, TheLatestDateMovesToTheFirstThreeThatBringASite) {
  for (const int days : {200, 210, 210, 220, 230, 30}) {
    v1::Site site = FittingSite("s" + std::to_string(days) + std::to_string(next_id_++));
    site.mutable_start_up()->set_median_days(days);
    Put(site);
  }
  v1::Site elsewhere = FittingSite("late-and-lacking");
  elsewhere.mutable_start_up()->set_median_days(190);
  elsewhere.clear_capabilities();
  Put(elsewhere);
  // Ready 200, 210 and 220 days after today; later dates bring the earlier ones' sites, too.
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_LATER_LATEST_FIRST_PATIENT_IN),
            (Told{"2026-10-11+4-0", "2026-10-01+3-0", "2026-09-21+1-0"}));
  request_.clear_first_patient_in_latest();
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_LATER_LATEST_FIRST_PATIENT_IN), Told{});
}

TEST_F(LeversTest, ALaterStartMayBringSitesAndLoseOthers) {
  v1::Site opens = FittingSite("opens");
  opens.set_valid_from("2026-07-15");
  Put(opens);
  v1::Site closes = FittingSite("closes");
  closes.set_valid_to("2026-06-30");
  // It recruits much less, so that what is gained outweighs it.
  v1::RecruitmentHistory* row = closes.add_history();
  row->set_speciality("heart");
  row->set_site_months(100);
  Put(closes);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_LATER_START), (Told{"2+1-1", "3+1-1"}));
}

TEST_F(LeversTest, ALaterStartTakesTheLatestDateAlongOnlyWhereItMust) {
  // A site that is ready 180 days from today, 2026-09-01, a month after the latest date.
  v1::Site site = FittingSite();
  site.mutable_start_up()->set_median_days(180);
  Put(site);
  // 1 June and 3 months is 1 September, which the latest date, 1 August, follows.
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_LATER_START), Told{"3+1-0"});
  request_.set_first_patient_in_latest("2026-08-31");
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_LATER_START), Told{"3+1-0"});
  request_.set_first_patient_in_earliest("2026-05-31");
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_LATER_START), Told{})
      << "31 May and 3 months is 31 August, the latest date as it is";
}

TEST_F(LeversTest, MonthsThatAreFullAreWaitedFor) {
  builder_.Put(FittingSite());
  v1::SiteCapacity capacity = Capacity("a", 1);
  Use(&capacity, "2026-06", 1);
  Use(&capacity, "2026-07", 0, 1);
  builder_.Put(capacity);
  EXPECT_EQ(LeversOf(v1::LEVER_KIND_LATER_START), (Told{"2+1-0", "3+1-0"}));
}

TEST_F(LeversTest, TheBestComeFirstThenKindAndValue) {
  v1::Site site = FittingSite();
  site.clear_age_groups();
  site.add_age_groups(v1::AGE_GROUP_CHILD);
  Put(site);
  v1::Site lacking = FittingSite("b");
  lacking.clear_capabilities();
  Put(lacking);
  const std::vector<v1::Lever> levers = Levers();
  ASSERT_EQ(levers.size(), 2u);
  EXPECT_EQ(levers[0].kind(), v1::LEVER_KIND_DROP_CAPABILITY);
  EXPECT_EQ(levers[1].kind(), v1::LEVER_KIND_DROP_AGE_GROUP);
  EXPECT_EQ(levers[0].expected_patients_gained(), levers[1].expected_patients_gained());
}

TEST_F(LeversTest, WhatBringsNothingIsNotTold) {
  Put(FittingSite());
  // July is as long as August and October, and longer than September.
  request_.set_first_patient_in_earliest("2026-07-01");
  request_.set_recruitment_months(1);
  EXPECT_TRUE(Levers().empty());
}

}  // namespace
}  // namespace trialgate::feasibility
