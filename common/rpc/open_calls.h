// How many calls are between their message and their answer.
#ifndef TRIALGATE_COMMON_RPC_OPEN_CALLS_H_
#define TRIALGATE_COMMON_RPC_OPEN_CALLS_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace trialgate::rpc {

// Thread-safe.
class OpenCalls {
 public:
  void Begin() {
    MutexLock lock(&mu_);
    ++open_;
  }

  void End() {
    MutexLock lock(&mu_);
    if (--open_ == 0) none_.NotifyAll();
  }

  // Blocks until none is open, or `timeout` is over. Whether none is.
  bool WaitForNone(absl::Duration timeout) {
    const absl::Time end = absl::Now() + timeout;
    MutexLock lock(&mu_);
    while (open_ > 0) {
      const absl::Duration left = end - absl::Now();
      if (left <= absl::ZeroDuration()) return false;
      none_.WaitFor(&mu_, left);
    }
    return true;
  }

 private:
  Mutex mu_;
  CondVar none_;
  int open_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_OPEN_CALLS_H_
