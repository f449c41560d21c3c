// What the RocksDB store promises beyond the contract: its folder, its formats, its failures.
#include "common/store/rocksdb_store.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/store/chain.h"
#include "common/store/versioned_key.h"
#include "gmock/gmock.h"
#include "tests/contract/child_process.h"
#include "tests/support/rocksdb_power_cut.h"
#include "tests/support/rocksdb_raw.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/storage/v1/meta.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using absl_testing::IsOkAndHolds;
using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using Kind = CommitOutcome::Kind;

class RocksDbStoreTest : public testing::Test {
 protected:
  std::string folder() const { return dir_.Sub("store"); }

  absl::StatusOr<std::unique_ptr<Store>> Open(rocksdb::Env* env = nullptr) {
    RocksDbStoreOptions options;
    options.folder = folder();
    options.env = env;
    return OpenRocksDbStore(options);
  }

  // Three commits that put "k" to 1, 2, 3 and "x" beside it.
  void FillAndClose() {
    ASSERT_OK_AND_ASSIGN(const auto store, Open());
    for (int i = 1; i <= 3; ++i) {
      ASSERT_OK(store->Commit(
          {absl::StrCat("id", i), {}, {{"k", absl::StrCat(i)}, {"x", "y"}}, "event"}));
    }
  }

  // The first fault of the store as it lies on disk.
  std::optional<ChainFault> FaultOnDisk() {
    const auto store = Open();
    EXPECT_OK(store);
    const auto report = VerifyChain(**store, 1, 0);
    EXPECT_OK(report);
    return report->fault;
  }

  const TempDir dir_;
};

TEST_F(RocksDbStoreTest, EverythingIsThereAfterItWasClosedAndOpened) {
  FillAndClose();
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  EXPECT_EQ(store->Head(), 3);
  ASSERT_OK_AND_ASSIGN(const auto entries, store->Get({"k"}, 2));
  EXPECT_EQ(entries[0]->value, "2");
  EXPECT_THAT(store->LookupCommit("id2"), IsOkAndHolds(std::optional<CommitNumber>(2)));
  ASSERT_OK_AND_ASSIGN(const CommitOutcome next, store->Commit({"id4", {}, {{"k", "4"}}, "e"}));
  EXPECT_EQ(next.number, 4);
  ASSERT_OK_AND_ASSIGN(const ChainReport report, VerifyChain(*store, 1, 0));
  EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
}

TEST_F(RocksDbStoreTest, AFolderThatIsOpenedToBeReadIsLeftAsItIs) {
  FillAndClose();
  const auto names = [&] {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      found.insert(absl::StrCat(entry.path().filename().string(), " ", entry.file_size()));
    }
    return found;
  };
  const std::set<std::string> before = names();
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksDbStoreReadOnly(folder()));
    EXPECT_EQ(store->Head(), 3);
    ASSERT_OK_AND_ASSIGN(const ChainReport report, VerifyChain(*store, 1, 0));
    EXPECT_EQ(report.verified, 3);
    EXPECT_FALSE(report.fault.has_value());
  }
  EXPECT_EQ(names(), before);
  EXPECT_OK(Open());
}

TEST_F(RocksDbStoreTest, WhatIsNoStoreIsNotOpenedToBeRead) {
  EXPECT_THAT(OpenRocksDbStoreReadOnly(folder()),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(folder())),
                    HasReason(v1::ERROR_REASON_CONFIGURATION)));
  EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(RocksDbStoreTest, AnOlderFormatIsNotOpenedToBeReadAndNotMigrated) {
  std::filesystem::copy("tests/contract/testdata/format0", folder(),
                        std::filesystem::copy_options::recursive);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(OpenRocksDbStoreReadOnly(folder()).ok());
  }
}

TEST_F(RocksDbStoreTest, AFolderThatAnotherProcessHoldsIsRefused) {
  ChildProcess holder({TRIALGATE_STORE_HOLDER, folder()});
  ASSERT_EQ(holder.ReadLine(), "open");
  EXPECT_THAT(Open(), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(folder())),
                            HasReason(v1::ERROR_REASON_STORE_LOCKED)));
  EXPECT_EQ(MetadataOf(Open().status())["folder"], folder());
  EXPECT_EQ(holder.CloseAndWait(), 0);
  EXPECT_OK(Open());
}

TEST_F(RocksDbStoreTest, AFolderThatThisProcessHoldsIsRefused) {
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  EXPECT_THAT(Open(), HasReason(v1::ERROR_REASON_STORE_LOCKED));
}

TEST_F(RocksDbStoreTest, AFolderWithoutParentIsRefused) {
  RocksDbStoreOptions options;
  options.folder = dir_.Sub("none/store");
  EXPECT_THAT(OpenRocksDbStore(options),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(options.folder)),
                    HasReason(v1::ERROR_REASON_CONFIGURATION)));
}

TEST_F(RocksDbStoreTest, AFileInPlaceOfTheFolderIsRefused) {
  std::ofstream(folder()) << "a file";
  EXPECT_THAT(Open(), HasReason(v1::ERROR_REASON_CONFIGURATION));
}

TEST_F(RocksDbStoreTest, AFolderThatCannotBeWrittenIsRefused) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  std::filesystem::create_directory(folder());
  std::filesystem::permissions(folder(), std::filesystem::perms::owner_read);
  EXPECT_THAT(Open(), HasReason(v1::ERROR_REASON_CONFIGURATION));
  std::filesystem::permissions(folder(), std::filesystem::perms::owner_all);
}

TEST_F(RocksDbStoreTest, AFolderWithOtherFilesIsLeftAlone) {
  std::filesystem::create_directory(folder());
  std::ofstream(folder() + "/thesis.txt") << "years of work";
  EXPECT_THAT(Open(),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("thesis.txt")),
                    HasReason(v1::ERROR_REASON_CONFIGURATION)));
  EXPECT_FALSE(std::filesystem::exists(folder() + "/CURRENT"));
}

TEST_F(RocksDbStoreTest, AFolderWhoseMakingBrokeOffIsMadeAnew) {
  std::filesystem::create_directory(folder());
  std::ofstream(folder() + "/LOCK") << "";
  std::ofstream(folder() + "/000003.dbtmp") << "half";
  EXPECT_OK(Open());
}

TEST_F(RocksDbStoreTest, AStoreOfANewerProgramIsRefusedAndLeftAsItIs) {
  FillAndClose();
  storage::v1::StoreMeta meta;
  meta.set_format(3);
  {
    RawDatabase raw(folder());
    raw.db().Put(rocksdb::WriteOptions(), "meta", meta.SerializeAsString());
  }
  EXPECT_THAT(Open(), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(folder())),
                            HasReason(v1::ERROR_REASON_STORE_FORMAT)));
  EXPECT_EQ(MetadataOf(Open().status())["format"], "3");
  RawDatabase raw(folder());
  EXPECT_EQ(raw.Contents("default")["meta"], meta.SerializeAsString());
}

TEST_F(RocksDbStoreTest, AStoreOfFormat0IsMigrated) {
  std::filesystem::copy("tests/contract/testdata/format0", folder());
  {
    RawDatabase raw(folder());
    ASSERT_EQ(raw.family("commit_ids"), nullptr);
  }
  {
    ASSERT_OK_AND_ASSIGN(const auto store, Open());
    EXPECT_EQ(store->Head(), 3);
    EXPECT_THAT(store->LookupCommit("second"), IsOkAndHolds(std::optional<CommitNumber>(2)));
    ASSERT_OK_AND_ASSIGN(const auto again, store->Commit({"third", {}, {{"z", "z"}}, "e"}));
    EXPECT_EQ(again.number, 3);
    ASSERT_OK_AND_ASSIGN(const auto now, store->Get({"a", "b"}, 3));
    EXPECT_EQ(now[0]->value, "2");
    EXPECT_FALSE(now[1].has_value());
    ASSERT_OK_AND_ASSIGN(const ChainReport report, VerifyChain(*store, 1, 0));
    EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
  }
  storage::v1::StoreMeta meta;
  RawDatabase raw(folder());
  ASSERT_TRUE(meta.ParseFromString(raw.Contents("default")["meta"]));
  EXPECT_EQ(meta.format(), 2);
}

TEST_F(RocksDbStoreTest, AStoreOfFormat1IsMigratedUnlessItHoldsPersonsInPlain) {
  for (const std::string key :
       {"03/desks/a/contacts/b", "04/desks/a/contacts/b", "10/trialRequests/t"}) {
    std::filesystem::remove_all(folder());
    {
      ASSERT_OK_AND_ASSIGN(const auto store, Open());
      ASSERT_OK(store->Commit({"c", {}, {{key, "v"}}, "e"}));
      // Also what was deleted since is there as a version.
      ASSERT_OK(store->Commit({"d", {}, {{key, std::nullopt}}, "e"}));
    }
    storage::v1::StoreMeta meta;
    {
      RawDatabase raw(folder());
      meta.set_format(1);
      raw.db().Put(rocksdb::WriteOptions(), "meta", meta.SerializeAsString());
    }
    const auto opened = Open();
    if (key[1] == '3') {
      EXPECT_OK(opened);
      continue;
    }
    EXPECT_THAT(opened, HasReason(v1::ERROR_REASON_STORE_FORMAT)) << key;
    RawDatabase raw(folder());
    EXPECT_EQ(raw.Contents("default")["meta"], meta.SerializeAsString());
  }
}

TEST_F(RocksDbStoreTest, AMigrationThatBrokeOffIsTakenUpAgain) {
  std::filesystem::copy("tests/contract/testdata/format0", folder());
  ASSERT_OK(Open());
  storage::v1::StoreMeta meta;
  {
    // As if it had stopped between the index and the new format number.
    RawDatabase raw(folder());
    raw.db().Put(rocksdb::WriteOptions(), "meta", meta.SerializeAsString());
    raw.db().Delete(rocksdb::WriteOptions(), raw.family("commit_ids"), "first");
  }
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  EXPECT_THAT(store->LookupCommit("first"), IsOkAndHolds(std::optional<CommitNumber>(1)));
}

TEST_F(RocksDbStoreTest, ADatabaseThatIsNoStoreIsRefused) {
  FillAndClose();
  {
    RawDatabase raw(folder());
    raw.db().Delete(rocksdb::WriteOptions(), "meta");
  }
  EXPECT_THAT(Open(), HasReason(v1::ERROR_REASON_STORE_CORRUPT));
}

TEST_F(RocksDbStoreTest, AValueEditedOnDiskIsFound) {
  FillAndClose();
  {
    RawDatabase raw(folder());
    raw.db().Put(rocksdb::WriteOptions(), raw.family("data"), EncodeVersionedKey("k", 2),
                 EncodeVersionedValue("forged"));
  }
  const auto fault = FaultOnDisk();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, ChainFault::Kind::kWrites);
  EXPECT_EQ(fault->number, 2);
}

TEST_F(RocksDbStoreTest, AVersionRemovedFromDiskIsFound) {
  FillAndClose();
  {
    RawDatabase raw(folder());
    raw.db().Delete(rocksdb::WriteOptions(), raw.family("data"), EncodeVersionedKey("k", 1));
  }
  const auto fault = FaultOnDisk();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, ChainFault::Kind::kWrites);
  EXPECT_EQ(fault->number, 1);
}

TEST_F(RocksDbStoreTest, AVersionPlantedOnDiskIsFound) {
  FillAndClose();
  {
    RawDatabase raw(folder());
    raw.db().Put(rocksdb::WriteOptions(), raw.family("data"), EncodeVersionedKey("new", 2),
                 EncodeVersionedValue("forged"));
  }
  const auto fault = FaultOnDisk();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, ChainFault::Kind::kExtraWrites);
  EXPECT_EQ(fault->number, 2);
}

TEST_F(RocksDbStoreTest, ARecordRemovedFromTheFeedOnDiskIsFound) {
  FillAndClose();
  {
    RawDatabase raw(folder());
    raw.db().Delete(rocksdb::WriteOptions(), raw.family("feed"), EncodeNumber(3));
  }
  const auto fault = FaultOnDisk();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, ChainFault::Kind::kMissing);
  EXPECT_EQ(fault->number, 3);
}

TEST_F(RocksDbStoreTest, ARecordOfTheFeedThatIsUnreadableIsFound) {
  FillAndClose();
  {
    RawDatabase raw(folder());
    raw.db().Put(rocksdb::WriteOptions(), raw.family("feed"), EncodeNumber(2), "\xff garbage");
  }
  const auto fault = FaultOnDisk();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, ChainFault::Kind::kUnreadable);
  EXPECT_EQ(fault->number, 2);
}

TEST_F(RocksDbStoreTest, AfterAFailedWriteNoCommitIsTakenUntilItIsOpenedAgain) {
  const auto power = std::make_shared<PowerCutFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(power);
  {
    ASSERT_OK_AND_ASSIGN(const auto store, Open(env.get()));
    ASSERT_OK(store->Commit({"before", {}, {{"a", "1"}}, "e"}));
    power->CutPowerAfter(1);
    ASSERT_OK_AND_ASSIGN(const CommitOutcome outcome,
                         store->Commit({"during", {}, {{"a", "2"}}, "e"}));
    EXPECT_EQ(outcome.kind, Kind::kUnknown);
    EXPECT_FALSE(outcome.cause.ok());
    const auto after = store->Commit({"after", {}, {{"a", "3"}}, "e"});
    EXPECT_THAT(after, AllOf(StatusIs(absl::StatusCode::kUnavailable),
                             HasReason(v1::ERROR_REASON_STORE_UNAVAILABLE)));
    EXPECT_THAT(store->Health(), HasReason(v1::ERROR_REASON_STORE_UNAVAILABLE));
    EXPECT_THAT(store->LookupCommit("during"), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(store->LookupCommit("before"), IsOkAndHolds(std::optional<CommitNumber>(1)));
    ASSERT_OK_AND_ASSIGN(const auto entries, store->Get({"a"}, store->Head()));
    EXPECT_EQ(entries[0]->value, "1");
  }
  power->Restore(1);
  ASSERT_OK_AND_ASSIGN(const auto store, Open(env.get()));
  EXPECT_OK(store->Commit({"during", {}, {{"a", "2"}}, "e"}));
}

}  // namespace
}  // namespace trialgate::store
