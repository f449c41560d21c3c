// What every store promises; see common/store/store.h.
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/store/chain.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/status_matchers.h"

namespace trialgate::store {
namespace {

using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;

using Kind = CommitOutcome::Kind;

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, testing::ValuesIn(AllStores()), StoreKindName);

TEST_P(StoreTest, ANewStoreIsEmptyAndItsHeadIsZero) {
  EXPECT_EQ(store().Head(), 0);
  EXPECT_EQ(ValueOf("a", 0), std::nullopt);
  EXPECT_THAT(Scanned({}, 0), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto feed, store().ReadFeed(1, 10));
  EXPECT_THAT(feed, IsEmpty());
  EXPECT_OK(store().Health());
}

TEST_P(StoreTest, CommitsAreNumberedFromOneWithoutGaps) {
  for (CommitNumber number = 1; number <= 20; ++number) {
    EXPECT_EQ(MustPut("a", absl::StrCat(number)), number);
    EXPECT_EQ(store().Head(), number);
  }
}

TEST_P(StoreTest, EveryVersionStaysReadableAsOfItsCommit) {
  MustPut("a", "1");
  MustPut("b", "other");
  MustPut("a", "3");
  MustDelete("a");
  MustPut("a", "5");
  EXPECT_EQ(ValueOf("a", 0), std::nullopt);
  EXPECT_THAT(ValueOf("a", 1), Optional(Eq("1")));
  EXPECT_THAT(ValueOf("a", 2), Optional(Eq("1")));
  EXPECT_THAT(ValueOf("a", 3), Optional(Eq("3")));
  EXPECT_EQ(ValueOf("a", 4), std::nullopt);
  EXPECT_THAT(ValueOf("a", 5), Optional(Eq("5")));
}

TEST_P(StoreTest, AnEntrySaysWhichCommitWroteIt) {
  MustPut("a", "1");
  MustPut("b", "2");
  ASSERT_OK_AND_ASSIGN(const auto entries, store().Get({"b", "none", "a"}, 2));
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0]->version, 2);
  EXPECT_FALSE(entries[1].has_value());
  EXPECT_EQ(entries[2]->version, 1);
}

TEST_P(StoreTest, AnEmptyValueIsAValue) {
  MustPut("a", "");
  EXPECT_THAT(ValueOf("a", 1), Optional(Eq("")));
  EXPECT_EQ(Settled(Request({}, {Precondition::Exists("a")})).kind, Kind::kCommitted);
}

TEST_P(StoreTest, AKeyIsNotMistakenForOneThatStartsWithIt) {
  MustPut("a", "short");
  MustPut("a\x01", "with the least byte");
  MustPut("ab", "longer");
  EXPECT_THAT(Scanned({}, 3), ElementsAre("a=short", "a\x01=with the least byte", "ab=longer"));
  EXPECT_THAT(ValueOf("a", 3), Optional(Eq("short")));
  ScanRange after;
  after.start_after = "a";
  EXPECT_THAT(Scanned(after, 3), ElementsAre("a\x01=with the least byte", "ab=longer"));
}

TEST_P(StoreTest, ReadsBeyondTheHeadAreRefused) {
  MustPut("a", "1");
  EXPECT_THAT(store().Get({"a"}, 2), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(store().Get({"a"}, -1), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(store().Scan({}, 2), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(store().ReadFeed(0, 1), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_P(StoreTest, AScanSkipsOldVersionsAndDeletedKeys) {
  for (int round = 0; round < 12; ++round) {
    for (const char* key : {"a", "b", "c"}) MustPut(key, absl::StrCat(round));
  }
  MustDelete("b");
  MustPut("d", "new");
  EXPECT_THAT(Scanned({}, store().Head()), ElementsAre("a=11", "c=11", "d=new"));
  EXPECT_THAT(Scanned({}, 36), ElementsAre("a=11", "b=11", "c=11"));
  EXPECT_THAT(Scanned({}, 5), ElementsAre("a=1", "b=1", "c=0"));
  EXPECT_THAT(Scanned({}, 1), ElementsAre("a=0"));
}

TEST_P(StoreTest, AScanKeepsToItsRange) {
  for (const char* key : {"a", "b", "c", "d", "e"}) MustPut(key, "v");
  ScanRange range;
  range.start = "b";
  range.end = "d";
  EXPECT_THAT(Scanned(range, 5), ElementsAre("b=v", "c=v"));
  range.start_after = "b";
  EXPECT_THAT(Scanned(range, 5), ElementsAre("c=v"));
  range.start_after = "a";
  EXPECT_THAT(Scanned(range, 5), ElementsAre("b=v", "c=v"));
  range.start_after = "z";
  EXPECT_THAT(Scanned(range, 5), IsEmpty());
}

TEST_P(StoreTest, PagesOfAScanJoinWithoutGapOrOverlap) {
  std::vector<Write> writes;
  for (int i = 10; i < 35; ++i) writes.push_back({absl::StrCat("k", i), "v"});
  MustCommit(Request(writes));
  MustDelete("k20");
  ScanRange range;
  range.limit = 7;
  std::vector<std::string> keys;
  while (true) {
    ASSERT_OK_AND_ASSIGN(const ScanPage page, store().Scan(range, 2));
    EXPECT_LE(page.entries.size(), 7u);
    for (const Entry& entry : page.entries) keys.push_back(entry.key);
    if (!page.more) break;
    range.start_after = keys.back();
  }
  ASSERT_EQ(keys.size(), 24u);
  for (std::size_t i = 1; i < keys.size(); ++i) EXPECT_LT(keys[i - 1], keys[i]);
}

TEST_P(StoreTest, AScanSaysMoreOnlyWhenThereIsMore) {
  MustPut("a", "1");
  MustPut("b", "1");
  MustDelete("b");
  ScanRange range;
  range.limit = 1;
  ASSERT_OK_AND_ASSIGN(ScanPage page, store().Scan(range, 3));
  EXPECT_FALSE(page.more);
  ASSERT_OK_AND_ASSIGN(page, store().Scan(range, 2));
  EXPECT_TRUE(page.more);
}

TEST_P(StoreTest, APageOfBigValuesEndsBeforeItsLimit) {
  const std::string big(kMaxPageBytes / 4, 'v');
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) MustPut(key, big);
  ASSERT_OK_AND_ASSIGN(ScanPage page, store().Scan({}, 6));
  EXPECT_EQ(page.entries.size(), 4u);
  EXPECT_TRUE(page.more);
  ScanRange rest;
  rest.start_after = page.entries.back().key;
  ASSERT_OK_AND_ASSIGN(page, store().Scan(rest, 6));
  EXPECT_EQ(page.entries.size(), 2u);
  EXPECT_FALSE(page.more);
}

TEST_P(StoreTest, ACommitIsRefusedByAKeyThatShouldBeAbsent) {
  MustPut("a", "1");
  const CommitOutcome outcome =
      Settled(Request({{"b", "x"}}, {Precondition::Absent("other"), Precondition::Absent("a")}));
  EXPECT_EQ(outcome.kind, Kind::kRefused);
  EXPECT_EQ(outcome.refused, 1u);
  EXPECT_EQ(store().Head(), 1);
  EXPECT_EQ(ValueOf("b", 1), std::nullopt);
}

TEST_P(StoreTest, ADeletedKeyIsAbsent) {
  MustPut("a", "1");
  MustDelete("a");
  EXPECT_EQ(Settled(Request({{"x", "1"}}, {Precondition::Exists("a")})).kind, Kind::kRefused);
  EXPECT_EQ(Settled(Request({{"x", "1"}}, {Precondition::AtVersion("a", 2)})).kind, Kind::kRefused);
  EXPECT_EQ(Settled(Request({{"x", "1"}}, {Precondition::AtVersion("a", 0)})).kind,
            Kind::kCommitted);
  EXPECT_EQ(Settled(Request({{"x", "1"}}, {Precondition::Absent("a")})).kind, Kind::kCommitted);
}

TEST_P(StoreTest, ACommitIsRefusedByAKeyThatHasMovedOn) {
  MustPut("a", "1");
  MustPut("a", "2");
  EXPECT_EQ(Settled(Request({{"a", "3"}}, {Precondition::AtVersion("a", 1)})).kind, Kind::kRefused);
  EXPECT_EQ(Settled(Request({{"a", "3"}}, {Precondition::AtVersion("a", 2)})).kind,
            Kind::kCommitted);
}

TEST_P(StoreTest, AKeyThatMustExistMayChange) {
  MustPut("a", "1");
  MustPut("a", "2");
  EXPECT_EQ(Settled(Request({{"b", "x"}}, {Precondition::Exists("a")})).kind, Kind::kCommitted);
  EXPECT_EQ(Settled(Request({{"b", "x"}}, {Precondition::Exists("none")})).kind, Kind::kRefused);
}

TEST_P(StoreTest, ACommitIdIsCommittedOnce) {
  const CommitRequest request = Request({{"a", "1"}}, {Precondition::Absent("a")});
  const CommitNumber first = MustCommit(request);
  MustPut("a", "2");
  EXPECT_EQ(MustCommit(request), first);
  EXPECT_EQ(store().Head(), 2);
  EXPECT_THAT(ValueOf("a", 2), Optional(Eq("2")));
}

TEST_P(StoreTest, ACommitIsFoundByItsId) {
  const CommitRequest request = Request({{"a", "1"}});
  ASSERT_OK_AND_ASSIGN(std::optional<CommitNumber> found, store().LookupCommit(request.id));
  EXPECT_EQ(found, std::nullopt);
  const CommitNumber number = MustCommit(request);
  ASSERT_OK_AND_ASSIGN(found, store().LookupCommit(request.id));
  EXPECT_EQ(found, number);
}

TEST_P(StoreTest, ARefusedIdMayBeCommittedLater) {
  CommitRequest request = Request({{"a", "1"}}, {Precondition::Exists("a")});
  EXPECT_EQ(Settled(request).kind, Kind::kRefused);
  request.preconditions.clear();
  EXPECT_EQ(MustCommit(request), 1);
}

TEST_P(StoreTest, MalformedCommitsAreRefusedBeforeAnythingIsTried) {
  const auto refuse = [this](CommitRequest request) {
    EXPECT_THAT(store().Commit(std::move(request)), StatusIs(absl::StatusCode::kInvalidArgument));
  };
  refuse(Request({{"", "empty key"}}));
  refuse(Request({{std::string("a\0b", 3), "NUL"}}));
  refuse(Request({{std::string(kMaxKeyBytes + 1, 'k'), "long key"}}));
  refuse(Request({{"a", "1"}, {"b", "2"}, {"a", "twice"}}));
  refuse(Request({{"a", std::string(kMaxValueBytes + 1, 'v')}}));
  refuse(Request({}, {Precondition::Absent("")}));
  CommitRequest without_id = Request({{"a", "1"}});
  without_id.id.clear();
  refuse(without_id);
  without_id.id.assign(kMaxCommitIdBytes + 1, 'i');
  refuse(without_id);
  EXPECT_EQ(store().Head(), 0);
}

TEST_P(StoreTest, BadLimitsAreRefused) {
  ScanRange range;
  range.limit = 0;
  EXPECT_THAT(store().Scan(range, 0), StatusIs(absl::StatusCode::kInvalidArgument));
  range.limit = kMaxPage + 1;
  EXPECT_THAT(store().Scan(range, 0), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(store().ReadFeed(1, 0), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(StoreTest, TheFeedTellsEveryCommitInOrder) {
  clock().Set(absl::FromUnixSeconds(1000));
  const CommitRequest first = Request({{"b", "1"}, {"a", "1"}});
  MustCommit(first);
  clock().Advance(absl::Seconds(5));
  MustDelete("a");
  ASSERT_OK_AND_ASSIGN(const auto feed, store().ReadFeed(1, 10));
  ASSERT_EQ(feed.size(), 2u);
  EXPECT_EQ(feed[0].number(), 1);
  EXPECT_EQ(feed[0].id(), first.id);
  EXPECT_EQ(feed[0].event(), first.event);
  EXPECT_THAT(feed[0].keys(), ElementsAre("a", "b"));
  EXPECT_EQ(feed[0].time_unix_nanos(), absl::ToUnixNanos(absl::FromUnixSeconds(1000)));
  EXPECT_EQ(feed[0].prev_hash(), GenesisHash());
  EXPECT_EQ(feed[1].number(), 2);
  EXPECT_THAT(feed[1].keys(), ElementsAre("a"));
  EXPECT_EQ(feed[1].time_unix_nanos(), absl::ToUnixNanos(absl::FromUnixSeconds(1005)));
  EXPECT_EQ(feed[1].prev_hash(), feed[0].hash());
}

TEST_P(StoreTest, TheFeedIsReadInPages) {
  for (int i = 0; i < 9; ++i) MustPut("a", absl::StrCat(i));
  ASSERT_OK_AND_ASSIGN(auto page, store().ReadFeed(4, 3));
  ASSERT_EQ(page.size(), 3u);
  EXPECT_EQ(page.front().number(), 4);
  ASSERT_OK_AND_ASSIGN(page, store().ReadFeed(8, 100));
  EXPECT_EQ(page.size(), 2u);
  ASSERT_OK_AND_ASSIGN(page, store().ReadFeed(10, 100));
  EXPECT_THAT(page, IsEmpty());
}

TEST_P(StoreTest, WhatACommitWroteIsToldApartFromWhatWasThere) {
  MustPut("a", "1");
  MustCommit(Request({{"b", "2"}, {"c", std::nullopt}}));
  ASSERT_OK_AND_ASSIGN(const auto written, store().GetWritten({"a", "b", "c"}, 2));
  EXPECT_FALSE(written[0].has_value());
  EXPECT_EQ(written[1]->value, "2");
  ASSERT_TRUE(written[2].has_value());
  EXPECT_EQ(written[2]->value, std::nullopt);
}

TEST_P(StoreTest, TheChainOfAnUntouchedStoreIsWhole) {
  ASSERT_OK_AND_ASSIGN(ChainReport report, VerifyChain(store(), 1, 0));
  EXPECT_EQ(report.verified, 0);
  for (int i = 0; i < 40; ++i) {
    MustCommit(Request({{absl::StrCat("k", i % 7), absl::StrCat(i)}, {"same", "value"}}));
  }
  MustDelete("same");
  MustCommit(Request({}));
  ASSERT_OK_AND_ASSIGN(report, VerifyChain(store(), 1, 0));
  EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
  EXPECT_EQ(report.verified, 42);
  ASSERT_OK_AND_ASSIGN(report, VerifyChain(store(), 10, 20));
  EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
  EXPECT_EQ(report.verified, 20);
}

TEST_P(StoreTest, WaitingForACommitThatIsThereReturnsAtOnce) {
  MustPut("a", "1");
  EXPECT_EQ(store().WaitForCommit(1, absl::InfiniteDuration()), 1);
  EXPECT_EQ(store().WaitForCommit(0, absl::ZeroDuration()), 1);
}

TEST_P(StoreTest, WaitingEndsWhenTheTimeIsOver) {
  EXPECT_EQ(store().WaitForCommit(1, absl::Milliseconds(1)), 0);
  EXPECT_EQ(store().WaitForCommit(1, absl::ZeroDuration()), 0);
}

}  // namespace
}  // namespace trialgate::store
