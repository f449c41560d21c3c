#include "services/feasibility/score.h"

#include "gtest/gtest.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

class ScoreTest : public ::testing::Test {
 protected:
  v1::ScoreParts Parts(double expected_patients = 0) {
    const auto directory = CountryWith(site_, capacity_);
    const MatchQuery query = PrepareQuery(request_, *directory, kToday);
    return PartsOf(query, ViewSite(query, *directory->sites().front()), expected_patients);
  }

  void AddHistory(int claimed, int actual) {
    v1::RecruitmentHistory* row = site_.add_history();
    row->set_claimed(claimed);
    row->set_actual(actual);
  }

  v1::TrialRequest request_ = FittingRequest();
  v1::Site site_ = FittingSite();
  v1::SiteCapacity capacity_ = Capacity("a", 4);
};

TEST_F(ScoreTest, SpecialityIsTheShareOfThoseWanted) {
  EXPECT_DOUBLE_EQ(Parts().speciality(), 20);
  request_.add_specialities("brain");
  EXPECT_DOUBLE_EQ(Parts().speciality(), 10);
  request_.clear_specialities();
  EXPECT_DOUBLE_EQ(Parts().speciality(), 20);
}

TEST_F(ScoreTest, ExperienceIsFullFromFiveTrialsOn) {
  EXPECT_DOUBLE_EQ(Parts().experience(), 6);
  site_.mutable_phases(0)->set_trials_five_years(9);
  EXPECT_DOUBLE_EQ(Parts().experience(), 15);
}

TEST_F(ScoreTest, ExperienceInACombinedPhaseIsTheSmaller) {
  request_.set_phase(v1::PHASE_PHASE2_PHASE3);
  v1::PhaseExperience* run = site_.add_phases();
  run->set_phase(v1::PHASE_PHASE3);
  run->set_trials_five_years(1);
  EXPECT_DOUBLE_EQ(Parts().experience(), 3);
}

TEST_F(ScoreTest, ExperienceIsFullWherePhasesDoNotApply) {
  request_.set_phase(v1::PHASE_NOT_APPLICABLE);
  EXPECT_DOUBLE_EQ(Parts().experience(), 15);
}

TEST_F(ScoreTest, PatientsAreMeasuredByThoseWantedASite) {
  request_.set_patients_wanted(40);
  request_.set_sites_wanted(4);
  EXPECT_DOUBLE_EQ(Parts(5).patients(), 10);
  EXPECT_DOUBLE_EQ(Parts(10).patients(), 20);
  EXPECT_DOUBLE_EQ(Parts(11).patients(), 20);
  request_.set_sites_wanted(0);
  EXPECT_DOUBLE_EQ(Parts(10).patients(), 5);
}

TEST_F(ScoreTest, PatientsAreFullWhereNoneAreWanted) { EXPECT_DOUBLE_EQ(Parts(0).patients(), 20); }

TEST_F(ScoreTest, HeadroomIsTheLeastShareOfFreeSlotsInTheWindow) {
  EXPECT_DOUBLE_EQ(Parts().headroom(), 10);
  Use(&capacity_, "2026-05", 4);
  Use(&capacity_, "2026-06", 1);
  Use(&capacity_, "2026-08", 1, 1, 1);
  EXPECT_DOUBLE_EQ(Parts().headroom(), 2.5);
}

TEST_F(ScoreTest, HeadroomOfASiteWithoutSlotsIsNone) {
  capacity_.set_slots(0);
  EXPECT_EQ(Parts().headroom(), 0);
}

TEST_F(ScoreTest, StartUpFallsToNothingAtHalfAYear) {
  site_.mutable_start_up()->set_median_days(0);
  EXPECT_DOUBLE_EQ(Parts().start_up(), 10);
  site_.mutable_start_up()->set_median_days(90);
  EXPECT_DOUBLE_EQ(Parts().start_up(), 5);
  site_.mutable_start_up()->set_median_days(400);
  EXPECT_EQ(Parts().start_up(), 0);
  site_.clear_start_up();
  EXPECT_DOUBLE_EQ(Parts().start_up(), 7.5);
}

TEST_F(ScoreTest, TrackRecordComparesAllPatientsRecruitedWithAllClaimed) {
  EXPECT_DOUBLE_EQ(Parts().track_record(), 10);
  AddHistory(10, 4);
  AddHistory(25, 11);
  EXPECT_DOUBLE_EQ(Parts().track_record(), 10 * 20.0 / 40.0);
  AddHistory(0, 100);
  EXPECT_DOUBLE_EQ(Parts().track_record(), 10);
}

TEST_F(ScoreTest, PreferencesAreCapabilitiesAloneWhereNoRegionsArePreferred) {
  EXPECT_DOUBLE_EQ(Parts().preferences(), 10);
  request_.add_preferred_capabilities("mri");
  request_.add_preferred_capabilities("robot");
  EXPECT_DOUBLE_EQ(Parts().preferences(), 5);
}

TEST_F(ScoreTest, PreferredRegionsAreHalfOfThePreferences) {
  request_.add_preferred_capabilities("mri");
  request_.add_preferred_capabilities("robot");
  request_.add_regions_preferred("regions/coast");
  EXPECT_DOUBLE_EQ(Parts().preferences(), 2.5);
  request_.add_regions_preferred("regions/hills");
  EXPECT_DOUBLE_EQ(Parts().preferences(), 7.5);
}

TEST_F(ScoreTest, APreferredRegionStandsForItsSuccessor) {
  request_.set_first_patient_in_earliest("2027-01-01");
  site_.set_region("regions/shore");
  request_.add_regions_preferred("regions/coast");
  EXPECT_DOUBLE_EQ(Parts().preferences(), 10);
}

TEST_F(ScoreTest, FreshnessFallsFromNinetyDaysToAYear) {
  const auto on = [&](absl::CivilDay day) {
    site_.mutable_review()->set_date(absl::FormatCivilTime(day));
    return Parts().freshness();
  };
  EXPECT_DOUBLE_EQ(on(kToday - 90), 5);
  EXPECT_DOUBLE_EQ(on(kToday - 91), 5 * 274.0 / 275.0);
  EXPECT_DOUBLE_EQ(on(kToday - 364), 5 * 1.0 / 275.0);
  EXPECT_EQ(on(kToday - 365), 0);
  EXPECT_EQ(on(kToday - 3650), 0);
  EXPECT_DOUBLE_EQ(on(kToday + 1), 5);
  site_.clear_review();
  EXPECT_EQ(Parts().freshness(), 0);
}

TEST_F(ScoreTest, TheScoreIsTheSumOfItsPartsRoundedToNine) {
  v1::ScoreParts parts;
  parts.set_speciality(20.0 / 3);
  parts.set_freshness(1e-10);
  EXPECT_EQ(NanoScore(parts), 6666666667);
}

}  // namespace
}  // namespace trialgate::feasibility
