// Copies of a RocksDB store: Store::CopyTo.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/store/chain.h"
#include "common/store/memory_store.h"
#include "common/store/rocksdb_store.h"
#include "gmock/gmock.h"
#include "tests/support/rocksdb_power_cut.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& folder,
                                            rocksdb::Env* env = nullptr) {
  RocksDbStoreOptions options;
  options.folder = folder;
  options.env = env;
  return OpenRocksDbStore(options);
}

// A commit of its number under "k".
absl::Status Put(Store& store, int number) {
  return store.Commit({absl::StrCat("id", number), {}, {{"k", absl::StrCat(number)}}, "event"})
      .status();
}

class RocksDbCopyTest : public testing::Test {
 protected:
  std::string folder() const { return dir_.Sub("store"); }
  std::string backups() const { return dir_.Sub("backups"); }
  std::string Backup(const std::string& name) const { return absl::StrCat(backups(), "/", name); }

  // That the copy is whole, and ends with `head`.
  static void ExpectWhole(const std::string& copy, const storage::v1::Head& head) {
    ASSERT_OK_AND_ASSIGN(const auto store, Open(copy));
    EXPECT_EQ(store->Head(), head.number());
    ASSERT_OK_AND_ASSIGN(const auto anchor, store->HeadAnchor());
    EXPECT_EQ(anchor.hash(), head.hash());
    if (head.number() == 0) return;
    ASSERT_OK_AND_ASSIGN(const ChainReport report, VerifyChain(*store, 1, 0));
    EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
    ASSERT_OK_AND_ASSIGN(const auto entries, store->Get({"k"}, head.number()));
    EXPECT_EQ(entries[0]->value, absl::StrCat(head.number()));
  }

  const TempDir dir_;
};

TEST_F(RocksDbCopyTest, ACopyIsTheStoreAsItWasAndLivesWithoutIt) {
  storage::v1::Head head;
  {
    ASSERT_OK_AND_ASSIGN(const auto store, Open(folder()));
    for (int i = 1; i <= 3; ++i) ASSERT_OK(Put(*store, i));
    ASSERT_OK_AND_ASSIGN(head, store->CopyTo(Backup("first")));
    ASSERT_OK(Put(*store, 4));
    ASSERT_OK_AND_ASSIGN(const auto second, store->CopyTo(Backup("second")));
    EXPECT_EQ(second.number(), 4);
  }
  std::filesystem::remove_all(folder());
  EXPECT_EQ(head.number(), 3);
  ExpectWhole(Backup("first"), head);
  // And it takes commits, as what is restored must.
  ASSERT_OK_AND_ASSIGN(const auto copy, Open(Backup("second")));
  EXPECT_OK(Put(*copy, 5));
}

TEST_F(RocksDbCopyTest, AnEmptyStoreHasACopy) {
  ASSERT_OK_AND_ASSIGN(const auto store, Open(folder()));
  ASSERT_OK_AND_ASSIGN(const auto head, store->CopyTo(Backup("empty")));
  ExpectWhole(Backup("empty"), head);
}

TEST_F(RocksDbCopyTest, CommitsGoOnMeanwhileAndEachCopyIsWhole) {
  ASSERT_OK_AND_ASSIGN(const auto store, Open(folder()));
  std::jthread writer([&store](const std::stop_token& stop) {
    for (int i = 1; !stop.stop_requested(); ++i) ASSERT_OK(Put(*store, i));
  });
  CommitNumber last = 0;
  for (int i = 0; i < 5; ++i) {
    store->WaitForCommit(last + 20, absl::Seconds(30));
    const CommitNumber before = store->Head();
    ASSERT_OK_AND_ASSIGN(const auto head, store->CopyTo(Backup(absl::StrCat(i))));
    EXPECT_GE(head.number(), before);
    ExpectWhole(Backup(absl::StrCat(i)), head);
    last = head.number();
  }
}

TEST_F(RocksDbCopyTest, WhatIsThereIsNotTouched) {
  ASSERT_OK_AND_ASSIGN(const auto store, Open(folder()));
  ASSERT_OK(store->CopyTo(Backup("a")));
  ASSERT_OK(Put(*store, 1));
  std::ofstream(Backup("file")) << "mine";
  std::filesystem::create_symlink("nowhere", Backup("link"));
  for (const std::string name : {"a", "file", "link"}) {
    EXPECT_THAT(store->CopyTo(Backup(name)),
                AllOf(StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(name)),
                      HasReason(v1::ERROR_REASON_ALREADY_EXISTS)));
  }
  ExpectWhole(Backup("a"), [] {
    storage::v1::Head head;
    head.set_hash(GenesisHash());
    return head;
  }());
}

TEST_F(RocksDbCopyTest, WhatACrashLeftUnfinishedIsNoHindrance) {
  ASSERT_OK_AND_ASSIGN(const auto store, Open(folder()));
  std::filesystem::create_directories(Backup("a.unfinished/data"));
  ASSERT_OK_AND_ASSIGN(const auto head, store->CopyTo(Backup("a")));
  ExpectWhole(Backup("a"), head);
  EXPECT_FALSE(std::filesystem::exists(Backup("a.unfinished")));
}

TEST_F(RocksDbCopyTest, WhereItCannotWriteItSaysSoAndLeavesNothing) {
  ASSERT_OK_AND_ASSIGN(const auto store, Open(folder()));
  EXPECT_THAT(store->CopyTo("/proc/trialgate/a"), HasReason(v1::ERROR_REASON_CONFIGURATION));
  EXPECT_THAT(store->CopyTo(dir_.Sub("absent/absent/a")),
              HasReason(v1::ERROR_REASON_CONFIGURATION));
  EXPECT_FALSE(std::filesystem::exists(dir_.Sub("absent")));
}

TEST_F(RocksDbCopyTest, WheneverThePowerFailsThereIsAWholeCopyOrNone) {
  int copies = 0;
  for (int operations = 1; operations <= 60; ++operations) {
    const std::string source = dir_.Sub(absl::StrCat("source", operations));
    const std::string copy = Backup(absl::StrCat("copy", operations));
    auto fs = std::make_shared<PowerCutFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
    {
      ASSERT_OK_AND_ASSIGN(const auto store, Open(source, env.get()));
      for (int i = 1; i <= 3; ++i) ASSERT_OK(Put(*store, i));
      fs->CutPowerAfter(operations);
      store->CopyTo(copy).IgnoreError();
    }
    fs->Restore(operations);
    if (!std::filesystem::exists(copy)) continue;
    ++copies;
    ASSERT_OK_AND_ASSIGN(const auto restored, Open(copy));
    EXPECT_EQ(restored->Head(), 3) << operations;
  }
  // Of both there were some.
  EXPECT_GT(copies, 0);
  EXPECT_LT(copies, 60);
}

TEST(MemoryCopyTest, AStoreInMemoryHasNoCopies) {
  const auto store = NewMemoryStore({});
  EXPECT_THAT(store->CopyTo("anywhere"), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition),
                                               HasReason(v1::ERROR_REASON_CONFIGURATION)));
}

}  // namespace
}  // namespace trialgate::store
