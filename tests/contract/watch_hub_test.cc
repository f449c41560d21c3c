// Those who watch, and the tokens by which they go on.
#include "common/store/watch_hub.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/store/resume_token.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using absl_testing::StatusIs;

// A commit is about the keys that it writes.
absl::StatusOr<std::vector<std::string>> Keys(const storage::v1::CommitRecord& commit,
                                              const Store&) {
  return std::vector<std::string>(commit.keys().begin(), commit.keys().end());
}

class WatchHubTest : public StoreTest {
 protected:
  void WaitUntilSeen(CommitNumber commit) {
    EXPECT_OK(follower_.WaitUntil(commit, absl::Seconds(30)));
  }

  WatchHub hub_{&Keys};
  FeedFollower follower_{&store(), {&hub_}};
};

TEST_P(WatchHubTest, WakesThoseWhoWatchWhatACommitWroteAndNobodyElse) {
  ASSERT_OK(follower_.Start());
  std::atomic<int> a = 0;
  std::atomic<int> both = 0;
  const auto watch_a = hub_.Watch({"a"}, [&] { ++a; });
  const auto watch_both = hub_.Watch({"a", "b"}, [&] { ++both; });
  WaitUntilSeen(MustPut("a", "1"));
  WaitUntilSeen(MustPut("b", "1"));
  WaitUntilSeen(MustPut("c", "1"));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(both, 2);
  // Once for a commit, whatever it wrote.
  WaitUntilSeen(MustCommit(Request({{"a", "2"}, {"b", "2"}})));
  EXPECT_EQ(both, 3);
}

TEST_P(WatchHubTest, WhoWatchesNoMoreIsNotWoken) {
  ASSERT_OK(follower_.Start());
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  auto gone = hub_.Watch({"a"}, [&] { ++first; });
  const auto stays = hub_.Watch({"a"}, [&] { ++second; });
  EXPECT_EQ(hub_.watchers(), 2U);
  gone.reset();
  EXPECT_EQ(hub_.watchers(), 1U);
  WaitUntilSeen(MustPut("a", "1"));
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

TEST_P(WatchHubTest, OneMayBeginAndEndToWatchWhileCommitsGoOn) {
  ASSERT_OK(follower_.Start());
  std::atomic<int> woken = 0;
  const auto stays = hub_.Watch({"a"}, [&] { ++woken; });
  std::thread others([&] {
    for (int i = 0; i < 1000; ++i) {
      const auto watch = hub_.Watch({"a", absl::StrCat(i)}, [] {});
    }
  });
  CommitNumber last = 0;
  for (int i = 0; i < 50; ++i) last = MustPut("a", absl::StrCat(i));
  others.join();
  WaitUntilSeen(last);
  EXPECT_EQ(woken, 50);
  EXPECT_EQ(hub_.watchers(), 1U);
}

TEST_P(WatchHubTest, AResumeTokenStandsForItsPointAndForNoOtherQuery) {
  MustPut("a", "1");
  const CommitNumber commit = MustPut("a", "2");
  const auto token = EncodeResumeToken(store(), "query", {commit, "state"});
  ASSERT_OK(token);
  const auto point = DecodeResumeToken(store(), "query", *token);
  ASSERT_OK(point);
  EXPECT_EQ(point->commit, commit);
  EXPECT_EQ(point->state, "state");
  const auto start = DecodeResumeToken(store(), "query", "");
  ASSERT_OK(start);
  EXPECT_EQ(start->commit, 0);
  for (const std::string& bad :
       {*token + "x", token->substr(1), std::string("?"), std::string(100'000, 'x')}) {
    EXPECT_EQ(ReasonOf(DecodeResumeToken(store(), "query", bad).status()),
              v1::ERROR_REASON_INVALID_RESUME_TOKEN);
  }
  EXPECT_THAT(DecodeResumeToken(store(), "other", *token).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(WatchHubTest, AResumeTokenOfAnotherHistoryHasExpired) {
  MustPut("a", "1");
  const auto early = EncodeResumeToken(store(), "query", {1, ""});
  const auto late = EncodeResumeToken(store(), "query", {MustPut("a", "2"), ""});
  ASSERT_OK(early);
  ASSERT_OK(late);
  NewStore({});
  MustPut("b", "1");
  for (const auto& token : {early, late}) {
    const absl::Status expired = DecodeResumeToken(store(), "query", *token).status();
    EXPECT_THAT(expired, StatusIs(absl::StatusCode::kOutOfRange));
    EXPECT_EQ(ReasonOf(expired), v1::ERROR_REASON_RESUME_TOKEN_EXPIRED);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, WatchHubTest, testing::ValuesIn(AllStores()), StoreKindName);

}  // namespace
}  // namespace trialgate::store
