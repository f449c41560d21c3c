// The hash chain over commits, and its verification.
#ifndef TRIALGATE_COMMON_STORE_CHAIN_H_
#define TRIALGATE_COMMON_STORE_CHAIN_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
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
  };
  Kind kind;
  CommitNumber number;
  // For a person: which key, what was expected.
  std::string description;
};

struct ChainReport {
  // The last commit up to which all is well.
  CommitNumber verified = 0;
  // Without a fault: the hash of that commit.
  std::string head_hash;
  std::optional<ChainFault> fault;
};

// Verifies commits `from` to `to`, both inclusive (`to` 0: the head): recomputes every hash and the
// digests of the data they wrote, looks for versions that they did not write, compares the end of
// the feed with the head noted apart, and tells the first fault. The hash before `from` is taken as
// given. May run while commits come in. An error only when the store cannot be read at all, or
// (INVALID_ARGUMENT) for a range that does not lie within 1 and the head.
//
// Who can write the whole folder can write a new chain: keep a head hash elsewhere against that.
absl::StatusOr<ChainReport> VerifyChain(const Store& store, CommitNumber from, CommitNumber to);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_CHAIN_H_
