#include "services/directory/directory_snapshot.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::directory {
namespace {

using ::testing::ElementsAre;
using Day = absl::CivilDay;

v1::Region Region(absl::string_view name, absl::string_view from, absl::string_view to,
                  absl::string_view successor) {
  v1::Region region;
  region.set_name(std::string(name));
  region.set_valid_from(std::string(from));
  region.set_valid_to(std::string(to));
  region.set_successor(std::string(successor));
  return region;
}

v1::Desk RegionalDesk(absl::string_view name, absl::string_view region) {
  v1::Desk desk;
  desk.set_name(std::string(name));
  desk.set_kind(v1::DESK_KIND_REGION);
  desk.add_regions(std::string(region));
  return desk;
}

v1::Site Site(absl::string_view name) {
  v1::Site site;
  site.set_name(std::string(name));
  return site;
}

v1::SiteCapacity Capacity(absl::string_view name, int slots) {
  v1::SiteCapacity capacity;
  capacity.set_name(std::string(name));
  capacity.set_slots(slots);
  return capacity;
}

std::vector<std::string> SiteNames(const DirectorySnapshot& snapshot) {
  std::vector<std::string> names;
  for (const auto& entry : snapshot.sites()) names.push_back(entry->site.name());
  return names;
}

TEST(DirectorySnapshotTest, IsEmptyWithoutAPack) {
  const DirectorySnapshot snapshot;
  EXPECT_EQ(snapshot.commit(), 0);
  EXPECT_FALSE(snapshot.has_pack());
  EXPECT_FALSE(snapshot.HasSpeciality("oncology"));
  EXPECT_EQ(snapshot.FindSite("sites/a"), nullptr);
  EXPECT_EQ(snapshot.RegionOn("regions/a", Day(2026, 3, 2)), std::nullopt);
}

TEST(DirectorySnapshotTest, ARegionThatEndedStandsForItsSuccessor) {
  DirectorySnapshotBuilder builder;
  builder.Put(Region("regions/old", "", "2026-12-31", "regions/new"));
  builder.Put(Region("regions/new", "2027-01-01", "", ""));
  const auto snapshot = builder.Build(1);
  EXPECT_EQ(snapshot->RegionOn("regions/old", Day(2026, 12, 31)), "regions/old");
  EXPECT_EQ(snapshot->RegionOn("regions/old", Day(2027, 1, 1)), "regions/new");
  EXPECT_EQ(snapshot->RegionOn("regions/new", Day(2026, 12, 31)), std::nullopt);
}

TEST(DirectorySnapshotTest, ARegionWithoutAValidSuccessorIsNotValid) {
  DirectorySnapshotBuilder builder;
  builder.Put(Region("regions/ended", "", "2026-12-31", ""));
  builder.Put(Region("regions/gap", "", "2026-12-31", "regions/later"));
  builder.Put(Region("regions/later", "2028-01-01", "", ""));
  const auto snapshot = builder.Build(1);
  EXPECT_EQ(snapshot->RegionOn("regions/ended", Day(2027, 1, 1)), std::nullopt);
  EXPECT_EQ(snapshot->RegionOn("regions/gap", Day(2027, 1, 1)), std::nullopt);
  EXPECT_EQ(snapshot->RegionOn("regions/gap", Day(2028, 1, 1)), "regions/later");
}

TEST(DirectorySnapshotTest, SuccessorsInACycleStandForNothing) {
  DirectorySnapshotBuilder builder;
  builder.Put(Region("regions/a", "", "2025-12-31", "regions/b"));
  builder.Put(Region("regions/b", "", "2025-12-31", "regions/a"));
  builder.Put(Region("regions/self", "", "2025-12-31", "regions/self"));
  const auto snapshot = builder.Build(1);
  EXPECT_EQ(snapshot->RegionOn("regions/a", Day(2026, 3, 2)), std::nullopt);
  EXPECT_EQ(snapshot->RegionOn("regions/self", Day(2026, 3, 2)), std::nullopt);
  EXPECT_EQ(snapshot->RegionOn("regions/a", Day(2025, 3, 2)), "regions/a");
}

TEST(DirectorySnapshotTest, TheRegionalDeskIsTheFirstValidOneThatNamesTheRegion) {
  DirectorySnapshotBuilder builder;
  v1::Desk ended = RegionalDesk("desks/a", "regions/north");
  ended.set_valid_to("2026-12-31");
  builder.Put(ended);
  builder.Put(RegionalDesk("desks/c", "regions/north"));
  builder.Put(RegionalDesk("desks/b", "regions/north"));
  v1::Desk cluster = RegionalDesk("desks/0", "regions/north");
  cluster.set_kind(v1::DESK_KIND_CLUSTER);
  builder.Put(cluster);
  const auto snapshot = builder.Build(1);
  EXPECT_EQ(snapshot->RegionalDeskOn("regions/north", Day(2026, 3, 2))->name(), "desks/a");
  EXPECT_EQ(snapshot->RegionalDeskOn("regions/north", Day(2027, 3, 2))->name(), "desks/b");
  EXPECT_EQ(snapshot->RegionalDeskOn("regions/south", Day(2026, 3, 2)), nullptr);
}

TEST(DirectorySnapshotTest, ADeskThatEndedStandsForItsSuccessor) {
  DirectorySnapshotBuilder builder;
  v1::Desk ended = RegionalDesk("desks/a", "regions/north");
  ended.set_valid_to("2026-12-31");
  ended.set_successor("desks/b");
  builder.Put(ended);
  builder.Put(RegionalDesk("desks/b", "regions/north"));
  const auto snapshot = builder.Build(1);
  EXPECT_EQ(snapshot->DeskOn("desks/a", Day(2026, 12, 31))->name(), "desks/a");
  EXPECT_EQ(snapshot->DeskOn("desks/a", Day(2027, 1, 1))->name(), "desks/b");
  EXPECT_EQ(snapshot->DeskOn("desks/none", Day(2027, 1, 1)), nullptr);
}

TEST(DirectorySnapshotTest, ContactsAreThoseOfExactlyThatDesk) {
  DirectorySnapshotBuilder builder;
  for (const char* name : {"desks/a/contacts/2", "desks/a/contacts/1", "desks/a-b/contacts/1",
                           "desks/aa/contacts/1"}) {
    v1::Contact contact;
    contact.set_name(name);
    builder.Put(contact);
  }
  const auto snapshot = builder.Build(1);
  const auto contacts = snapshot->ContactsOf("desks/a");
  ASSERT_EQ(contacts.size(), 2u);
  EXPECT_EQ(contacts[0]->name(), "desks/a/contacts/1");
  EXPECT_EQ(contacts[1]->name(), "desks/a/contacts/2");
}

TEST(DirectorySnapshotBuilderTest, KeepsSitesOrderedByName) {
  DirectorySnapshotBuilder builder;
  for (const char* name : {"sites/c", "sites/a", "sites/b", "sites/a"}) builder.Put(Site(name));
  EXPECT_THAT(SiteNames(*builder.Build(1)), ElementsAre("sites/a", "sites/b", "sites/c"));
}

TEST(DirectorySnapshotBuilderTest, JoinsSiteAndCapacityInWhicheverOrderTheyCome) {
  DirectorySnapshotBuilder builder;
  builder.Put(Capacity("sites/a/capacity", 2));
  builder.Put(Site("sites/a"));
  builder.Put(Site("sites/b"));
  builder.Put(Capacity("sites/b/capacity", 3));
  builder.Put(Site("sites/b"));
  builder.Put(Site("sites/c"));
  const auto snapshot = builder.Build(1);
  EXPECT_EQ(snapshot->FindSite("sites/a")->capacity.slots(), 2);
  EXPECT_EQ(snapshot->FindSite("sites/b")->capacity.slots(), 3);
  EXPECT_EQ(snapshot->FindSite("sites/c")->capacity.slots(), 0);
  EXPECT_EQ(snapshot->FindSite("sites/c")->capacity.name(), "sites/c/capacity");
}

TEST(DirectorySnapshotBuilderTest, ANewVersionLeavesTheEarlierOneAsItWas) {
  DirectorySnapshotBuilder first;
  first.Put(Site("sites/a"));
  first.Put(Site("sites/b"));
  const auto earlier = first.Build(1);
  DirectorySnapshotBuilder second(*earlier);
  second.Put(Capacity("sites/a/capacity", 7));
  second.Erase("sites/b");
  const auto later = second.Build(2);
  EXPECT_EQ(earlier->FindSite("sites/a")->capacity.slots(), 0);
  EXPECT_THAT(SiteNames(*earlier), ElementsAre("sites/a", "sites/b"));
  EXPECT_EQ(later->FindSite("sites/a")->capacity.slots(), 7);
  EXPECT_THAT(SiteNames(*later), ElementsAre("sites/a"));
  EXPECT_EQ(later->commit(), 2);
}

TEST(DirectorySnapshotBuilderTest, ErasingACapacityLeavesTheSiteWithoutSlots) {
  DirectorySnapshotBuilder builder;
  builder.Put(Site("sites/a"));
  builder.Put(Capacity("sites/a/capacity", 7));
  builder.Erase("sites/a/capacity");
  EXPECT_EQ(builder.Build(1)->FindSite("sites/a")->capacity.slots(), 0);
}

TEST(DirectorySnapshotBuilderTest, SettingsKeepWhatHoldsForTheCountryOnly) {
  v1::Pack pack;
  pack.set_time_zone("Europe/Copenhagen");
  pack.add_specialities()->set_id("oncology");
  pack.add_capabilities()->set_id("mri");
  pack.add_sites()->set_name("sites/a");
  DirectorySnapshotBuilder builder;
  builder.PutSettings(pack);
  const auto snapshot = builder.Build(1);
  ASSERT_TRUE(snapshot->has_pack());
  EXPECT_EQ(snapshot->settings().sites_size(), 0);
  EXPECT_EQ(snapshot->time_zone().name(), "Europe/Copenhagen");
  EXPECT_TRUE(snapshot->HasSpeciality("oncology"));
  EXPECT_FALSE(snapshot->HasSpeciality("mri"));
  EXPECT_TRUE(snapshot->HasCapability("mri"));
}

}  // namespace
}  // namespace trialgate::directory
