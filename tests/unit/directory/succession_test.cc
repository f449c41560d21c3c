#include "services/directory/succession.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::directory {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class SuccessionTest : public testing::Test {
 protected:
  static v1::Desk Desk(const std::string& id, const std::vector<std::string>& regions,
                       const std::string& valid_to = "", const std::string& successor = "") {
    v1::Desk desk;
    desk.set_name("desks/" + id);
    desk.set_kind(v1::DESK_KIND_REGION);
    for (const std::string& region : regions) desk.add_regions("regions/" + region);
    desk.set_valid_to(valid_to);
    desk.set_successor(successor);
    return desk;
  }

  static v1::Region Region(const std::string& id, const std::string& valid_to = "",
                           const std::string& successor = "") {
    v1::Region region;
    region.set_name("regions/" + id);
    region.set_valid_to(valid_to);
    region.set_successor(successor);
    return region;
  }

  std::string InCharge(const std::string& desk, absl::CivilDay day) {
    const auto snapshot = builder_.Build(1);
    builder_ = DirectorySnapshotBuilder(*snapshot);
    const v1::Desk* const found = DeskInChargeOn(*snapshot, desk, day);
    return found == nullptr ? "" : found->name();
  }

  DirectorySnapshotBuilder builder_;
  const absl::CivilDay eve_{2026, 12, 31};
  const absl::CivilDay day_{2027, 1, 1};
};

TEST_F(SuccessionTest, ADeskIsInChargeToItsLastDayAndItsSuccessorFromTheNextOn) {
  builder_.Put(Region("a"));
  builder_.Put(Desk("a", {"a"}, "2026-12-31", "desks/b"));
  builder_.Put(Desk("b", {"a"}));
  EXPECT_EQ(InCharge("desks/a", eve_), "desks/a");
  EXPECT_EQ(InCharge("desks/a", day_), "desks/b");
}

TEST_F(SuccessionTest, NobodyIsInChargeOfWhatEndedWithoutSuccessor) {
  builder_.Put(Desk("a", {}, "2026-12-31"));
  EXPECT_EQ(InCharge("desks/a", day_), "");
  EXPECT_EQ(InCharge("desks/unknown", day_), "");
}

TEST_F(SuccessionTest, ARegionalDeskWithoutAValidRegionGivesWayToThatOfTheSuccessor) {
  builder_.Put(Region("a", "2026-12-31", "regions/b"));
  builder_.Put(Region("b"));
  builder_.Put(Desk("a", {"a"}));
  builder_.Put(Desk("b", {"b"}));
  EXPECT_EQ(InCharge("desks/a", eve_), "desks/a");
  EXPECT_EQ(InCharge("desks/a", day_), "desks/b");
}

TEST_F(SuccessionTest, OneValidRegionIsEnough) {
  builder_.Put(Region("a", "2026-12-31", "regions/b"));
  builder_.Put(Region("b"));
  builder_.Put(Region("c"));
  builder_.Put(Desk("a", {"a", "c"}));
  builder_.Put(Desk("b", {"b"}));
  EXPECT_EQ(InCharge("desks/a", day_), "desks/a");
}

TEST_F(SuccessionTest, ADeskOfAnotherKindDoesNotEndWithItsRegions) {
  builder_.Put(Region("a", "2026-12-31", "regions/b"));
  builder_.Put(Region("b"));
  v1::Desk cluster = Desk("cluster", {"a"});
  cluster.set_kind(v1::DESK_KIND_CLUSTER);
  builder_.Put(cluster);
  builder_.Put(Desk("b", {"b"}));
  EXPECT_EQ(InCharge("desks/cluster", day_), "desks/cluster");
}

TEST_F(SuccessionTest, OnlyDesksThatAnotherTakesOverFromAreListed) {
  builder_.Put(Region("a"));
  builder_.Put(Desk("a", {"a"}, "2026-12-31", "desks/b"));
  builder_.Put(Desk("b", {"a"}));
  builder_.Put(Desk("gone", {}, "2026-12-31"));
  const auto snapshot = builder_.Build(1);
  EXPECT_THAT(SucceededDesksOn(*snapshot, eve_), IsEmpty());
  const auto succeeded = SucceededDesksOn(*snapshot, day_);
  ASSERT_THAT(succeeded, SizeIs(1));
  EXPECT_EQ(succeeded.at("desks/a")->name(), "desks/b");
}

}  // namespace
}  // namespace trialgate::directory
