// Signs checkpoints of the audit trail.
#ifndef TRIALGATE_SERVICES_AUDIT_CHECKPOINT_APP_H_
#define TRIALGATE_SERVICES_AUDIT_CHECKPOINT_APP_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ed25519.h"
#include "common/base/ids.h"
#include "common/base/mutex.h"
#include "common/store/store.h"
#include "services/audit/trail_witness_app.h"

namespace trialgate::audit {

// The action of the events that store a checkpoint.
inline constexpr absl::string_view kCheckpointAction = "SignCheckpoint";

struct CheckpointOptions {
  // A checkpoint is due when so many commits are not covered by one ...
  std::int64_t commits = 1000;
  // ... or when there is one that is not, and the last checkpoint is so old.
  absl::Duration interval = absl::Minutes(10);
  // Told of each checkpoint once it is stored; not owned, outlives the app. Null: nobody is.
  const TrailWitness* witness = nullptr;
};

// Each checkpoint covers the trail up to a commit, and is itself stored by a later one, which alone
// is no reason for another checkpoint. Thread-safe.
class CheckpointApp {
 public:
  // Nothing is owned; all outlive this. Signs nothing by itself before Start.
  CheckpointApp(store::Store* store, const Clock* clock, IdGenerator* ids, Ed25519PrivateKey key,
                const CheckpointOptions& options = {});
  // Ends the thread; signs nothing.
  ~CheckpointApp();
  CheckpointApp(const CheckpointApp&) = delete;
  CheckpointApp& operator=(const CheckpointApp&) = delete;

  // Has a thread sign what is due. Call once. What fails is said in the log and tried again.
  void Start();

  // Ends the thread, then signs what is not covered yet. To be called when nothing is committed any
  // more. May be called again.
  void Stop();

  // Signs if it is due, or with `anyhow` if there is anything to cover. Returns whether it signed.
  // Errors are the store's and the witness's; what the witness could not be told, it is told the
  // next time.
  absl::StatusOr<bool> Sign(bool anyhow = false);

  // The last commit that a checkpoint is known to cover; 0: none.
  store::CommitNumber last_covered() const { return last_covered_; }
  // Attempts of Start and Stop that failed since construction.
  std::int64_t failures() const { return failures_; }

 private:
  void Run();
  void EndThread();
  absl::Status LoadLast() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sign_mu_);
  bool IsDue(store::CommitNumber head, bool anyhow) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(sign_mu_);
  absl::Status TellWitness() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sign_mu_);
  absl::Status Store() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sign_mu_);

  store::Store* const store_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  const Ed25519PrivateKey key_;
  const CheckpointOptions options_;

  // Held while a checkpoint is signed.
  Mutex sign_mu_;
  bool loaded_ ABSL_GUARDED_BY(sign_mu_) = false;
  // Of the last checkpoint: the commit that it covers, and when it was signed.
  store::CommitNumber covered_ ABSL_GUARDED_BY(sign_mu_) = 0;
  absl::Time signed_at_ ABSL_GUARDED_BY(sign_mu_);
  // What the witness must still be told.
  std::optional<WitnessedCommit> untold_ ABSL_GUARDED_BY(sign_mu_);

  std::atomic<store::CommitNumber> last_covered_ = 0;
  std::atomic<std::int64_t> failures_ = 0;

  Mutex mu_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_CHECKPOINT_APP_H_
