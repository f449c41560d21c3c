// The commit sequencer: one thread that gives commits their order, number and hash, and makes them
// durable in batches.
//
// Callers queue up; the thread takes what waits, tests the preconditions of each entry in order
// against the backend and the batch so far, applies the batch in one synced write, and answers all.
// So nobody waits for a lock to commit, and many commits share one sync.
#ifndef TRIALGATE_COMMON_STORE_SEQUENCER_H_
#define TRIALGATE_COMMON_STORE_SEQUENCER_H_

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/store/backend.h"
#include "common/store/head_signal.h"
#include "common/store/store.h"

namespace trialgate::store {

// Thread-safe.
class Sequencer {
 public:
  // `backend` and `head` are not owned and outlive it.
  Sequencer(Backend* backend, HeadSignal* head, const StoreOptions& options);
  // Answers all that was queued. No call may be under way or follow.
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Loads the head and starts the thread; call once, before Commit. An error is the backend's.
  absl::Status Start();

  // See Store::Commit. `request` was checked, its writes ascend by key.
  absl::StatusOr<CommitOutcome> Commit(CommitRequest request);

  // OK until the backend failed for good.
  absl::Status Health() const;

  StoreStats Stats() const;

 private:
  // A caller that waits; lives on its stack.
  struct Pending {
    SequencedCommit commit;
    std::vector<Precondition> preconditions;
    std::size_t bytes = 0;
    bool answered = false;
    absl::StatusOr<CommitOutcome> answer = CommitOutcome();
    CondVar done;
  };
  struct Batch;

  void Run();
  std::vector<Pending*> TakeBatch();
  void Process(const std::vector<Pending*>& taken);
  absl::Status ReadVersions(const std::vector<Pending*>& taken, Batch* batch) const;
  absl::Status Sequence(Pending* pending, Batch* batch);
  void Apply(Batch* batch);
  void Recover(const absl::Status& cause, Batch* batch);
  void Answer(const std::vector<Pending*>& taken);
  void Count(const Batch& batch, absl::Duration duration, bool ok);

  Backend* const backend_;
  HeadSignal* const head_signal_;
  const StoreOptions options_;
  const SystemClock system_clock_;
  const Clock* const clock_;

  // Only the sequencer's thread.
  CommitNumber head_ = 0;
  std::string head_hash_;

  mutable Mutex mu_;
  CondVar work_;
  std::deque<Pending*> queue_ ABSL_GUARDED_BY(mu_);
  std::size_t queue_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status health_ ABSL_GUARDED_BY(mu_);
  StoreStats stats_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_SEQUENCER_H_
