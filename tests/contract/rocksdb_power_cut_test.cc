// That no commit which was answered is lost when the power fails.
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/store/chain.h"
#include "common/store/rocksdb_store.h"
#include "gmock/gmock.h"
#include "tests/support/rocksdb_power_cut.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace trialgate::store {
namespace {

constexpr int kRounds = 30;
constexpr int kWriters = 8;
// Appends and syncs until the power fails, at most.
constexpr int kMaxOperations = 150;

// What was answered as committed: id, number.
class Answered {
 public:
  void Add(const std::string& id, CommitNumber number) {
    MutexLock lock(&mu_);
    commits_[id] = number;
  }
  std::map<std::string, CommitNumber> commits() const {
    MutexLock lock(&mu_);
    return commits_;
  }

 private:
  mutable Mutex mu_;
  std::map<std::string, CommitNumber> commits_ ABSL_GUARDED_BY(mu_);
};

// Commits from many threads until the store takes no more.
void CommitUntilItFails(Store* store, int round, Answered* answered) {
  std::vector<std::jthread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([=] {
      for (int i = 0;; ++i) {
        const std::string id = absl::StrCat(round, ".", writer, ".", i);
        const auto outcome =
            store->Commit({id, {}, {{absl::StrCat("k", writer), id}}, std::string(200, 'e')});
        if (!outcome.ok()) return;
        if (outcome->kind == CommitOutcome::Kind::kCommitted) answered->Add(id, outcome->number);
      }
    });
  }
}

void CheckNothingIsLost(const absl::StatusOr<std::unique_ptr<Store>>& store,
                        const Answered& answered) {
  ASSERT_OK(store);
  for (const auto& [id, number] : answered.commits()) {
    ASSERT_OK_AND_ASSIGN(const auto found, (*store)->LookupCommit(id));
    ASSERT_EQ(found, number) << id;
  }
  ASSERT_OK_AND_ASSIGN(const ChainReport report, VerifyChain(**store, 1, 0));
  ASSERT_FALSE(report.fault.has_value()) << report.fault->description;
}

TEST(PowerCutTest, NoAnsweredCommitIsLostWhenThePowerFails) {
  const std::uint64_t seed = testing::UnitTest::GetInstance()->random_seed() + 1;
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const TempDir dir;
  const auto power = std::make_shared<PowerCutFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(power);
  RocksDbStoreOptions options;
  options.folder = dir.Sub("store");
  options.env = env.get();
  Answered answered;
  for (int round = 0; round < kRounds; ++round) {
    // Every third time already while the store is opened: made, the first time, or recovered.
    const int operations = std::uniform_int_distribution<int>(1, kMaxOperations)(random);
    const bool while_opening = round % 3 == 0;
    if (while_opening) power->CutPowerAfter(operations % 10 + 1);
    {
      const auto store = OpenRocksDbStore(options);
      if (!while_opening) {
        ASSERT_NO_FATAL_FAILURE(CheckNothingIsLost(store, answered));
        power->CutPowerAfter(operations);
      }
      if (store.ok()) CommitUntilItFails(store->get(), round, &answered);
    }
    power->Restore(random());
  }
  // Else the test shows nothing.
  EXPECT_GT(answered.commits().size(), 100u);
}

}  // namespace
}  // namespace trialgate::store
