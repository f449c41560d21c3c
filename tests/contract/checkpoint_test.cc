// That signed checkpoints, and heads that were kept elsewhere, betray a chain that was written
// anew.
#include "common/store/checkpoint.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/store/chain.h"
#include "common/store/chain_walker.h"
#include "common/store/unit_of_work.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"

namespace trialgate::store {
namespace {

using storage::v1::Checkpoint;
using storage::v1::CommitRecord;
using testing::HasSubstr;
using Kind = ChainFault::Kind;

// A store whose whole feed, with the head noted apart, somebody wrote anew from a commit on.
class RewrittenStore final : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  // Changes records before all hashes are made to fit again.
  std::function<void(std::vector<CommitRecord>*)> edit;
  // Changes what a commit wrote.
  std::function<void(std::vector<std::optional<Write>>*, CommitNumber)> written;

  absl::StatusOr<std::vector<CommitRecord>> ReadFeed(CommitNumber from, int limit) const override {
    ABSL_ASSIGN_OR_RETURN(std::vector<CommitRecord> records, Rewritten());
    std::erase_if(records, [&](const CommitRecord& record) { return record.number() < from; });
    if (records.size() > static_cast<std::size_t>(limit)) {
      records.resize(static_cast<std::size_t>(limit));
    }
    return records;
  }
  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    auto writes = StoreDecorator::GetWritten(keys, number);
    if (writes.ok() && written) written(&*writes, number);
    return writes;
  }
  absl::StatusOr<storage::v1::Head> HeadAnchor() const override {
    ABSL_ASSIGN_OR_RETURN(const std::vector<CommitRecord> records, Rewritten());
    storage::v1::Head head;
    head.set_number(records.back().number());
    head.set_hash(records.back().hash());
    return head;
  }

 private:
  absl::StatusOr<std::vector<CommitRecord>> Rewritten() const {
    ABSL_ASSIGN_OR_RETURN(std::vector<CommitRecord> records, StoreDecorator::ReadFeed(1, kMaxPage));
    if (edit) edit(&records);
    std::string hash = GenesisHash();
    for (CommitRecord& record : records) {
      record.set_prev_hash(hash);
      hash = CommitHash(record);
      record.set_hash(hash);
    }
    return records;
  }
};

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() : memory_(MemoryStoreWith(&clock_)), store_(memory_.get()) {}

  void Commit() {
    ASSERT_OK(memory_->Commit({absl::StrCat("id", ++commits_), {}, {{"k", "value"}}, "event"}));
  }

  // Signs the chain as it is; `edit` may change what is signed or stored.
  void Sign(const Ed25519PrivateKey& key, const std::function<void(Checkpoint*)>& edit = nullptr) {
    const auto signed_by = RunUnitOfWork(
        memory_.get(), absl::StrCat("sign", ++commits_), {}, [&](UnitOfWork& work) -> absl::Status {
          const CommitNumber number = work.read_at();
          ABSL_ASSIGN_OR_RETURN(const auto last, memory_->ReadFeed(number, 1));
          ABSL_ASSIGN_OR_RETURN(const auto first, memory_->ReadFeed(1, 1));
          Checkpoint checkpoint =
              SignCheckpoint(number, last[0].hash(), first[0].hash(), clock_.Now(), key);
          if (edit) edit(&checkpoint);
          ABSL_RETURN_IF_ERROR(work.Put(Checkpoints(), CheckpointKey(number), checkpoint));
          work.SetEvent("event");
          return absl::OkStatus();
        });
    ASSERT_OK(signed_by);
  }

  // Commits 1 to 3, a checkpoint by 4, commits 5 and 6, a checkpoint by 7, commit 8.
  void Fill(const Ed25519PrivateKey& key) {
    for (int i = 0; i < 3; ++i) Commit();
    Sign(key);
    for (int i = 0; i < 2; ++i) Commit();
    Sign(key);
    Commit();
  }

  ChainReport Verify(const ChainKnowledge& knowledge, CommitNumber from = 1, CommitNumber to = 0) {
    const auto report = VerifyChain(store_, from, to, knowledge);
    EXPECT_OK(report);
    return report.ok() ? *report : ChainReport();
  }

  ChainKnowledge Known(const Ed25519PrivateKey& key) { return {{key.public_key()}, {}}; }

  const Ed25519PrivateKey key_ = Ed25519PrivateKey::Generate();
  FakeClock clock_;
  std::unique_ptr<Store> memory_;
  RewrittenStore store_;
  int commits_ = 0;
};

TEST_F(CheckpointTest, TheBytesThatAreSignedNeverChange) {
  Checkpoint checkpoint;
  checkpoint.set_trail("t");
  checkpoint.set_number(258);
  checkpoint.set_hash("h");
  checkpoint.set_time_unix_nanos(3);
  checkpoint.set_key_id("k");
  EXPECT_EQ(absl::BytesToHexString(CheckpointBytes(checkpoint)),
            absl::StrCat(absl::BytesToHexString("trialgate.checkpoint.v1\n"), "000000000000000174",
                         "0000000000000102", "000000000000000168", "0000000000000003",
                         "00000000000000016b"));
}

TEST_F(CheckpointTest, WithoutTamperingAllIsSignedUpToTheLastCheckpoint) {
  Fill(key_);
  const ChainReport report = Verify(Known(key_));
  EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
  EXPECT_EQ(report.checkpoints, 2);
  EXPECT_EQ(report.signed_through, 6);
}

TEST_F(CheckpointTest, WithoutAKeyHashesAreTestedAllTheSame) {
  Fill(key_);
  EXPECT_EQ(Verify({}).checkpoints, 2);
  store_.edit = [](std::vector<CommitRecord>* feed) { feed->at(1).set_event("another"); };
  ASSERT_TRUE(Verify({}).fault.has_value());
  EXPECT_EQ(Verify({}).fault->kind, Kind::kCheckpoint);
}

TEST_F(CheckpointTest, AChainThatWasWrittenAnewIsBetrayedByTheNextCheckpoint) {
  Fill(key_);
  for (const auto& [edited, found] : {std::pair<std::size_t, CommitNumber>(2, 4), {5, 7}}) {
    store_.edit = [edited = edited](std::vector<CommitRecord>* feed) {
      feed->at(edited - 1).set_event("another");
    };
    const ChainReport report = Verify(Known(key_));
    ASSERT_TRUE(report.fault.has_value());
    EXPECT_EQ(report.fault->kind, Kind::kCheckpoint);
    EXPECT_EQ(report.fault->number, found);
    EXPECT_THAT(report.fault->description, HasSubstr("written anew"));
    EXPECT_EQ(report.verified, found - 1);
  }
}

TEST_F(CheckpointTest, WhatIsNewerThanTheLastCheckpointIsNotSigned) {
  Fill(key_);
  store_.edit = [](std::vector<CommitRecord>* feed) { feed->at(7).set_event("another"); };
  const ChainReport report = Verify(Known(key_));
  EXPECT_FALSE(report.fault.has_value());
  EXPECT_EQ(report.signed_through, 6);
}

TEST_F(CheckpointTest, ACheckpointThatTheTamperersKeySignedIsBetrayed) {
  Fill(Ed25519PrivateKey::Generate());
  const ChainReport report = Verify(Known(key_));
  ASSERT_TRUE(report.fault.has_value());
  EXPECT_EQ(report.fault->number, 4);
  EXPECT_THAT(report.fault->description, HasSubstr("none of those given"));
}

TEST_F(CheckpointTest, EveryFieldThatIsSignedIsProtected) {
  const std::vector<std::function<void(Checkpoint*)>> edits = {
      [](Checkpoint* c) { c->set_number(c->number() - 1); },
      [](Checkpoint* c) { c->set_hash(std::string(32, 'x')); },
      [](Checkpoint* c) { c->set_trail(std::string(32, 'x')); },
      [](Checkpoint* c) { c->set_time_unix_nanos(1); },
      [](Checkpoint* c) { c->set_key_id(std::string(32, 'x')); },
      [](Checkpoint* c) { c->set_signature(std::string(64, 'x')); },
      [](Checkpoint* c) { c->clear_signature(); },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    Commit();
    Sign(key_, edits[i]);
    const CommitNumber by = memory_->Head();
    const ChainReport report = Verify(Known(key_), by - 1, by);
    ASSERT_TRUE(report.fault.has_value()) << "edit " << i;
    EXPECT_EQ(report.fault->kind, Kind::kCheckpoint) << "edit " << i;
    EXPECT_EQ(report.fault->number, by) << "edit " << i;
  }
}

TEST_F(CheckpointTest, ACheckpointOfAnotherTrailIsBetrayedThoughItsSignatureFits) {
  Commit();
  Sign(key_, [&](Checkpoint* checkpoint) {
    *checkpoint = SignCheckpoint(checkpoint->number(), checkpoint->hash(), std::string(32, 'x'),
                                 clock_.Now(), key_);
  });
  const ChainReport report = Verify(Known(key_));
  ASSERT_TRUE(report.fault.has_value());
  EXPECT_THAT(report.fault->description, HasSubstr("another trail"));
}

TEST_F(CheckpointTest, ACheckpointOverACommitToComeIsBetrayed) {
  Commit();
  Sign(key_, [&](Checkpoint* checkpoint) {
    *checkpoint = SignCheckpoint(2, checkpoint->hash(), checkpoint->trail(), clock_.Now(), key_);
  });
  const ChainReport report = Verify(Known(key_));
  ASSERT_TRUE(report.fault.has_value());
  EXPECT_THAT(report.fault->description, HasSubstr("covers itself"));
}

TEST_F(CheckpointTest, KeysMayBeReplacedWhenBothAreKnown) {
  const Ed25519PrivateKey next = Ed25519PrivateKey::Generate();
  Commit();
  Sign(key_);
  Commit();
  Sign(next);
  const ChainReport both = Verify({{key_.public_key(), next.public_key()}, {}});
  EXPECT_FALSE(both.fault.has_value()) << both.fault->description;
  EXPECT_EQ(both.checkpoints, 2);
  EXPECT_TRUE(Verify(Known(next)).fault.has_value());
}

TEST_F(CheckpointTest, ARangeCountsTheCheckpointsOverItselfOnly) {
  Fill(key_);
  const ChainReport report = Verify(Known(key_), 4, 8);
  EXPECT_FALSE(report.fault.has_value()) << report.fault->description;
  EXPECT_EQ(report.checkpoints, 1);
  EXPECT_EQ(report.signed_through, 6);
}

TEST_F(CheckpointTest, AHeadThatWasKeptElsewhereBetraysAChainThatWasWrittenAnew) {
  for (int i = 0; i < 5; ++i) Commit();
  ASSERT_OK_AND_ASSIGN(const auto feed, memory_->ReadFeed(4, 1));
  const ChainKnowledge kept = {{}, {{4, feed[0].hash()}}};
  EXPECT_FALSE(Verify(kept).fault.has_value());
  store_.edit = [](std::vector<CommitRecord>* records) { records->at(1).set_event("another"); };
  const ChainReport report = Verify(kept);
  ASSERT_TRUE(report.fault.has_value());
  EXPECT_EQ(report.fault->kind, Kind::kCheckpoint);
  EXPECT_EQ(report.fault->number, 4);
}

TEST_F(CheckpointTest, AHeadThatWasKeptElsewhereBetraysATrailThatWasCutShort) {
  for (int i = 0; i < 3; ++i) Commit();
  const ChainReport report = Verify({{}, {{9, std::string(32, 'x')}}});
  ASSERT_TRUE(report.fault.has_value());
  EXPECT_EQ(report.fault->kind, Kind::kMissing);
  EXPECT_EQ(report.fault->number, 4);
}

TEST_F(CheckpointTest, TheLastCheckpointIsFoundAsOfEachCommit) {
  CommitNumber covered = 0;
  for (int i = 0; i < 40; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto last, LastCheckpoint(*memory_, memory_->Head()));
    ASSERT_EQ(last.has_value(), covered != 0);
    if (last.has_value()) {
      EXPECT_EQ(last->value.number(), covered);
    }
    Commit();
    if (i % 3 == 2) {
      covered = memory_->Head();
      Sign(key_);
    }
  }
}

// --- Where faults are told ---

class ChainWalkerTest : public testing::Test {
 protected:
  ChainWalkerTest() {
    std::string hash = GenesisHash();
    for (int i = 1; i <= 9; ++i) {
      CommitRecord record;
      record.set_number(i);
      record.set_event(absl::StrCat("event ", i));
      record.set_prev_hash(hash);
      hash = CommitHash(record);
      record.set_hash(hash);
      records_.push_back(record);
    }
  }

  // The places of the faults, in order; the end counts as one where something is missing.
  std::vector<CommitNumber> Places() const {
    ChainWalker walker(1, GenesisHash());
    std::vector<CommitNumber> places;
    for (const CommitRecord& record : records_) {
      if (const auto fault = walker.Add(record)) places.push_back(fault->number);
    }
    if (!walker.MayEndAfter(9)) places.push_back(walker.next());
    return places;
  }

  std::vector<CommitRecord> records_;
};

TEST_F(ChainWalkerTest, AnIntactChainHasNoFault) { EXPECT_THAT(Places(), testing::IsEmpty()); }

TEST_F(ChainWalkerTest, AnEditedRecordCostsOneFault) {
  records_[4].set_event("another");
  EXPECT_THAT(Places(), testing::ElementsAre(5));
}

TEST_F(ChainWalkerTest, AnEditedHashCostsOneFault) {
  records_[4].set_hash(std::string(32, 'x'));
  EXPECT_THAT(Places(), testing::ElementsAre(5));
}

TEST_F(ChainWalkerTest, AnEditedNumberCostsOneFault) {
  records_[4].set_number(77);
  EXPECT_THAT(Places(), testing::ElementsAre(5));
}

TEST_F(ChainWalkerTest, ARemovedRecordCostsOneFault) {
  records_.erase(records_.begin() + 4);
  EXPECT_THAT(Places(), testing::ElementsAre(5));
}

TEST_F(ChainWalkerTest, SeveralRemovedRecordsInARowCostOneFault) {
  records_.erase(records_.begin() + 3, records_.begin() + 6);
  EXPECT_THAT(Places(), testing::ElementsAre(4));
}

TEST_F(ChainWalkerTest, ADoubledRecordCostsOneFaultInThePlaceOfTheNext) {
  records_.insert(records_.begin() + 4, records_[4]);
  EXPECT_THAT(Places(), testing::ElementsAre(6));
}

TEST_F(ChainWalkerTest, TheLastRecordDoubledCostsOneFault) {
  records_.push_back(records_.back());
  EXPECT_THAT(Places(), testing::ElementsAre(10));
}

TEST_F(ChainWalkerTest, RecordsThatChangedPlacesCostAFaultEach) {
  std::swap(records_[2], records_[6]);
  EXPECT_THAT(Places(), testing::ElementsAre(3, 7));
  std::swap(records_[2], records_[6]);
  std::swap(records_[4], records_[5]);
  EXPECT_THAT(Places(), testing::ElementsAre(5, 6));
}

TEST_F(ChainWalkerTest, ARecordOfAnotherChainCostsOneFault) {
  CommitRecord foreign = records_[4];
  foreign.set_event("another");
  foreign.set_hash(CommitHash(foreign));
  records_.insert(records_.begin() + 4, foreign);
  EXPECT_THAT(Places(), testing::Contains(testing::AnyOf(5, 6)));
}

TEST_F(ChainWalkerTest, RecordsMissingAtTheEndAreMissed) {
  records_.resize(6);
  EXPECT_THAT(Places(), testing::ElementsAre(7));
}

}  // namespace
}  // namespace trialgate::store
