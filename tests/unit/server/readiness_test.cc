#include "services/server/readiness.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/store/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"

namespace trialgate::server {
namespace {

using testing::ElementsAre;

// Fails where it is told to.
class FailingStore final : public store::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  void FailReads(bool fail) { reads_fail_ = fail; }
  void FailWrites() { writes_fail_ = true; }

  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(store::CommitNumber from,
                                                                  int limit) const override {
    if (reads_fail_) return absl::UnavailableError("no disk");
    return StoreDecorator::ReadFeed(from, limit);
  }
  absl::Status Health() const override {
    return writes_fail_ ? absl::UnavailableError("no disk") : StoreDecorator::Health();
  }

 private:
  std::atomic<bool> reads_fail_{false};
  std::atomic<bool> writes_fail_{false};
};

class ReadinessTest : public testing::Test {
 protected:
  ReadinessTest() {
    store::StoreOptions options;
    options.on_batch = [this](const store::BatchTiming&) { readiness_.Update(); };
    memory_ = store::NewMemoryStore(options);
    store_ = std::make_unique<FailingStore>(memory_.get());
    follower_ = std::make_unique<store::FeedFollower>(
        store_.get(), std::vector<store::Projection*>(), [this] { readiness_.Update(); });
  }
  ~ReadinessTest() override { readiness_.Unwatch(); }

  void Watch() {
    ASSERT_OK(follower_->Start());
    readiness_.Watch(store_.get(), follower_.get(), [this](bool ready) {
      MutexLock lock(&mu_);
      told_.push_back(ready);
      changed_.NotifyAll();
    });
  }

  void Commit() {
    store::CommitRequest request;
    request.id = absl::StrCat("commit", ++commits_);
    request.event = "event";
    request.writes = {{"a", "1"}};
    ASSERT_OK(memory_->Commit(std::move(request)));
  }

  // Blocks until it was told `count` times.
  std::vector<bool> Told(std::size_t count) {
    MutexLock lock(&mu_);
    while (told_.size() < count) changed_.Wait(&mu_);
    return told_;
  }

  Readiness readiness_;
  std::unique_ptr<store::Store> memory_;
  std::unique_ptr<FailingStore> store_;
  std::unique_ptr<store::FeedFollower> follower_;

 private:
  int commits_ = 0;
  Mutex mu_;
  CondVar changed_;
  std::vector<bool> told_ ABSL_GUARDED_BY(mu_);
};

TEST_F(ReadinessTest, AServerThatWorksIsReadyAndSaysSoOnce) {
  Watch();
  Commit();
  ASSERT_OK(follower_->WaitUntil(1, absl::InfiniteDuration()));
  readiness_.Update();
  EXPECT_THAT(Told(1), ElementsAre(true));
}

TEST_F(ReadinessTest, WhileTheFeedCannotBeReadItIsNotReadyAndAfterwardsItIs) {
  Watch();
  store_->FailReads(true);
  Commit();
  EXPECT_THAT(Told(2), ElementsAre(true, false));
  const auto checks = readiness_.Checks();
  ASSERT_EQ(checks.size(), 3u);
  EXPECT_EQ(checks[1].name, "derived data");
  EXPECT_FALSE(checks[1].ok);
  EXPECT_EQ(checks[1].detail, "no disk");
  store_->FailReads(false);
  EXPECT_THAT(Told(3), ElementsAre(true, false, true));
}

TEST_F(ReadinessTest, AStoreThatTakesNoCommitsMakesItNotReady) {
  Watch();
  store_->FailWrites();
  Commit();
  EXPECT_THAT(Told(2), ElementsAre(true, false));
}

TEST_F(ReadinessTest, AServerThatIsEndingIsNotReady) {
  Watch();
  readiness_.Drain();
  EXPECT_THAT(Told(2), ElementsAre(true, false));
  EXPECT_FALSE(readiness_.Checks().back().ok);
}

TEST_F(ReadinessTest, AfterUnwatchNobodyIsTold) {
  Watch();
  readiness_.Unwatch();
  readiness_.Drain();
  EXPECT_THAT(Told(1), ElementsAre(true));
  EXPECT_FALSE(readiness_.Checks().front().ok);
}

}  // namespace
}  // namespace trialgate::server
