// What stores promise to many threads at once.
#include <atomic>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/store/chain.h"
#include "common/store/memory_backend.h"
#include "common/store/sequenced_store.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using absl_testing::StatusIs;
using Kind = CommitOutcome::Kind;

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, testing::ValuesIn(AllStores()), StoreKindName);

// Runs `work` with 0 to threads-1 at once.
template <typename Work>
void InParallel(int threads, const Work& work) {
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
}

TEST_P(StoreTest, SixtyFourWritersOnDisjointKeysMeetNoConflict) {
  constexpr int kWriters = 64;
  constexpr int kCommitsEach = 10;
  std::atomic<int> committed = 0;
  InParallel(kWriters, [&](int writer) {
    const std::string key = absl::StrCat("writer", writer);
    CommitNumber version = 0;
    for (int i = 0; i < kCommitsEach; ++i) {
      const CommitOutcome outcome =
          Settled(Request({{key, absl::StrCat(i)}}, {Precondition::AtVersion(key, version)}));
      if (outcome.kind != Kind::kCommitted) return;
      version = outcome.number;
      ++committed;
    }
  });
  EXPECT_EQ(committed, kWriters * kCommitsEach);
  EXPECT_EQ(store().Stats().refused, 0);
  EXPECT_EQ(store().Head(), kWriters * kCommitsEach);
  ASSERT_OK_AND_ASSIGN(const ChainReport report, VerifyChain(store(), 1, 0));
  EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
}

TEST_P(StoreTest, OfManyWhoWantTheSameKeyOneGetsIt) {
  std::atomic<int> committed = 0;
  std::atomic<int> refused = 0;
  InParallel(16, [&](int writer) {
    const CommitOutcome outcome =
        Settled(Request({{"prize", absl::StrCat(writer)}}, {Precondition::Absent("prize")}));
    (outcome.kind == Kind::kCommitted ? committed : refused)++;
  });
  EXPECT_EQ(committed, 1);
  EXPECT_EQ(refused, 15);
}

TEST_P(StoreTest, NoIncrementIsLost) {
  constexpr int kWriters = 8;
  constexpr int kIncrementsEach = 20;
  InParallel(kWriters, [&](int) {
    for (int done = 0; done < kIncrementsEach;) {
      const auto entries = store().Get({"counter"}, store().Head());
      const auto& entry = entries->front();
      const int value = entry.has_value() ? std::stoi(entry->value) : 0;
      const CommitNumber version = entry.has_value() ? entry->version : 0;
      const CommitOutcome outcome = Settled(Request({{"counter", absl::StrCat(value + 1)}},
                                                    {Precondition::AtVersion("counter", version)}));
      if (outcome.kind == Kind::kCommitted) ++done;
    }
  });
  EXPECT_EQ(ValueOf("counter", store().Head()), absl::StrCat(kWriters * kIncrementsEach));
}

TEST_P(StoreTest, AReaderSeesACommitWholeOrNotAtAll) {
  std::atomic<bool> stop = false;
  std::jthread writer([&] {
    for (int i = 0; i < 100; ++i) {
      MustCommit(Request({{"left", absl::StrCat(i)}, {"right", absl::StrCat(i)}}));
    }
    stop = true;
  });
  while (!stop) {
    const auto entries = store().Get({"left", "right"}, store().Head());
    ASSERT_OK(entries);
    const auto& left = (*entries)[0];
    const auto& right = (*entries)[1];
    ASSERT_EQ(left.has_value(), right.has_value());
    if (!left.has_value()) continue;
    ASSERT_EQ(left->value, right->value);
  }
}

TEST_P(StoreTest, TheSameIdFromTwoThreadsIsCommittedOnce) {
  const CommitRequest request = Request({{"a", "1"}});
  std::vector<CommitNumber> numbers(8);
  InParallel(8, [&](int i) { numbers[static_cast<std::size_t>(i)] = MustCommit(request); });
  EXPECT_EQ(std::set<CommitNumber>(numbers.begin(), numbers.end()), std::set<CommitNumber>({1}));
  EXPECT_EQ(store().Head(), 1);
}

TEST_P(StoreTest, ACommitWakesThoseWhoWaitForIt) {
  CommitNumber seen = 0;
  std::jthread waiter([&] { seen = store().WaitForCommit(2, absl::InfiniteDuration()); });
  MustPut("a", "1");
  MustPut("a", "2");
  waiter.join();
  EXPECT_EQ(seen, 2);
}

TEST_P(StoreTest, AStopEndsTheWaiting) {
  std::jthread waiter([&](std::stop_token stop) {
    EXPECT_EQ(store().WaitForCommit(1, absl::InfiniteDuration(), stop), 0);
  });
  waiter.request_stop();
}

TEST_P(StoreTest, TheHistogramCountsEveryCommit) {
  InParallel(16, [&](int writer) {
    for (int i = 0; i < 5; ++i) MustPut(absl::StrCat("w", writer), absl::StrCat(i));
  });
  const StoreStats stats = store().Stats();
  const std::int64_t syncs = std::accumulate(stats.commits_per_sync.begin(),
                                             stats.commits_per_sync.end(), std::int64_t{0});
  EXPECT_EQ(stats.syncs, syncs);
  EXPECT_LE(stats.syncs, store().Head());
  EXPECT_GE(store().Head(), stats.commits);
}

// A backend that applies nothing until it is let go, so that a queue builds up behind it.
class GatedBackend final : public Backend {
 public:
  explicit GatedBackend(std::unique_ptr<Backend> inner) : inner_(std::move(inner)) {}

  void WaitUntilApplying() {
    MutexLock lock(&mu_);
    while (!applying_) changed_.Wait(&mu_);
  }
  void Open() {
    MutexLock lock(&mu_);
    open_ = true;
    changed_.NotifyAll();
  }

  absl::Status Apply(absl::Span<const SequencedCommit> batch) override {
    {
      MutexLock lock(&mu_);
      applying_ = true;
      changed_.NotifyAll();
      while (!open_) changed_.Wait(&mu_);
    }
    return inner_->Apply(batch);
  }
  absl::StatusOr<storage::v1::Head> LoadHead() override { return inner_->LoadHead(); }
  absl::StatusOr<std::vector<CommitNumber>> Versions(
      absl::Span<const absl::string_view> keys) const override {
    return inner_->Versions(keys);
  }
  absl::StatusOr<std::optional<CommitNumber>> FindCommit(absl::string_view id) const override {
    return inner_->FindCommit(id);
  }
  absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                        CommitNumber as_of) const override {
    return inner_->Get(keys, as_of);
  }
  absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const override {
    return inner_->Scan(range, as_of);
  }
  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                  CommitNumber head,
                                                                  int limit) const override {
    return inner_->ReadFeed(from, head, limit);
  }
  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    return inner_->GetWritten(keys, number);
  }
  absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const override {
    return inner_->VisitVersions(visit);
  }
  absl::StatusOr<storage::v1::Head> HeadAnchor() const override { return inner_->HeadAnchor(); }
  absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const override {
    return inner_->CopyTo(folder);
  }

 private:
  const std::unique_ptr<Backend> inner_;
  Mutex mu_;
  CondVar changed_;
  bool applying_ ABSL_GUARDED_BY(mu_) = false;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
};

TEST(SequencerTest, AFullQueueTurnsCommitsAwayAndSaysWhenToRetry) {
  auto owned = std::make_unique<GatedBackend>(NewMemoryBackend());
  GatedBackend* const gate = owned.get();
  StoreOptions options;
  options.queue_capacity = 2;
  ASSERT_OK_AND_ASSIGN(const auto store, NewSequencedStore(std::move(owned), options));
  // One is being applied and two wait; of the others who come, each is turned away. Who of the
  // threads comes first does not matter.
  std::atomic<int> turned_away = 0;
  std::atomic<int> committed = 0;
  std::jthread first([&] { committed += store->Commit({"first", {}, {}, "e"}).ok() ? 1 : 0; });
  gate->WaitUntilApplying();
  {
    std::vector<std::jthread> others;
    for (int i = 0; i < 6; ++i) {
      others.emplace_back([&, i] {
        const auto outcome = store->Commit({absl::StrCat("other", i), {}, {}, "e"});
        if (outcome.ok()) {
          ++committed;
          return;
        }
        EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kResourceExhausted));
        EXPECT_THAT(outcome, HasReason(v1::ERROR_REASON_OVERLOADED));
        EXPECT_GT(RetryAfterOf(outcome.status()), absl::ZeroDuration());
        if (++turned_away != 4) return;
        EXPECT_EQ(store->Stats().waiting, 2);
        gate->Open();
      });
    }
  }
  first.join();
  EXPECT_EQ(turned_away, 4);
  EXPECT_EQ(committed, 3);
  EXPECT_EQ(store->Head(), 3);
  EXPECT_EQ(store->Stats().waiting, 0);
}

TEST(SequencerTest, CommitsThatWaitShareOneSync) {
  auto owned = std::make_unique<GatedBackend>(NewMemoryBackend());
  GatedBackend* const gate = owned.get();
  std::atomic<int> batches = 0;
  std::atomic<int> commits = 0;
  StoreOptions options;
  options.on_batch = [&](const BatchTiming& timing) {
    ++batches;
    commits += timing.commits;
    EXPECT_TRUE(timing.ok);
  };
  options.queue_capacity = 4;
  ASSERT_OK_AND_ASSIGN(const auto store, NewSequencedStore(std::move(owned), options));
  {
    std::jthread first([&] { EXPECT_OK(store->Commit({"first", {}, {}, "e"})); });
    gate->WaitUntilApplying();
    std::vector<std::jthread> others;
    std::atomic<int> turned_away = 0;
    for (int i = 0; i < 5; ++i) {
      // The fifth is turned away: then four wait, and the gate opens.
      others.emplace_back([&, i] {
        if (!store->Commit({absl::StrCat("other", i), {}, {}, "e"}).ok()) {
          ++turned_away;
          gate->Open();
        }
      });
    }
    others.clear();
    EXPECT_EQ(turned_away, 1);
  }
  EXPECT_EQ(batches, 2);
  EXPECT_EQ(commits, 5);
  const StoreStats stats = store->Stats();
  EXPECT_EQ(stats.commits, 5);
  EXPECT_THAT(stats.commits_per_sync, testing::ElementsAre(1, 0, 1));
}

}  // namespace
}  // namespace trialgate::store
