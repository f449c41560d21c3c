// Tests a chain against what is known of it from elsewhere: signatures, and heads that were kept.
#ifndef TRIALGATE_COMMON_STORE_CHAIN_WITNESS_H_
#define TRIALGATE_COMMON_STORE_CHAIN_WITNESS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/store/chain.h"

namespace trialgate::store {

// Not thread-safe; copies go on apart.
class ChainWitness {
 public:
  // Commits that may lie between the last one that a checkpoint covers and the one that stores it.
  static constexpr std::size_t kMaxCheckpointDelay = 16'384;

  // `knowledge` is not owned and outlives this. `trail` is the hash of commit 1; empty where it is
  // not known: then all checkpoints must name the same.
  ChainWitness(const ChainKnowledge* knowledge, std::string trail);

  // Takes the hash of the next commit of the chain. A fault: another one was kept for it.
  std::optional<ChainFault> AddCommit(CommitNumber number, absl::string_view hash);

  // Takes the value of the checkpoint that commit `stored_by`, the last one added, stored. A fault:
  // it is none, it does not fit the chain, or its signature is not that of a known key. One that
  // covers a commit before the first one added is tested without its hash, and not counted.
  std::optional<ChainFault> AddCheckpoint(absl::string_view value, CommitNumber stored_by);

  // A fault: a head was kept that lies beyond the last commit, `last`.
  std::optional<ChainFault> AddEnd(CommitNumber last) const;

  // Checkpoints that hold, and the last commit that one of them covers.
  std::int64_t checkpoints() const { return checkpoints_; }
  CommitNumber signed_through() const { return signed_through_; }

 private:
  // What is wrong with it; empty: nothing.
  std::string Test(const storage::v1::Checkpoint& checkpoint, CommitNumber stored_by);
  std::string TestSignature(const storage::v1::Checkpoint& checkpoint) const;

  const ChainKnowledge* knowledge_;
  std::string trail_;
  // The first commit added; 0: none yet.
  CommitNumber first_ = 0;
  // The hashes of the last commits, ascending.
  std::deque<std::pair<CommitNumber, std::string>> hashes_;
  std::int64_t checkpoints_ = 0;
  CommitNumber signed_through_ = 0;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_CHAIN_WITNESS_H_
