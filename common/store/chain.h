// The hash chain over commits, and its verification.
#ifndef TRIALGATE_COMMON_STORE_CHAIN_H_
#define TRIALGATE_COMMON_STORE_CHAIN_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/ed25519.h"
#include "common/store/store.h"

namespace trialgate::store {

// The digest of writes that are ascending by key; FORMAT.md defines the bytes.
std::string WritesDigest(absl::Span<const Write> writes);

// The hash of `record` over all of its fields but `hash`.
std::string CommitHash(const storage::v1::CommitRecord& record);

// `prev_hash` of the first commit.
std::string GenesisHash();

struct ChainFault {
  enum class Kind {
    kMissing,      // the feed lacks this commit
    kNumber,       // the record of this commit bears another number
    kPrevHash,     // it does not follow from the commit before: removed, reordered or replaced
    kHash,         // a field of the record was changed
    kWrites,       // a value that it wrote was changed or removed
    kExtraWrites,  // a version is stored that the commit did not write
    kHead,         // the feed's end is not the head noted apart: cut short, or replaced
    kUnreadable,   // the record cannot be read
    kCheckpoint,   // a signed checkpoint, or a head that was kept elsewhere, says otherwise
  };
  Kind kind;
  CommitNumber number;
  // For a person: which key, what was expected.
  std::string description;
};

// What is known of a chain from elsewhere: against who can write the whole store.
struct ChainKnowledge {
  // Of the keys that sign checkpoints (checkpoint.h). Without one signatures are not tested; with
  // one or more, a checkpoint of any other key is a fault.
  std::vector<Ed25519PublicKey> public_keys;
  // Hashes that somebody kept: what the commits of these numbers must have.
  std::map<CommitNumber, std::string> kept_heads;
};

// Faults that one verification tells at most; it ends with the last of them.
inline constexpr std::size_t kMaxChainFaults = 20;

struct ChainReport {
  // The last commit up to which all is well.
  CommitNumber verified = 0;
  // The hash of that commit.
  std::string head_hash;
  // The first of `faults`.
  std::optional<ChainFault> fault;
  // As they were found. What follows a fault is verified as well as can be: it may be told again.
  std::vector<ChainFault> faults;
  // Checkpoints before the first fault that hold: their hash, and their signature where there are
  // public keys.
  std::int64_t checkpoints = 0;
  // The last commit that such a checkpoint covers; 0: none.
  CommitNumber signed_through = 0;
};

// Verifies commits `from` to `to`, both inclusive (`to` 0: the head): recomputes every hash and the
// digests of the data they wrote, tests the checkpoints among that, looks for versions that they
// did not write, compares the end of the feed with the head noted apart, and tells the first
// faults. The hash before `from` is taken as given. May run while commits come in. An error only
// when the store cannot be read at all, or (INVALID_ARGUMENT) for a range that does not lie within
// 1 and the head.
//
// Who can write the whole folder can write a new chain: only `knowledge` betrays that.
absl::StatusOr<ChainReport> VerifyChain(const Store& store, CommitNumber from, CommitNumber to,
                                        const ChainKnowledge& knowledge = {});

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_CHAIN_H_
