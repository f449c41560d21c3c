#include "services/feasibility/criteria.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A request, a site and its capacity that fit, until a test changes one of them.
class CriteriaTest : public ::testing::Test {
 protected:
  std::vector<v1::Criterion> Failed() {
    const auto directory = CountryWith(site_, capacity_);
    const MatchQuery query = PrepareQuery(request_, *directory, kToday);
    const SiteView view = ViewSite(query, *directory->sites().front());
    const CriterionSet failed = FailedCriteria(query, view);
    EXPECT_EQ(MeetsAllCriteria(query, view), failed.none());
    std::vector<v1::Criterion> criteria;
    for (int criterion = kFirstCriterion; criterion <= kLastCriterion; ++criterion) {
      if (failed.test(criterion)) criteria.push_back(static_cast<v1::Criterion>(criterion));
    }
    return criteria;
  }

  v1::NearMiss Describe(v1::Criterion criterion) {
    const auto directory = CountryWith(site_, capacity_);
    const MatchQuery query = PrepareQuery(request_, *directory, kToday);
    v1::NearMiss near_miss;
    DescribeFailure(query, ViewSite(query, *directory->sites().front()), criterion, &near_miss);
    return near_miss;
  }

  v1::TrialRequest request_ = FittingRequest();
  v1::Site site_ = FittingSite();
  v1::SiteCapacity capacity_ = Capacity("a", 2);
};

TEST_F(CriteriaTest, ASiteThatFitsFailsNothing) { EXPECT_THAT(Failed(), IsEmpty()); }

TEST_F(CriteriaTest, ASiteIsActiveOnItsFirstAndLastValidDay) {
  site_.set_valid_from("2026-06-01");
  site_.set_valid_to("2026-06-01");
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, ASiteIsNotActiveTheDayBeforeItsFirstOrAfterItsLast) {
  site_.set_valid_from("2026-06-02");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_ACTIVE));
  site_.clear_valid_from();
  site_.set_valid_to("2026-05-31");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_ACTIVE));
}

TEST_F(CriteriaTest, ASiteOfARegionWithoutValidSuccessorIsNotActive) {
  site_.set_region("regions/marsh");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_ACTIVE));
}

TEST_F(CriteriaTest, ASiteOfARegionThatIsNotYetValidIsNotActive) {
  site_.set_region("regions/shore");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_ACTIVE));
}

TEST_F(CriteriaTest, ASiteOfAnUnknownRegionIsNotActive) {
  site_.set_region("regions/nowhere");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_ACTIVE));
}

TEST_F(CriteriaTest, ASiteWithoutValidRegionStandsInNoneOfThoseWanted) {
  site_.set_region("regions/marsh");
  request_.add_regions_wanted("regions/marsh");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_ACTIVE, v1::CRITERION_REGION));
}

TEST_F(CriteriaTest, AContactedSiteIsLeftOut) {
  request_.add_sites_already_contacted("sites/b");
  EXPECT_THAT(Failed(), IsEmpty());
  request_.add_sites_already_contacted("sites/a");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_NOT_CONTACTED));
}

TEST_F(CriteriaTest, ASiteInNoneOfTheRegionsWantedIsLeftOut) {
  request_.add_regions_wanted("regions/coast");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_REGION));
  request_.add_regions_wanted("regions/hills");
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, RegionsWantedAndTheSitesRegionStandForTheirSuccessors) {
  request_.set_first_patient_in_earliest("2027-01-01");
  request_.clear_first_patient_in_latest();
  request_.add_regions_wanted("regions/shore");
  site_.set_region("regions/coast");
  EXPECT_THAT(Failed(), IsEmpty());
  request_.set_regions_wanted(0, "regions/coast");
  site_.set_region("regions/shore");
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, ASuccessorIsNotYetWantedWhileItsPredecessorLasts) {
  request_.set_first_patient_in_earliest("2026-12-31");
  request_.clear_first_patient_in_latest();
  site_.set_region("regions/coast");
  request_.add_regions_wanted("regions/shore");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_REGION));
}

TEST_F(CriteriaTest, ASiteThatDoesNotTakeTheKindIsLeftOut) {
  request_.set_kind(v1::TRIAL_KIND_MEDICAL_DEVICE);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_KIND));
  EXPECT_THAT(Describe(v1::CRITERION_KIND).missing(), IsEmpty());
}

TEST_F(CriteriaTest, APhaseThatIsListedWithoutTrialsCounts) {
  site_.mutable_phases(0)->set_trials_five_years(0);
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, ACombinedPhaseNeedsBoth) {
  request_.set_phase(v1::PHASE_PHASE1_PHASE2);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_PHASE));
  EXPECT_THAT(Describe(v1::CRITERION_PHASE).missing(), ElementsAre("PHASE1"));
  site_.add_phases()->set_phase(v1::PHASE_PHASE1);
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, MissingPhasesAreNamedInTheOrderNeeded) {
  site_.clear_phases();
  request_.set_phase(v1::PHASE_PHASE2_PHASE3);
  EXPECT_THAT(Describe(v1::CRITERION_PHASE).missing(), ElementsAre("PHASE2", "PHASE3"));
}

TEST_F(CriteriaTest, WherePhasesDoNotApplyAnySiteWillDo) {
  site_.clear_phases();
  request_.set_phase(v1::PHASE_NOT_APPLICABLE);
  EXPECT_THAT(Failed(), IsEmpty());
  request_.clear_phase();
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, OneOfTheSpecialitiesIsEnoughUnlessAllAreWanted) {
  request_.add_specialities("skin");
  request_.add_specialities("brain");
  EXPECT_THAT(Failed(), IsEmpty());
  request_.set_speciality_mode(v1::SPECIALITY_MODE_ALL);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_SPECIALITY));
  EXPECT_THAT(Describe(v1::CRITERION_SPECIALITY).missing(), ElementsAre("brain", "skin"));
}

TEST_F(CriteriaTest, WithoutSpecialitiesWantedAnySiteWillDo) {
  site_.clear_specialities();
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_SPECIALITY));
  request_.clear_specialities();
  request_.set_speciality_mode(v1::SPECIALITY_MODE_ALL);
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, EveryAgeGroupWantedMustBeTreated) {
  request_.mutable_population()->add_age_groups(v1::AGE_GROUP_OLDER_ADULT);
  request_.mutable_population()->add_age_groups(v1::AGE_GROUP_CHILD);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_AGE));
  EXPECT_THAT(Describe(v1::CRITERION_AGE).missing(), ElementsAre("CHILD", "OLDER_ADULT"));
}

TEST_F(CriteriaTest, MissingAgeGroupsAscendAsTexts) {
  site_.clear_age_groups();
  request_.mutable_population()->add_age_groups(v1::AGE_GROUP_CHILD);
  EXPECT_THAT(Describe(v1::CRITERION_AGE).missing(), ElementsAre("ADULT", "CHILD"));
}

TEST_F(CriteriaTest, EveryRequiredCapabilityMustBeThere) {
  request_.add_required_capabilities("robot");
  request_.add_required_capabilities("freezer");
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_CAPABILITY));
  EXPECT_THAT(Describe(v1::CRITERION_CAPABILITY).missing(), ElementsAre("freezer", "robot"));
}

TEST_F(CriteriaTest, ASiteMayBeReadyOnTheLatestDayButNotAfterIt) {
  site_.mutable_start_up()->set_median_days(static_cast<int>(absl::CivilDay(2026, 8, 1) - kToday));
  EXPECT_THAT(Failed(), IsEmpty());
  site_.mutable_start_up()->set_median_days(site_.start_up().median_days() + 3);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_START_UP));
  EXPECT_EQ(Describe(v1::CRITERION_START_UP).days_late(), 3);
  request_.clear_first_patient_in_latest();
  EXPECT_THAT(Failed(), IsEmpty());
}

TEST_F(CriteriaTest, ASiteThatDeclaresNoStartUpHasThePolicysDays) {
  request_.set_first_patient_in_earliest("2026-03-05");
  request_.set_first_patient_in_latest("2026-04-18");
  site_.clear_start_up();
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_START_UP));
  EXPECT_EQ(Describe(v1::CRITERION_START_UP).days_late(), 1);
}

TEST_F(CriteriaTest, ASlotMustBeFreeInEveryMonthOfTheWindow) {
  Use(&capacity_, "2026-05", 2);
  Use(&capacity_, "2026-07", 1);
  Use(&capacity_, "2026-12", 2);
  EXPECT_THAT(Failed(), IsEmpty());
  Use(&capacity_, "2026-06", 1, 1);
  Use(&capacity_, "2026-11", 0, 0, 2);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_CAPACITY));
  EXPECT_THAT(Describe(v1::CRITERION_CAPACITY).missing(), ElementsAre("2026-06", "2026-11"));
}

TEST_F(CriteriaTest, AHoldTakesASlotInEachOfItsMonthsAndNoOther) {
  v1::CapacityHold* hold = capacity_.add_holds();
  hold->set_first_month("2026-05");
  hold->set_months(3);
  Use(&capacity_, "2026-06", 1);
  Use(&capacity_, "2026-07", 1);
  Use(&capacity_, "2026-08", 1);
  EXPECT_THAT(Describe(v1::CRITERION_CAPACITY).missing(), ElementsAre("2026-06", "2026-07"));
}

TEST_F(CriteriaTest, ASiteWithoutSlotsIsFullInEveryMonth) {
  capacity_.set_slots(0);
  request_.set_recruitment_months(2);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_CAPACITY));
  EXPECT_THAT(Describe(v1::CRITERION_CAPACITY).missing(), ElementsAre("2026-06", "2026-07"));
}

TEST_F(CriteriaTest, MoreUseThanSlotsIsFullToo) {
  Use(&capacity_, "2026-06", 5);
  EXPECT_THAT(Failed(), ElementsAre(v1::CRITERION_CAPACITY));
}

TEST_F(CriteriaTest, EveryCriterionIsTestedWhateverFailsBeforeIt) {
  site_.set_valid_to("2020-01-01");
  site_.clear_kinds();
  site_.clear_phases();
  site_.clear_specialities();
  site_.clear_age_groups();
  site_.clear_capabilities();
  site_.mutable_start_up()->set_median_days(3650);
  capacity_.set_slots(0);
  request_.add_sites_already_contacted("sites/a");
  request_.add_regions_wanted("regions/coast");
  EXPECT_EQ(Failed().size(), 10u);
}

}  // namespace
}  // namespace trialgate::feasibility
