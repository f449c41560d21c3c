#include "common/rpc/token_buckets.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/rate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace trialgate::rpc {
namespace {

constexpr absl::Duration kNone = absl::ZeroDuration();
constexpr std::size_t kMany = 100'000;

// 2 in a second, 3 at once.
const Rate kRate = {2, absl::Seconds(1), 3};

class TokenBucketsTest : public testing::Test {
 protected:
  absl::Duration Take(TokenBuckets& buckets, absl::string_view key, std::size_t index = 0) {
    return buckets.Take(key, index, clock_.Now());
  }
  // Takes what there is; how much that was.
  int Empty(TokenBuckets& buckets, absl::string_view key) {
    int taken = 0;
    while (Take(buckets, key) == kNone) ++taken;
    return taken;
  }

  FakeClock clock_;
};

TEST_F(TokenBucketsTest, AFullBucketGivesItsBurstThenATokenForEachInterval) {
  TokenBuckets buckets({kRate}, kMany);
  EXPECT_EQ(Empty(buckets, "a"), 3);
  EXPECT_EQ(Take(buckets, "a"), absl::Milliseconds(500));
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_EQ(Take(buckets, "a"), absl::Milliseconds(300));
  clock_.Advance(absl::Milliseconds(300) - absl::Nanoseconds(1));
  EXPECT_EQ(Take(buckets, "a"), absl::Nanoseconds(1));
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(Take(buckets, "a"), kNone);
  EXPECT_EQ(Take(buckets, "a"), absl::Milliseconds(500));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Empty(buckets, "a"), 3);
}

TEST_F(TokenBucketsTest, KeysAndTheBucketsOfAKeyAreApart) {
  TokenBuckets buckets({kRate, Rate{1, absl::Seconds(1), 1}}, kMany);
  EXPECT_EQ(Empty(buckets, "a"), 3);
  EXPECT_EQ(Take(buckets, "a", 1), kNone);
  EXPECT_EQ(Take(buckets, "a", 1), absl::Seconds(1));
  EXPECT_EQ(Empty(buckets, "b"), 3);
}

TEST_F(TokenBucketsTest, WithoutLimitThereIsAlwaysAToken) {
  TokenBuckets buckets({std::nullopt}, kMany);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(Take(buckets, "a"), kNone);
  EXPECT_EQ(buckets.Wait("a", 0, clock_.Now()), kNone);
  EXPECT_EQ(buckets.size(), 0u);
}

TEST_F(TokenBucketsTest, WhatWasGivenBackCanBeTakenAgain) {
  TokenBuckets buckets({kRate}, kMany);
  EXPECT_EQ(Empty(buckets, "a"), 3);
  buckets.GiveBack("a", 0);
  EXPECT_EQ(Empty(buckets, "a"), 1);
}

TEST_F(TokenBucketsTest, LookingTakesNothingAndKnowsNobodyNew) {
  TokenBuckets buckets({kRate}, kMany);
  EXPECT_EQ(buckets.Wait("a", 0, clock_.Now()), kNone);
  EXPECT_EQ(buckets.size(), 0u);
  EXPECT_EQ(Empty(buckets, "a"), 3);
  EXPECT_EQ(buckets.Wait("a", 0, clock_.Now()), absl::Milliseconds(500));
  EXPECT_EQ(buckets.Wait("a", 0, clock_.Now()), absl::Milliseconds(500));
}

TEST_F(TokenBucketsTest, AClockThatStepsBackMakesNobodyWaitLonger) {
  TokenBuckets buckets({kRate}, kMany);
  EXPECT_EQ(Empty(buckets, "a"), 3);
  clock_.Advance(-absl::Hours(24));
  EXPECT_EQ(Take(buckets, "a"), absl::Milliseconds(500));
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_EQ(Take(buckets, "a"), kNone);
}

TEST_F(TokenBucketsTest, AtTheBoundWhoHasFullBucketsIsForgottenFirst) {
  TokenBuckets buckets({kRate}, 2);
  EXPECT_EQ(Take(buckets, "full"), kNone);
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(Empty(buckets, "empty"), 3);
  // Used last, and full; "empty" was not used for longer.
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(buckets.Wait("full", 0, clock_.Now()), kNone);
  EXPECT_EQ(Empty(buckets, "new"), 3);
  EXPECT_EQ(buckets.size(), 2u);
  EXPECT_GT(Take(buckets, "empty"), kNone);
}

TEST_F(TokenBucketsTest, ManyNewKeysGiveNobodyAFreshBucket) {
  constexpr std::size_t kBound = 50;
  TokenBuckets buckets({kRate}, kBound);
  for (std::size_t i = 0; i < kBound; ++i) EXPECT_EQ(Empty(buckets, absl::StrCat("known", i)), 3);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += Empty(buckets, absl::StrCat("new", i));
  EXPECT_EQ(taken, 3);  // of the one bucket that they share
  EXPECT_GT(buckets.Wait("newest", 0, clock_.Now()), kNone);
  EXPECT_EQ(buckets.size(), kBound);
  for (std::size_t i = 0; i < kBound; ++i) {
    EXPECT_GT(Take(buckets, absl::StrCat("known", i)), kNone);
  }
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(buckets.Wait("later", 0, clock_.Now()), kNone);
  EXPECT_EQ(Empty(buckets, "later"), 3);
}

TEST_F(TokenBucketsTest, OverManyKeysTheBoundHolds) {
  constexpr std::size_t kBound = 2000;
  TokenBuckets buckets({kRate}, kBound);
  for (int i = 0; i < 20'000; ++i) Take(buckets, absl::StrCat("key", i));
  EXPECT_LE(buckets.size(), kBound + 16);
}

TEST_F(TokenBucketsTest, ManyThreadsTakeNoMoreThanThereIs) {
  constexpr int kThreads = 4;
  constexpr int kBurst = 1000;
  TokenBuckets buckets({Rate{1, absl::Hours(1), kBurst}}, kMany);
  std::vector<int> taken(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kBurst; ++i) {
        taken[t] += Take(buckets, "a") == kNone ? 1 : 0;
        Take(buckets, absl::StrCat(t, "/", i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken[0] + taken[1] + taken[2] + taken[3], kBurst);
}

TEST(RateLimitTest, IsReadAndWritten) {
  for (const std::string text : {"200/s:400", "1/m:1", "60/h:1000000", "unlimited"}) {
    RateLimit limit = Rate{7, absl::Seconds(1), 7};
    EXPECT_TRUE(ParseRateLimit(text, &limit)) << text;
    EXPECT_EQ(FormatRateLimit(limit), text);
  }
  RateLimit limit;
  ASSERT_TRUE(ParseRateLimit("200/s:400", &limit));
  EXPECT_EQ(limit->Interval(), absl::Milliseconds(5));
  EXPECT_EQ(limit->burst, 400);
}

TEST(RateLimitTest, AnythingElseIsRefusedAndChangesNothing) {
  for (const std::string text :
       {"", "200", "200/s", "200/s:", "0/s:1", "1/s:0", "1/d:1", "-1/s:1", "1/s:1000001", "1:s/1",
        "01/s:1", "1/s:1:1", " 1/s:1", "1.5/s:1", "Unlimited"}) {
    RateLimit limit = Rate{7, absl::Minutes(1), 9};
    EXPECT_FALSE(ParseRateLimit(text, &limit)) << text;
    EXPECT_EQ(FormatRateLimit(limit), "7/m:9") << text;
  }
}

}  // namespace
}  // namespace trialgate::rpc
