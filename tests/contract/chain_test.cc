// That the verification of the chain finds every kind of tampering, and where.
#include "common/store/chain.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/store/memory_store.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"

namespace trialgate::store {
namespace {

using absl_testing::StatusIs;
using storage::v1::CommitRecord;
using Kind = ChainFault::Kind;

// What a tamperer left of a store.
class TamperedStore final : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  std::function<void(std::vector<CommitRecord>*)> feed;  // the whole feed
  std::function<void(std::vector<std::optional<Write>>*, CommitNumber)> written;
  std::vector<CommitNumber> extra_versions;
  std::function<void(storage::v1::Head*)> head;

  absl::StatusOr<std::vector<CommitRecord>> ReadFeed(CommitNumber from, int limit) const override {
    auto records = StoreDecorator::ReadFeed(1, kMaxPage);
    if (!records.ok()) return records;
    if (feed) feed(&*records);
    std::erase_if(*records, [&](const CommitRecord& r) { return r.number() < from; });
    if (records->size() > static_cast<std::size_t>(limit)) {
      records->resize(static_cast<std::size_t>(limit));
    }
    return records;
  }
  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    auto writes = StoreDecorator::GetWritten(keys, number);
    if (writes.ok() && written) written(&*writes, number);
    return writes;
  }
  absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const override {
    for (const CommitNumber version : extra_versions) visit("planted", version);
    return StoreDecorator::VisitVersions(visit);
  }
  absl::StatusOr<storage::v1::Head> HeadAnchor() const override {
    auto anchor = StoreDecorator::HeadAnchor();
    if (anchor.ok() && head) head(&*anchor);
    return anchor;
  }
};

class ChainTest : public testing::Test {
 protected:
  ChainTest() {
    StoreOptions options;
    options.clock = &clock_;
    memory_ = NewMemoryStore(options);
    tampered_ = std::make_unique<TamperedStore>(memory_.get());
    for (int i = 1; i <= 5; ++i) {
      std::vector<Write> writes = {{absl::StrCat("k", i), "value"}, {"shared", absl::StrCat(i)}};
      EXPECT_OK(memory_->Commit({absl::StrCat("id", i), {}, std::move(writes), "event"}));
    }
  }

  TamperedStore& tampered() { return *tampered_; }

  // The fault that is found: its kind and the commit.
  std::pair<Kind, CommitNumber> Found() {
    const auto report = VerifyChain(*tampered_, 1, 0);
    EXPECT_OK(report);
    EXPECT_TRUE(report->fault.has_value());
    if (!report->fault.has_value()) return {};
    EXPECT_FALSE(report->fault->description.empty());
    EXPECT_LT(report->verified, std::max<CommitNumber>(report->fault->number, 1));
    return {report->fault->kind, report->fault->number};
  }

 private:
  FakeClock clock_;
  std::unique_ptr<Store> memory_;
  std::unique_ptr<TamperedStore> tampered_;
};

using Fault = std::pair<Kind, CommitNumber>;

// Makes a record's hash fit again after a change.
void Rehash(CommitRecord* record) { record->set_hash(CommitHash(*record)); }

TEST_F(ChainTest, WithoutTamperingThereIsNoFault) {
  const auto report = VerifyChain(tampered(), 1, 0);
  ASSERT_OK(report);
  EXPECT_FALSE(report->fault.has_value());
  EXPECT_EQ(report->verified, 5);
  ASSERT_OK_AND_ASSIGN(const auto feed, tampered().ReadFeed(5, 1));
  EXPECT_EQ(report->head_hash, feed[0].hash());
}

TEST_F(ChainTest, EveryFieldOfARecordIsProtected) {
  const std::vector<std::function<void(CommitRecord*)>> edits = {
      [](CommitRecord* r) { r->set_id("another"); },
      [](CommitRecord* r) { r->set_time_unix_nanos(r->time_unix_nanos() + 1); },
      [](CommitRecord* r) { r->add_keys("added"); },
      [](CommitRecord* r) { r->mutable_keys()->RemoveLast(); },
      [](CommitRecord* r) { r->set_writes_digest(std::string(32, 'x')); },
      [](CommitRecord* r) { r->set_event("another"); },
      [](CommitRecord* r) { r->set_prev_hash(std::string(32, 'x')); },
      [](CommitRecord* r) { r->set_hash(std::string(32, 'x')); },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    tampered().feed = [&](std::vector<CommitRecord>* feed) { edits[i](&feed->at(2)); };
    EXPECT_EQ(Found(), Fault(Kind::kHash, 3)) << "edit " << i;
  }
}

TEST_F(ChainTest, ARecordEditedWithItsHashBreaksTheNextOne) {
  tampered().feed = [](std::vector<CommitRecord>* feed) {
    feed->at(2).set_event("another");
    Rehash(&feed->at(2));
  };
  EXPECT_EQ(Found(), Fault(Kind::kPrevHash, 4));
}

TEST_F(ChainTest, TheLastRecordEditedWithItsHashIsNotTheHeadNotedApart) {
  tampered().feed = [](std::vector<CommitRecord>* feed) {
    feed->back().set_event("another");
    Rehash(&feed->back());
  };
  EXPECT_EQ(Found(), Fault(Kind::kHead, 5));
}

TEST_F(ChainTest, ARemovedRecordIsMissed) {
  tampered().feed = [](std::vector<CommitRecord>* feed) { feed->erase(feed->begin() + 1); };
  EXPECT_EQ(Found(), Fault(Kind::kMissing, 2));
}

TEST_F(ChainTest, AFeedCutShortIsMissed) {
  tampered().feed = [](std::vector<CommitRecord>* feed) { feed->pop_back(); };
  EXPECT_EQ(Found(), Fault(Kind::kMissing, 5));
}

TEST_F(ChainTest, RecordsThatChangedPlacesAreFound) {
  tampered().feed = [](std::vector<CommitRecord>* feed) { std::swap(feed->at(1), feed->at(2)); };
  EXPECT_EQ(Found(), Fault(Kind::kMissing, 2));
  tampered().feed = [](std::vector<CommitRecord>* feed) {
    std::swap(feed->at(1), feed->at(2));
    feed->at(1).set_number(2);
    feed->at(2).set_number(3);
    Rehash(&feed->at(1));
    Rehash(&feed->at(2));
  };
  EXPECT_EQ(Found(), Fault(Kind::kPrevHash, 2));
}

TEST_F(ChainTest, ARecordThatBearsAnotherNumberIsFound) {
  tampered().feed = [](std::vector<CommitRecord>* feed) {
    feed->at(3) = feed->at(2);
    std::rotate(feed->begin() + 2, feed->begin() + 3, feed->begin() + 4);
  };
  EXPECT_EQ(Found(), Fault(Kind::kNumber, 4));
}

TEST_F(ChainTest, AnEditedValueIsFoundThoughItWasOverwrittenLater) {
  tampered().written = [](std::vector<std::optional<Write>>* writes, CommitNumber number) {
    if (number == 2) writes->at(1)->value = "edited";
  };
  EXPECT_EQ(Found(), Fault(Kind::kWrites, 2));
}

TEST_F(ChainTest, AValueTurnedIntoADeletionIsFound) {
  tampered().written = [](std::vector<std::optional<Write>>* writes, CommitNumber number) {
    if (number == 2) writes->at(0)->value.reset();
  };
  EXPECT_EQ(Found(), Fault(Kind::kWrites, 2));
}

TEST_F(ChainTest, ARemovedValueIsFound) {
  tampered().written = [](std::vector<std::optional<Write>>* writes, CommitNumber number) {
    if (number == 4) writes->at(0).reset();
  };
  EXPECT_EQ(Found(), Fault(Kind::kWrites, 4));
}

TEST_F(ChainTest, APlantedVersionIsFound) {
  tampered().extra_versions = {3};
  EXPECT_EQ(Found(), Fault(Kind::kExtraWrites, 3));
}

TEST_F(ChainTest, APlantedVersionOfACommitToComeIsFound) {
  tampered().extra_versions = {6};
  EXPECT_EQ(Found(), Fault(Kind::kExtraWrites, 6));
  tampered().extra_versions = {0};
  EXPECT_EQ(Found(), Fault(Kind::kExtraWrites, 0));
}

TEST_F(ChainTest, AHeadNotedApartThatDoesNotFitIsFound) {
  tampered().head = [](storage::v1::Head* head) { head->set_number(4); };
  EXPECT_EQ(Found(), Fault(Kind::kHead, 5));
  tampered().head = [](storage::v1::Head* head) { head->set_hash(std::string(32, 'x')); };
  EXPECT_EQ(Found(), Fault(Kind::kHead, 5));
}

TEST_F(ChainTest, ARangeFindsOnlyItsOwnFaults) {
  tampered().feed = [](std::vector<CommitRecord>* feed) { feed->at(1).set_event("another"); };
  ASSERT_OK_AND_ASSIGN(ChainReport report, VerifyChain(tampered(), 3, 5));
  EXPECT_FALSE(report.fault.has_value());
  ASSERT_OK_AND_ASSIGN(report, VerifyChain(tampered(), 1, 1));
  EXPECT_FALSE(report.fault.has_value());
  ASSERT_OK_AND_ASSIGN(report, VerifyChain(tampered(), 2, 3));
  EXPECT_TRUE(report.fault.has_value());
}

TEST_F(ChainTest, ARangeOutsideOfTheStoreIsRefused) {
  EXPECT_THAT(VerifyChain(tampered(), 0, 3), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(VerifyChain(tampered(), 1, 6), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(VerifyChain(tampered(), 4, 3), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CommitHashTest, TheBytesThatAreHashedNeverChange) {
  CommitRecord record;
  record.set_number(7);
  record.set_id("id");
  record.set_time_unix_nanos(1'000'000'000);
  record.add_keys("a");
  record.add_keys("b");
  record.set_writes_digest(WritesDigest(std::vector<Write>{{"a", "1"}, {"b", std::nullopt}}));
  record.set_event("event");
  record.set_prev_hash(GenesisHash());
  EXPECT_EQ(absl::BytesToHexString(record.writes_digest()),
            "203c45adebf821fe186f7590645fad6989c63d848cf657c8edfede9029fcee11");
  EXPECT_EQ(absl::BytesToHexString(CommitHash(record)),
            "0abc5d124917162a0ccfb475ebf98cc7e85d9653a4a432569a0703536246a8c5");
}

}  // namespace
}  // namespace trialgate::store
