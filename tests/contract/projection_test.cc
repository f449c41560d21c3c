// Projections that follow the feed.
#include "common/store/projection.h"

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::Pair;

// All keys and values; fails at a commit if told to.
class Mirror final : public Projection {
 public:
  explicit Mirror(CommitNumber fail_at = 0) : fail_at_(fail_at) {}

  absl::Status Load(const Store& store, CommitNumber as_of) override {
    const auto page = store.Scan({}, as_of);
    if (!page.ok()) return page.status();
    MutexLock lock(&mu_);
    values_.clear();
    for (const Entry& entry : page->entries) values_[entry.key] = entry.value;
    return absl::OkStatus();
  }

  absl::Status Apply(const storage::v1::CommitRecord& commit, const Store& store) override {
    if (commit.number() == fail_at_) return absl::DataLossError("cannot apply");
    const std::vector<std::string> keys(commit.keys().begin(), commit.keys().end());
    const auto entries = store.Get(keys, commit.number());
    if (!entries.ok()) return entries.status();
    MutexLock lock(&mu_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      values_.erase(keys[i]);
      if ((*entries)[i].has_value()) values_[keys[i]] = (*entries)[i]->value;
    }
    return absl::OkStatus();
  }

  std::map<std::string, std::string> values() const {
    MutexLock lock(&mu_);
    return values_;
  }

 private:
  const CommitNumber fail_at_;
  mutable Mutex mu_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mu_);
};

// Answers reads of the feed, or of values, with an error while it is told to.
class FailingStore final : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  void FailReads(absl::Status error) {
    MutexLock lock(&mu_);
    reads_ = std::move(error);
  }
  void FailValues(absl::Status error) {
    MutexLock lock(&mu_);
    values_ = std::move(error);
  }

  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                  int limit) const override {
    {
      MutexLock lock(&mu_);
      if (!reads_.ok()) return reads_;
    }
    return StoreDecorator::ReadFeed(from, limit);
  }
  absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                        CommitNumber as_of) const override {
    {
      MutexLock lock(&mu_);
      if (!values_.ok()) return values_;
    }
    return StoreDecorator::Get(keys, as_of);
  }

 private:
  mutable Mutex mu_;
  absl::Status reads_ ABSL_GUARDED_BY(mu_);
  absl::Status values_ ABSL_GUARDED_BY(mu_);
};

// Counts the commits it is given.
class Counter final : public Projection {
 public:
  absl::Status Load(const Store&, CommitNumber) override { return absl::OkStatus(); }
  absl::Status Apply(const storage::v1::CommitRecord&, const Store&) override {
    ++applied_;
    return absl::OkStatus();
  }
  int applied() const { return applied_; }

 private:
  std::atomic<int> applied_{0};
};

// What a follower was seen to report; a test waits for it.
class HealthLog {
 public:
  void Follow(const FeedFollower* follower) {
    MutexLock lock(&mu_);
    follower_ = follower;
  }
  void Changed() {
    MutexLock lock(&mu_);
    ++changes_;
    changed_.NotifyAll();
  }
  // Blocks until Health() has that code after a change, and at least `tries` changes were told.
  void WaitFor(absl::StatusCode code, int tries = 0) {
    MutexLock lock(&mu_);
    while (changes_ < tries || follower_->Health().code() != code) changed_.Wait(&mu_);
  }

 private:
  Mutex mu_;
  CondVar changed_;
  const FeedFollower* follower_ ABSL_GUARDED_BY(mu_) = nullptr;
  int changes_ ABSL_GUARDED_BY(mu_) = 0;
};

class ProjectionTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, ProjectionTest, testing::ValuesIn(AllStores()), StoreKindName);

TEST_P(ProjectionTest, WhatWasThereBeforeIsLoaded) {
  MustPut("a", "1");
  Mirror mirror;
  FeedFollower follower(&store(), {&mirror});
  EXPECT_EQ(follower.applied_commit(), 0);
  ASSERT_OK(follower.Start());
  EXPECT_EQ(follower.applied_commit(), 1);
  EXPECT_THAT(mirror.values(), ElementsAre(Pair("a", "1")));
}

TEST_P(ProjectionTest, EveryCommitIsApplied) {
  Mirror first;
  Mirror second;
  FeedFollower follower(&store(), {&first, &second});
  ASSERT_OK(follower.Start());
  for (int i = 0; i < 30; ++i) MustPut(absl::StrCat("k", i % 3), absl::StrCat(i));
  const CommitNumber last = MustDelete("k1");
  ASSERT_OK(follower.WaitUntil(last, absl::InfiniteDuration()));
  EXPECT_GE(follower.applied_commit(), last);
  EXPECT_THAT(first.values(), ElementsAre(Pair("k0", "27"), Pair("k2", "29")));
  EXPECT_EQ(second.values(), first.values());
}

TEST_P(ProjectionTest, WaitingForACommitThatDoesNotComeEnds) {
  Mirror mirror;
  FeedFollower follower(&store(), {&mirror});
  ASSERT_OK(follower.Start());
  EXPECT_THAT(follower.WaitUntil(1, absl::Milliseconds(1)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_OK(follower.WaitUntil(0, absl::ZeroDuration()));
}

TEST_P(ProjectionTest, StoppingWakesThoseWhoWait) {
  Mirror mirror;
  FeedFollower follower(&store(), {&mirror});
  ASSERT_OK(follower.Start());
  absl::Status waited;
  std::jthread waiter([&] { waited = follower.WaitUntil(5, absl::InfiniteDuration()); });
  follower.Stop();
  waiter.join();
  EXPECT_THAT(waited, StatusIs(absl::StatusCode::kUnavailable));
  follower.Stop();
}

TEST_P(ProjectionTest, AProjectionThatFailsEndsTheFollowingAndIsTold) {
  Mirror mirror(/*fail_at=*/2);
  FeedFollower follower(&store(), {&mirror});
  ASSERT_OK(follower.Start());
  for (int i = 0; i < 3; ++i) MustPut("a", absl::StrCat(i));
  EXPECT_THAT(follower.WaitUntil(3, absl::InfiniteDuration()),
              StatusIs(absl::StatusCode::kDataLoss, "cannot apply"));
  EXPECT_THAT(follower.Health(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(follower.applied_commit(), 1);
}

TEST_P(ProjectionTest, AReadThatFailsForAWhileIsTriedAgainAndToldMeanwhile) {
  for (const absl::Status& error :
       {absl::UnavailableError("no disk"), absl::ResourceExhaustedError("too much"),
        absl::DeadlineExceededError("too slow")}) {
    FailingStore failing(&store());
    Mirror mirror;
    HealthLog log;
    FeedFollower follower(&failing, {&mirror}, [&log] { log.Changed(); });
    log.Follow(&follower);
    ASSERT_OK(follower.Start());
    failing.FailReads(error);
    const CommitNumber last = MustPut("a", "1");
    log.WaitFor(error.code(), /*tries=*/3);
    EXPECT_EQ(follower.applied_commit(), last - 1);
    EXPECT_THAT(follower.WaitUntil(last, absl::Milliseconds(1)),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
    failing.FailReads(absl::OkStatus());
    EXPECT_OK(follower.WaitUntil(last, absl::InfiniteDuration()));
    log.WaitFor(absl::StatusCode::kOk);
    EXPECT_THAT(mirror.values(), ElementsAre(Pair("a", "1")));
  }
}

TEST_P(ProjectionTest, AProjectionThatSucceededIsNotGivenTheCommitAgain) {
  FailingStore failing(&store());
  Counter counter;
  Mirror mirror;
  HealthLog log;
  FeedFollower follower(&failing, {&counter, &mirror}, [&log] { log.Changed(); });
  log.Follow(&follower);
  ASSERT_OK(follower.Start());
  failing.FailValues(absl::UnavailableError("no disk"));
  const CommitNumber last = MustPut("a", "1");
  log.WaitFor(absl::StatusCode::kUnavailable, /*tries=*/3);
  failing.FailValues(absl::OkStatus());
  EXPECT_OK(follower.WaitUntil(last, absl::InfiniteDuration()));
  EXPECT_EQ(counter.applied(), 1);
  EXPECT_THAT(mirror.values(), ElementsAre(Pair("a", "1")));
}

TEST_P(ProjectionTest, DamageEndsTheFollowing) {
  FailingStore failing(&store());
  Mirror mirror;
  FeedFollower follower(&failing, {&mirror});
  ASSERT_OK(follower.Start());
  failing.FailReads(absl::DataLossError("torn"));
  const CommitNumber last = MustPut("a", "1");
  EXPECT_THAT(follower.WaitUntil(last, absl::InfiniteDuration()),
              StatusIs(absl::StatusCode::kDataLoss, "torn"));
  failing.FailReads(absl::OkStatus());
  MustPut("a", "2");
  EXPECT_THAT(follower.Health(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(follower.applied_commit(), last - 1);
}

TEST_P(ProjectionTest, StoppingDoesNotWaitForTheNextTry) {
  FailingStore failing(&store());
  HealthLog log;
  FeedFollower follower(&failing, {}, [&log] { log.Changed(); });
  log.Follow(&follower);
  ASSERT_OK(follower.Start());
  failing.FailReads(absl::UnavailableError("no disk"));
  MustPut("a", "1");
  log.WaitFor(absl::StatusCode::kUnavailable);
  follower.Stop();
  EXPECT_THAT(follower.WaitUntil(100, absl::InfiniteDuration()),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace trialgate::store
