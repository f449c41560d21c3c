// Projections that follow the feed.
#include "common/store/projection.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/status_matchers.h"
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

}  // namespace
}  // namespace trialgate::store
