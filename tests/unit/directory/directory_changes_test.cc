#include "services/directory/directory_changes_repository.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_repository.h"

namespace trialgate::directory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

template <typename Record>
Record Named(const std::string& name, const std::string& etag = "1") {
  Record record;
  record.set_name(name);
  record.set_etag(etag);
  return record;
}

std::shared_ptr<const DirectorySnapshot> Before() {
  DirectorySnapshotBuilder builder;
  builder.Put(Named<v1::Region>("regions/a"));
  builder.Put(Named<v1::Region>("regions/b"));
  builder.Put(Named<v1::Desk>("desks/a"));
  builder.Put(Named<v1::Contact>("desks/a/contacts/x"));
  builder.Put(Named<v1::Site>("sites/a"));
  builder.Put(Named<v1::Site>("sites/b"));
  builder.Put(Named<v1::SiteCapacity>("sites/a/capacity"));
  builder.Put(Named<v1::Organization>("organizations/a"));
  return builder.Build(1);
}

TEST(DirectoryChangesTest, OfNothingEverythingIsNewButLedgersThatWereNeverSet) {
  EXPECT_THAT(ChangedNames(DirectorySnapshot(), *Before()),
              ElementsAre("regions/a", "regions/b", "desks/a", "desks/a/contacts/x", "sites/a",
                          "sites/a/capacity", "sites/b", "organizations/a"));
}

TEST(DirectoryChangesTest, WhatIsTheSameIsNotTold) {
  const auto before = Before();
  EXPECT_THAT(ChangedNames(*before, *DirectorySnapshotBuilder(*before).Build(2)), IsEmpty());
}

TEST(DirectoryChangesTest, WhatCameChangedAndWentIsToldAndNothingElse) {
  const auto before = Before();
  DirectorySnapshotBuilder builder(*before);
  builder.Put(Named<v1::Region>("regions/aa", "2"));
  builder.Put(Named<v1::Desk>("desks/a", "2"));
  builder.Erase("regions/b");
  builder.Erase("organizations/a");
  builder.Erase("sites/b");
  builder.Put(Named<v1::SiteCapacity>("sites/a/capacity", "2"));
  EXPECT_THAT(ChangedNames(*before, *builder.Build(2)),
              UnorderedElementsAre("regions/aa", "regions/b", "desks/a", "sites/a/capacity",
                                   "sites/b", "organizations/a"));
}

TEST(DirectoryChangesTest, OfTheStoresKeysThoseOfTheDirectoryAreNamedAndOfPersonsContacts) {
  const std::vector<std::string> written = {Sites().Key("sites/a"),
                                            SiteCapacities().Key("sites/a/capacity"),
                                            Persons().Key("desks/a/contacts/x"),
                                            Contacts().Key("desks/a/contacts/x"),
                                            Persons().Key("trialRequests/t"),
                                            PackSettings().Key(kSettingsKey)};
  EXPECT_THAT(DirectoryNames(written),
              ElementsAre("desks/a/contacts/x", "sites/a", "sites/a/capacity"));
}

}  // namespace
}  // namespace trialgate::directory
