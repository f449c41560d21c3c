// What a store of this process supplies beneath the commit sequencer: versions of keys, the feed,
// and the durable application of a batch. Implementing it gives a whole Store (sequenced_store.h).
#ifndef TRIALGATE_COMMON_STORE_BACKEND_H_
#define TRIALGATE_COMMON_STORE_BACKEND_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/store/store.h"

namespace trialgate::store {

// A commit with its number, time and hash.
struct SequencedCommit {
  storage::v1::CommitRecord record;
  std::vector<Write> writes;  // ascending by key
};

// Thread-safe: one thread calls the first group, any thread the second at the same time.
class Backend {
 public:
  virtual ~Backend() = default;

  // For the sequencer, and only from its thread.

  // Makes all of `batch` durable and readable, in order, or none of it. After an error either may
  // be the case: the sequencer calls LoadHead to learn which.
  virtual absl::Status Apply(absl::Span<const SequencedCommit> batch) = 0;
  // The last commit that was applied; number 0 and the genesis hash before the first. An error ends
  // the taking of commits for good.
  virtual absl::StatusOr<storage::v1::Head> LoadHead() = 0;
  // The commits that wrote the present values of `keys`, in order; 0 where there is no value.
  virtual absl::StatusOr<std::vector<CommitNumber>> Versions(
      absl::Span<const absl::string_view> keys) const = 0;

  // Reads, whose arguments were checked: as_of, from and number lie within the head.

  virtual absl::StatusOr<std::optional<CommitNumber>> FindCommit(absl::string_view id) const = 0;
  virtual absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                                CommitNumber as_of) const = 0;
  virtual absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const = 0;
  virtual absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                          CommitNumber head,
                                                                          int limit) const = 0;
  virtual absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(
      absl::Span<const std::string> keys, CommitNumber number) const = 0;
  virtual absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const = 0;
  // As LoadHead, but whatever became of the sequencer.
  virtual absl::StatusOr<storage::v1::Head> HeadAnchor() const = 0;
  // As Store::CopyTo.
  virtual absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const = 0;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_BACKEND_H_
