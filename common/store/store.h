// The store contract: an ordered map from keys to values that keeps every version of every key,
// with atomic commits and a feed of them.
//
// Every commit has a number: 1, 2, 3 … without gaps. Reads are as of a commit number and repeatable
// for ever. The feed holds one record for each commit, chained by hashes: it is the audit trail
// (chain.h verifies it). FORMAT.md describes what lies on disk.
//
// Keys are 1 to kMaxKeyBytes bytes without NUL, ordered bytewise. Implementations: memory_store.h,
// rocksdb_store.h. Everything here is thread-safe. Nothing assumes that this process is the only
// one to commit, except where an implementation says so.
#ifndef TRIALGATE_COMMON_STORE_STORE_H_
#define TRIALGATE_COMMON_STORE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "trialgate/storage/v1/commit.pb.h"

namespace trialgate::store {

// The number of a commit, from 1; 0 is the empty store before the first.
using CommitNumber = std::int64_t;

// Limits; a commit beyond them is INVALID_ARGUMENT.
inline constexpr std::size_t kMaxKeyBytes = 1024;
inline constexpr std::size_t kMaxValueBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxCommitBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxWritesPerCommit = 200'000;
inline constexpr std::size_t kMaxPreconditionsPerCommit = 200'000;
inline constexpr std::size_t kMaxCommitIdBytes = 128;
// Entries that one Scan and records that one ReadFeed returns at most, and about how many bytes.
inline constexpr int kMaxPage = 10'000;
inline constexpr std::size_t kMaxPageBytes = std::size_t{32} << 20;

// What must hold of a key when the commit gets its number.
struct Precondition {
  enum class Kind { kAbsent, kExists, kAtVersion };

  static Precondition Absent(std::string key) { return {Kind::kAbsent, std::move(key), 0}; }
  static Precondition Exists(std::string key) { return {Kind::kExists, std::move(key), 0}; }
  // The key's value is the one that commit `version` wrote; 0: it has none.
  static Precondition AtVersion(std::string key, CommitNumber version) {
    return {Kind::kAtVersion, std::move(key), version};
  }

  Kind kind = Kind::kAbsent;
  std::string key;
  CommitNumber version = 0;
};

struct Write {
  std::string key;
  // No value: the key is deleted. Earlier versions stay readable as of earlier commits.
  std::optional<std::string> value;
};

struct CommitRequest {
  // Chosen by the caller, unique for ever, 1 to kMaxCommitIdBytes bytes: with it an unknown outcome
  // is settled. A commit with an id that was committed before does nothing and answers with the
  // number of the first.
  std::string id;
  std::vector<Precondition> preconditions;
  // Each key at most once; may be empty.
  std::vector<Write> writes;
  // The audit event, opaque here.
  std::string event;
};

struct CommitOutcome {
  enum class Kind {
    kCommitted,  // durable, visible to every later read
    kRefused,    // a precondition did not hold; nothing was changed
    kUnknown,    // it may have happened or not; LookupCommit with its id tells
  };
  Kind kind = Kind::kUnknown;
  // kCommitted: its number.
  CommitNumber number = 0;
  // kRefused: the index of the first precondition that did not hold.
  std::size_t refused = 0;
  // kUnknown: why.
  absl::Status cause;
};

// A key with its value, and the commit that wrote it.
struct Entry {
  std::string key;
  std::string value;
  CommitNumber version = 0;
};

struct ScanRange {
  // The keys k with start <= k < end; an empty end is no bound.
  std::string start;
  std::string end;
  // Unless empty: only keys greater than this one.
  std::string start_after;
  // 1 to kMaxPage.
  int limit = 1000;
};

struct ScanPage {
  // Ascending by key; deleted keys are left out.
  std::vector<Entry> entries;
  // Whether the range goes on after the last entry.
  bool more = false;
};

// What one batch of the sequencer took, for metrics.
struct BatchTiming {
  int commits = 0;
  absl::Duration duration;
  bool ok = false;
};

// How many syncs made how many commits durable: commits_per_sync[i] counts the batches of 2^i to
// 2^(i+1)-1 commits. `waiting` is how many commits stand in the queue now.
struct StoreStats {
  std::int64_t commits = 0;
  std::int64_t syncs = 0;
  std::int64_t refused = 0;
  std::int64_t unknown = 0;
  std::int64_t waiting = 0;
  std::vector<std::int64_t> commits_per_sync;
};

// What every implementation takes.
struct StoreOptions {
  // Gives commits their time; not owned, outlives the store. Null: the machine's clock.
  const Clock* clock = nullptr;
  // Commits that wait at most, and their bytes together; one more is RESOURCE_EXHAUSTED, unless it
  // is the only one.
  std::size_t queue_capacity = 4096;
  std::size_t queue_bytes = std::size_t{256} << 20;
  // A batch ends at either bound; a single commit above max_batch_bytes is a batch of its own.
  std::size_t max_batch_commits = 512;
  std::size_t max_batch_bytes = std::size_t{8} << 20;
  // Called on the sequencer's thread after each batch: quick; it may ask Head and Health, no more.
  std::function<void(const BatchTiming&)> on_batch;
};

class Store {
 public:
  virtual ~Store() = default;

  // The number of the last commit.
  virtual CommitNumber Head() const = 0;

  // The values of `keys` as of commit `as_of`, in the same order; none where the key had no value.
  // OUT_OF_RANGE: as_of is negative or beyond the head. INVALID_ARGUMENT: a key is malformed.
  // DATA_LOSS (STORE_CORRUPT): what is stored is damaged. UNAVAILABLE: it cannot be read.
  virtual absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                                CommitNumber as_of) const = 0;

  // One page of a range as of commit `as_of`, shorter than its limit where values are big. Errors
  // as for Get; INVALID_ARGUMENT: bad limit.
  virtual absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const = 0;

  // Commits all or nothing and blocks until the outcome is known to be durable, refused or unknown.
  // An error means that nothing was tried:
  //   INVALID_ARGUMENT    the request is malformed or beyond the limits;
  //   RESOURCE_EXHAUSTED  (OVERLOADED, with RetryInfo) too many commits wait;
  //   UNAVAILABLE         (STORE_UNAVAILABLE) the store takes no commits any more.
  virtual absl::StatusOr<CommitOutcome> Commit(CommitRequest request) = 0;

  // The number of the commit with this id; none if there is none. After Commit answered kUnknown,
  // "none" is final unless the same id is committed again.
  // UNAVAILABLE: it cannot be told now.
  virtual absl::StatusOr<std::optional<CommitNumber>> LookupCommit(absl::string_view id) const = 0;

  // The records of commits `from` (at least 1) and on, in order, at most `limit` (1 to kMaxPage)
  // and fewer where they are big; empty only when `from` is beyond the head. Errors as for Get.
  virtual absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                          int limit) const = 0;

  // Blocks until the head is `number` or more, or `timeout` is over, or `stop` is requested.
  // Returns the head.
  virtual CommitNumber WaitForCommit(CommitNumber number, absl::Duration timeout,
                                     std::stop_token stop = {}) const = 0;

  // OK while commits are taken; else why not.
  virtual absl::Status Health() const = 0;

  virtual StoreStats Stats() const = 0;

  // For verification (chain.h). What commit `number` itself wrote to each of `keys`; no Write where
  // it wrote nothing.
  virtual absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(
      absl::Span<const std::string> keys, CommitNumber number) const = 0;
  // Calls `visit` for every version of every key that is stored, deletions too.
  virtual absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const = 0;
  // The last commit as noted apart from the feed.
  virtual absl::StatusOr<storage::v1::Head> HeadAnchor() const = 0;

  // Copies the store, as it is at some commit from now on, into `folder`, durably, so that it can
  // be opened there; returns that commit. Commits go on meanwhile. `folder` and, if need be, its
  // parent are made. After an error there is no `folder`.
  //   ALREADY_EXISTS (ALREADY_EXISTS)      there is something of that name, which stays as it is;
  //   FAILED_PRECONDITION (CONFIGURATION)  a store of this kind has no copies, or `folder` cannot
  //   be
  //                                        made;
  //   errors as for Get.
  virtual absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const = 0;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_STORE_H_
