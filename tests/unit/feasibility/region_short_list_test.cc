#include "services/feasibility/region_short_list.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const absl::CivilDay kDay(2026, 6, 1);

class RegionShortListTest : public testing::Test {
 protected:
  RegionShortListTest() : builder_(Country()) {}

  void Put(const std::string& id, const std::string& region, bool eligible, int trials) {
    v1::Site site = FittingSite(id);
    site.set_region("regions/" + region);
    builder_.Put(site);
    trials_[site.name()] = trials;
    if (!eligible) return;
    v1::EligibleSite* told = report_.add_eligible();
    told->set_site(site.name());
    told->set_region("regions/" + region);
  }

  std::vector<ShortListedRegion> List(int most = kMaxShortListedRegions,
                                      absl::CivilDay day = kDay) {
    if (directory_ == nullptr) directory_ = builder_.Build(1);
    return ShortListRegions(
        report_, *directory_, day,
        [this](const std::string& site) -> std::int64_t { return trials_[site]; }, most);
  }

  std::vector<std::string> Names(int most = kMaxShortListedRegions) {
    std::vector<std::string> names;
    for (const ShortListedRegion& region : List(most)) names.push_back(region.region);
    return names;
  }

  directory::DirectorySnapshotBuilder builder_;
  std::shared_ptr<const directory::DirectorySnapshot> directory_;
  v1::FeasibilityReport report_;
  std::map<std::string, int> trials_;
};

TEST_F(RegionShortListTest, ASmallRegionThatDoesMuchOfThisGoesBeforeALargeOneThatDoesLittle) {
  Put("coast-heart", "coast", true, 10);
  Put("coast-skin", "coast", false, 200);
  Put("hills-heart", "hills", true, 8);
  Put("hills-skin", "hills", false, 8);
  EXPECT_THAT(Names(), ElementsAre("regions/hills", "regions/coast"));
  EXPECT_THAT(Names(1), ElementsAre("regions/hills"));
  EXPECT_THAT(Names(0), IsEmpty());
}

TEST_F(RegionShortListTest, FocusIsTheShareOfTheRegionsTrialsWithAssumedOnes) {
  Put("a", "hills", true, 6);
  Put("b", "hills", false, 14);
  const auto listed = List();
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed[0].sites, 1);
  EXPECT_EQ(listed[0].trials, 6);
  EXPECT_EQ(listed[0].all_trials, 20);
  const double share = (0.5 + 7.0 / 40) / 2;
  EXPECT_THAT(listed[0].focus, DoubleEq((6 + 20 * share) / 40));
}

TEST_F(RegionShortListTest, WithoutAnyTrialsTheSitesSpeak) {
  Put("a", "coast", true, 0);
  Put("b", "coast", false, 0);
  Put("c", "coast", false, 0);
  Put("d", "hills", true, 0);
  Put("e", "hills", false, 0);
  EXPECT_THAT(Names(), ElementsAre("regions/hills", "regions/coast"));
}

TEST_F(RegionShortListTest, EqualRegionsAreInTheOrderOfSitesThenNames) {
  Put("a", "hills", true, 0);
  Put("b", "coast", true, 0);
  EXPECT_THAT(Names(), ElementsAre("regions/coast", "regions/hills"));
  report_.Clear();
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(RegionShortListTest, WhereNoSiteIsEligibleTheNearMissesSpeak) {
  Put("a", "hills", false, 0);
  Put("b", "coast", false, 0);
  v1::NearMiss* missed = report_.add_near_misses();
  missed->set_site("sites/a");
  missed->set_region("regions/hills");
  EXPECT_THAT(Names(), ElementsAre("regions/hills"));
  v1::EligibleSite* told = report_.add_eligible();
  told->set_site("sites/b");
  told->set_region("regions/coast");
  EXPECT_THAT(Names(), ElementsAre("regions/coast")) << "a near miss beside it does not count";
}

TEST_F(RegionShortListTest, ASiteStandsInTheSuccessorOfItsRegion) {
  Put("a", "coast", false, 30);
  Put("b", "coast", false, 0);
  v1::EligibleSite* told = report_.add_eligible();
  told->set_site("sites/b");
  told->set_region("regions/shore");
  const auto listed = List(kMaxShortListedRegions, absl::CivilDay(2027, 6, 1));
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed[0].region, "regions/shore");
  EXPECT_EQ(listed[0].all_trials, 30) << "those of the region that it follows";
}

}  // namespace
}  // namespace trialgate::feasibility
