// What the server signed last, kept apart from the store: against a trail that was put back.
#ifndef TRIALGATE_SERVICES_AUDIT_TRAIL_WITNESS_APP_H_
#define TRIALGATE_SERVICES_AUDIT_TRAIL_WITNESS_APP_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/ids.h"
#include "common/store/store.h"

namespace trialgate::audit {

// The action of the event that says that a trail was put back on purpose.
inline constexpr absl::string_view kAcceptRestoredAction = "AcceptRestoredTrail";

// A commit that a checkpoint covers.
struct WitnessedCommit {
  store::CommitNumber number = 0;
  std::string hash;
};

// A file of one line: "trialgate-audit-witness 1 NUMBER HASH", the hash in hexadecimal. Immutable;
// writes must not overlap.
class TrailWitness {
 public:
  explicit TrailWitness(std::string path) : path_(std::move(path)) {}

  // None if there is no such file. FAILED_PRECONDITION (CONFIGURATION): it cannot be read, or is
  // something else.
  absl::StatusOr<std::optional<WitnessedCommit>> Read() const;

  // Replaces the file as a whole, durably. FAILED_PRECONDITION (CONFIGURATION): it cannot be
  // written.
  absl::Status Write(const WitnessedCommit& commit) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The hash of a commit. DATA_LOSS (STORE_CORRUPT): the feed lacks it; errors of the store.
absl::StatusOr<std::string> HashOfCommit(const store::Store& store, store::CommitNumber number);

// Tests that the trail is the one that was signed last, or goes on from it; to be called before
// anything is committed. FAILED_PRECONDITION (CONFIGURATION): it is not, and nothing must be
// signed, unless its last commit is `accepted`: then a commit says that this trail was put back,
// and the witness is told of it. Where there is no witness yet, the last checkpoint stored is taken
// for true, and the log says so.
absl::Status CheckWitnessedTrail(store::Store* store, IdGenerator* ids, const TrailWitness& witness,
                                 store::CommitNumber accepted);

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_TRAIL_WITNESS_APP_H_
