#include "common/store/chain.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/store/chain_walker.h"
#include "common/store/chain_witness.h"
#include "common/store/checkpoint.h"

namespace trialgate::store {
namespace {

using storage::v1::CommitRecord;

constexpr absl::string_view kWritesTag = "trialgate.writes.v1\n";
constexpr absl::string_view kCommitTag = "trialgate.commit.v1\n";
// Records read at once.
constexpr int kPage = 256;

class Verifier {
 public:
  Verifier(const Store& store, CommitNumber from, CommitNumber to, const ChainKnowledge& knowledge)
      : store_(store), from_(from), to_(to), knowledge_(knowledge) {}

  absl::StatusOr<ChainReport> Run() {
    ABSL_RETURN_IF_ERROR(Start());
    // How many records were read is where to read on, whatever numbers they bear.
    for (CommitNumber next = from_; next <= to_ && !Full();) {
      const auto page = store_.ReadFeed(next, kPage);
      if (absl::IsDataLoss(page.status())) {
        Fault(walker_->AddUnreadable(std::string(page.status().message())));
        ++next;
        continue;
      }
      ABSL_RETURN_IF_ERROR(page.status());
      if (page->empty()) {
        Fault({ChainFault::Kind::kMissing, walker_->next(), "the feed ends before it"});
        break;
      }
      for (const CommitRecord& record : *page) {
        if (walker_->next() > to_ || Full()) break;
        ABSL_RETURN_IF_ERROR(Verify(record));
      }
      next = std::max(next + static_cast<CommitNumber>(page->size()), walker_->next());
    }
    ABSL_RETURN_IF_ERROR(Finish());
    return report_;
  }

 private:
  // The hash that the first commit must follow.
  absl::Status Start() {
    report_.verified = from_ - 1;
    report_.head_hash = GenesisHash();
    std::string trail;
    if (from_ > 1) {
      ABSL_ASSIGN_OR_RETURN(const auto before, store_.ReadFeed(from_ - 1, 1));
      ABSL_ASSIGN_OR_RETURN(const auto first, store_.ReadFeed(1, 1));
      if (!first.empty()) trail = first.front().hash();
      if (before.empty()) {
        Fault({ChainFault::Kind::kMissing, from_ - 1, "the feed lacks it"});
      } else {
        report_.head_hash = before.front().hash();
      }
    }
    walker_.emplace(from_, report_.head_hash);
    witness_.emplace(&knowledge_, std::move(trail));
    return absl::OkStatus();
  }

  bool Full() const { return report_.faults.size() >= kMaxChainFaults; }

  void Fault(ChainFault fault) {
    if (Full()) return;
    if (!report_.fault.has_value()) report_.fault = fault;
    report_.verified = std::min(report_.verified, std::max(fault.number, from_) - 1);
    report_.faults.push_back(std::move(fault));
  }

  void Fault(std::optional<ChainFault> fault) {
    if (fault.has_value()) Fault(*std::move(fault));
  }

  absl::Status Verify(const CommitRecord& record) {
    std::optional<ChainFault> fault = walker_->Add(record);
    const bool follows = !fault.has_value();
    Fault(std::move(fault));
    // A record that lies about its number has nothing to be looked up by.
    if (record.number() < 1 || record.number() > to_) return absl::OkStatus();
    if (follows) ABSL_RETURN_IF_ERROR(VerifyWrites(record));
    // Also after a fault: a chain that was written anew is what a checkpoint betrays.
    Fault(witness_->AddCommit(record.number(), record.hash()));
    ABSL_RETURN_IF_ERROR(VerifyCheckpoint(record));
    if (report_.fault.has_value()) return absl::OkStatus();
    report_.verified = record.number();
    report_.head_hash = record.hash();
    report_.checkpoints = witness_->checkpoints();
    report_.signed_through = witness_->signed_through();
    writes_ += record.keys_size();
    return absl::OkStatus();
  }

  absl::Status VerifyWrites(const CommitRecord& record) {
    const std::vector<std::string> keys(record.keys().begin(), record.keys().end());
    const auto found = store_.GetWritten(keys, record.number());
    if (absl::IsDataLoss(found.status())) {
      Fault(
          {ChainFault::Kind::kUnreadable, record.number(), std::string(found.status().message())});
      return absl::OkStatus();
    }
    ABSL_RETURN_IF_ERROR(found.status());
    std::vector<Write> writes;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!(*found)[i].has_value()) {
        Fault({ChainFault::Kind::kWrites, record.number(),
               absl::StrCat("what it wrote to ", absl::CHexEscape(keys[i]), " is missing")});
        return absl::OkStatus();
      }
      writes.push_back(*(*found)[i]);
    }
    if (WritesDigest(writes) != record.writes_digest()) {
      Fault(
          {ChainFault::Kind::kWrites, record.number(),
           absl::StrCat("a value that it wrote was changed; it wrote to ", keys.size(),
                        " keys, first ", keys.empty() ? "none" : absl::CHexEscape(keys.front()))});
    }
    return absl::OkStatus();
  }

  absl::Status VerifyCheckpoint(const CommitRecord& record) {
    const std::string keys[] = {CheckpointKeyOf(record)};
    if (keys[0].empty()) return absl::OkStatus();
    const auto found = store_.GetWritten(keys, record.number());
    // What is missing or unreadable was told as such.
    if (absl::IsDataLoss(found.status())) return absl::OkStatus();
    ABSL_RETURN_IF_ERROR(found.status());
    if (found->front().has_value() && found->front()->value.has_value()) {
      Fault(witness_->AddCheckpoint(*found->front()->value, record.number()));
    }
    return absl::OkStatus();
  }

  absl::Status Finish() {
    if (!report_.fault) ABSL_RETURN_IF_ERROR(VerifyHead());
    if (!report_.fault) ABSL_RETURN_IF_ERROR(VerifyNothingElse());
    Fault(witness_->AddEnd(store_.Head()));
    return absl::OkStatus();
  }

  absl::Status VerifyHead() {
    ABSL_ASSIGN_OR_RETURN(const storage::v1::Head anchor, store_.HeadAnchor());
    // Commits may come in meanwhile: the anchor is compared with the record that it names.
    if (anchor.number() < to_) {
      Fault({ChainFault::Kind::kHead, to_,
             absl::StrCat("the head noted apart from the feed is commit ", anchor.number())});
    } else if (anchor.number() == to_) {
      if (anchor.hash() != report_.head_hash) {
        Fault({ChainFault::Kind::kHead, to_, "its hash is not the one noted apart from the feed"});
      }
    } else {
      ABSL_ASSIGN_OR_RETURN(const auto last, store_.ReadFeed(anchor.number(), 1));
      if (last.empty() || last.front().hash() != anchor.hash()) {
        Fault({ChainFault::Kind::kHead, anchor.number(),
               "the feed does not end with the head noted apart from it"});
      }
    }
    return absl::OkStatus();
  }

  // Each version belongs to a commit that lists its key. As all listed ones are there, a greater
  // number of versions betrays one that is not; only then are they told apart.
  absl::Status VerifyNothingElse() {
    std::int64_t versions = 0;
    CommitNumber least = 1;
    CommitNumber greatest = 0;
    ABSL_RETURN_IF_ERROR(store_.VisitVersions([&](absl::string_view, CommitNumber version) {
      least = std::min(least, version);
      greatest = std::max(greatest, version);
      if (version >= from_ && version <= to_) ++versions;
    }));
    if (least < 1 || greatest > store_.Head()) {
      const CommitNumber number = least < 1 ? least : greatest;
      Fault({ChainFault::Kind::kExtraWrites, number,
             "a version of a commit is stored that never was"});
    }
    if (report_.fault || versions == writes_) return absl::OkStatus();
    return FindExtraWrite();
  }

  absl::Status FindExtraWrite() {
    std::unordered_map<CommitNumber, std::int64_t> surplus;
    ABSL_RETURN_IF_ERROR(
        store_.VisitVersions([&](absl::string_view, CommitNumber version) { ++surplus[version]; }));
    CommitNumber first = to_ + 1;
    for (CommitNumber next = from_; next <= to_;) {
      ABSL_ASSIGN_OR_RETURN(const auto page, store_.ReadFeed(next, kPage));
      if (page.empty()) break;
      for (const CommitRecord& record : page) {
        if (record.number() <= to_ && surplus[record.number()] > record.keys_size()) {
          first = std::min(first, record.number());
        }
        next = record.number() + 1;
      }
      if (first <= to_) break;
    }
    Fault({ChainFault::Kind::kExtraWrites, first, "a version is stored that no commit wrote"});
    return absl::OkStatus();
  }

  const Store& store_;
  const CommitNumber from_;
  const CommitNumber to_;
  const ChainKnowledge& knowledge_;
  std::optional<ChainWalker> walker_;
  std::optional<ChainWitness> witness_;
  std::int64_t writes_ = 0;
  ChainReport report_;
};

}  // namespace

std::string WritesDigest(absl::Span<const Write> writes) {
  Sha256Hasher hasher;
  hasher.Add(kWritesTag);
  hasher.AddUint64(writes.size());
  for (const Write& write : writes) {
    hasher.AddWithLength(write.key);
    hasher.Add(absl::string_view(write.value.has_value() ? "\1" : "\0", 1));
    if (write.value.has_value()) hasher.AddWithLength(*write.value);
  }
  return hasher.Finish();
}

std::string CommitHash(const CommitRecord& record) {
  Sha256Hasher hasher;
  hasher.Add(kCommitTag);
  hasher.AddUint64(static_cast<std::uint64_t>(record.number()));
  hasher.AddWithLength(record.id());
  hasher.AddUint64(static_cast<std::uint64_t>(record.time_unix_nanos()));
  hasher.AddUint64(static_cast<std::uint64_t>(record.keys_size()));
  for (const std::string& key : record.keys()) hasher.AddWithLength(key);
  hasher.AddWithLength(record.writes_digest());
  hasher.AddWithLength(record.event());
  hasher.AddWithLength(record.prev_hash());
  return hasher.Finish();
}

std::string GenesisHash() { return std::string(kSha256Bytes, '\0'); }

absl::StatusOr<ChainReport> VerifyChain(const Store& store, CommitNumber from, CommitNumber to,
                                        const ChainKnowledge& knowledge) {
  const CommitNumber head = store.Head();
  if (to == 0) to = head;
  if (from < 1 || to > head || (from > to && head != 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("commits ", from, " to ", to, " do not lie within 1 and the head, ", head));
  }
  return Verifier(store, from, to, knowledge).Run();
}

}  // namespace trialgate::store
