// The head of a store, and the waiting for it to move.
#ifndef TRIALGATE_COMMON_STORE_HEAD_SIGNAL_H_
#define TRIALGATE_COMMON_STORE_HEAD_SIGNAL_H_

#include <atomic>
#include <stop_token>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/store/store.h"

namespace trialgate::store {

// Thread-safe.
class HeadSignal {
 public:
  CommitNumber Get() const { return head_.load(std::memory_order_acquire); }

  // Moves the head forward and wakes those who wait.
  void Set(CommitNumber head);

  // See Store::WaitForCommit.
  CommitNumber Wait(CommitNumber number, absl::Duration timeout, std::stop_token stop) const;

 private:
  mutable Mutex mu_;
  mutable CondVar moved_;
  // Written under mu_, so that no waiter misses a move; read without.
  std::atomic<CommitNumber> head_ = 0;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_HEAD_SIGNAL_H_
