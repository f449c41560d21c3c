#include "services/directory/directory_projection.h"

#include <string>

#include "common/store/unit_of_work.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_repository.h"
#include "tests/unit/directory/directory_world.h"

namespace trialgate::directory {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class DirectoryProjectionTest : public DirectoryWorld {
 protected:
  // Commits one change and lets the cache see it.
  template <typename Change>
  store::CommitNumber Commit(Change change) {
    auto commit =
        store::RunUnitOfWork(store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) {
          work.SetEvent("event");
          return change(work);
        });
    EXPECT_OK(commit);
    EXPECT_TRUE(cache_.WaitUntilSeen(commit.value_or(0), absl::Seconds(10)));
    return commit.value_or(0);
  }
};

TEST_F(DirectoryProjectionTest, IsEmptyOnAnEmptyStore) {
  EXPECT_FALSE(cache_.Snapshot()->has_pack());
  EXPECT_THAT(cache_.Snapshot()->sites(), IsEmpty());
}

TEST_F(DirectoryProjectionTest, FollowingAndLoadingGiveTheSameDirectory) {
  ApplyTinyPack();
  Commit([](store::UnitOfWork& work) {
    v1::SiteCapacity capacity;
    capacity.set_name("sites/cape-unit/capacity");
    capacity.set_slots(9);
    return work.Put(SiteCapacities(), capacity.name(), capacity);
  });
  const auto followed = cache_.Snapshot();
  ASSERT_OK_AND_ASSIGN(const auto loaded, ReadDirectory(*store_, *keys_, store_->Head()));
  EXPECT_EQ(followed->settings().SerializeAsString(), loaded->settings().SerializeAsString());
  ASSERT_EQ(followed->sites().size(), loaded->sites().size());
  for (std::size_t i = 0; i < loaded->sites().size(); ++i) {
    EXPECT_EQ(followed->sites()[i]->site.SerializeAsString(),
              loaded->sites()[i]->site.SerializeAsString());
    EXPECT_EQ(followed->sites()[i]->capacity.SerializeAsString(),
              loaded->sites()[i]->capacity.SerializeAsString());
  }
  ASSERT_EQ(followed->contacts().size(), loaded->contacts().size());
  for (const auto& [name, contact] : loaded->contacts()) {
    EXPECT_EQ(followed->FindContact(name)->SerializeAsString(), contact->SerializeAsString());
  }
  EXPECT_EQ(followed->regions().size(), loaded->regions().size());
  EXPECT_EQ(followed->desks().size(), loaded->desks().size());
  EXPECT_EQ(followed->calendars().size(), loaded->calendars().size());
  EXPECT_EQ(followed->organizations().size(), loaded->organizations().size());
}

TEST_F(DirectoryProjectionTest, EtagsAreTheCommitsThatWroteTheRecords) {
  ApplyTinyPack();
  const store::CommitNumber second = Commit([](store::UnitOfWork& work) {
    v1::SiteCapacity capacity;
    capacity.set_name("sites/cape-unit/capacity");
    return work.Put(SiteCapacities(), capacity.name(), capacity);
  });
  const auto directory = cache_.Snapshot();
  EXPECT_EQ(directory->commit(), second);
  EXPECT_EQ(directory->FindSite("sites/cape-unit")->site.etag(), "1");
  EXPECT_EQ(directory->FindSite("sites/cape-unit")->capacity.etag(), EtagOf(second));
}

TEST_F(DirectoryProjectionTest, ACommitOfOtherThingsLeavesTheSnapshotAsItIs) {
  ApplyTinyPack();
  const auto before = cache_.Snapshot();
  const store::CommitNumber other = Commit([](store::UnitOfWork&) { return absl::OkStatus(); });
  EXPECT_EQ(cache_.Snapshot(), before);
  EXPECT_EQ(cache_.seen(), other);
}

TEST_F(DirectoryProjectionTest, AContactWhosePersonIsErasedStaysAndSaysSo) {
  ApplyTinyPack();
  const std::string name = "desks/lagoon/contacts/heart";
  EXPECT_EQ(cache_.Snapshot()->FindContact(name)->email(), "heart@lagoon.example");
  ASSERT_OK_AND_ASSIGN(const auto row, store::ReadRow(*store_, Contacts(), name, store_->Head()));
  ASSERT_TRUE(row.has_value());
  EXPECT_THAT(row->value.email() + row->value.display_name() + row->value.phone(), IsEmpty());
  PersonEdits edits(keys_.get(), PersonEdits::kWrite);
  Commit([&](store::UnitOfWork& work) -> absl::Status {
    return edits.Erase(name, clock_.Now(), &work).status();
  });
  EXPECT_OK(edits.End(absl::OkStatus()));
  const v1::Contact* erased = cache_.Snapshot()->FindContact(name);
  ASSERT_NE(erased, nullptr);
  EXPECT_EQ(erased->display_name(), kErasedName);
  EXPECT_THAT(erased->email() + erased->phone(), IsEmpty());
  EXPECT_THAT(erased->specialities(), SizeIs(1));
}

TEST_F(DirectoryProjectionTest, AnEarlierDirectoryCanBeReadAgain) {
  ApplyTinyPack();
  const store::CommitNumber first = store_->Head();
  Commit([](store::UnitOfWork& work) { return work.Delete(Sites(), "sites/cape-unit"); });
  EXPECT_EQ(cache_.Snapshot()->FindSite("sites/cape-unit"), nullptr);
  ASSERT_OK_AND_ASSIGN(const auto earlier, ReadDirectory(*store_, *keys_, first));
  EXPECT_NE(earlier->FindSite("sites/cape-unit"), nullptr);
  EXPECT_EQ(earlier->commit(), first);
}

TEST_F(DirectoryProjectionTest, WaitingForACommitThatNeverComesEnds) {
  EXPECT_FALSE(cache_.WaitUntilSeen(1, absl::Milliseconds(1)));
}

}  // namespace
}  // namespace trialgate::directory
