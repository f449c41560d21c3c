// Signed checkpoints: the server's word, apart from the chain itself, for what the chain was at a
// commit. Each is a row of its own, written by an ordinary commit, and so part of the chain.
#ifndef TRIALGATE_COMMON_STORE_CHECKPOINT_H_
#define TRIALGATE_COMMON_STORE_CHECKPOINT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/ed25519.h"
#include "common/store/store.h"
#include "common/store/table.h"
#include "trialgate/storage/v1/commit.pb.h"

namespace trialgate::store {

// Under CheckpointKey of the commit that is covered.
const Table<storage::v1::Checkpoint>& Checkpoints();

// "auditCheckpoints/" and the number in 19 digits, so that keys are in the order of numbers.
std::string CheckpointKey(CommitNumber number);

// The bytes that are signed; FORMAT.md defines them.
std::string CheckpointBytes(const storage::v1::Checkpoint& checkpoint);

// A signed checkpoint over the chain up to the commit `number` with `hash`; `trail` is the hash of
// commit 1.
storage::v1::Checkpoint SignCheckpoint(CommitNumber number, absl::string_view hash,
                                       absl::string_view trail, absl::Time time,
                                       const Ed25519PrivateKey& key);

// The one store key of `record` if it stored a checkpoint and nothing else; else empty.
std::string CheckpointKeyOf(const storage::v1::CommitRecord& record);

// The checkpoint that is the value of a store key. DATA_LOSS (STORE_CORRUPT): it is none.
absl::StatusOr<storage::v1::Checkpoint> ReadCheckpoint(absl::string_view value);

// The last checkpoint as of a commit; none if there was none. Errors as for Store::Scan.
absl::StatusOr<std::optional<Row<storage::v1::Checkpoint>>> LastCheckpoint(const Store& store,
                                                                           CommitNumber as_of);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_CHECKPOINT_H_
