#include "common/rpc/worker_pool.h"

#include <atomic>
#include <latch>

#include "gtest/gtest.h"

namespace trialgate::rpc {
namespace {

TEST(WorkerPoolTest, EveryTaskIsRunBeforeThePoolEnds) {
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(4, 1000);
    for (int i = 0; i < 1000; ++i) {
      while (!pool.TryRun([&ran] { ++ran; })) {
      }
    }
  }
  EXPECT_EQ(ran, 1000);
}

TEST(WorkerPoolTest, ATaskBeyondTheQueueIsRefused) {
  std::latch started(1);
  std::latch go(1);
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.TryRun([&] {
      started.count_down();
      go.wait();
      ++ran;
    }));
    started.wait();  // the thread is taken, the queue empty
    EXPECT_TRUE(pool.TryRun([&ran] { ++ran; }));
    EXPECT_TRUE(pool.TryRun([&ran] { ++ran; }));
    EXPECT_FALSE(pool.TryRun([&ran] { ++ran; }));
    go.count_down();
  }
  EXPECT_EQ(ran, 3);
}

TEST(WorkerPoolTest, TasksRunAtTheSameTimeOnSeveralThreads) {
  std::latch both(2);
  WorkerPool pool(2, 2);
  // Each waits for the other: with one thread this would not end.
  ASSERT_TRUE(pool.TryRun([&both] { both.arrive_and_wait(); }));
  ASSERT_TRUE(pool.TryRun([&both] { both.arrive_and_wait(); }));
}

}  // namespace
}  // namespace trialgate::rpc
