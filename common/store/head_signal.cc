#include "common/store/head_signal.h"

#include <chrono>
#include <utility>

namespace trialgate::store {

void HeadSignal::Set(CommitNumber head) {
  MutexLock lock(&mu_);
  head_.store(head, std::memory_order_release);
  moved_.NotifyAll();
}

CommitNumber HeadSignal::Wait(CommitNumber number, absl::Duration timeout,
                              std::stop_token stop) const {
  using SteadyClock = std::chrono::steady_clock;
  const SteadyClock::time_point start = SteadyClock::now();
  // Declared before the lock, so that it goes after it: both ends of its life may run or await the
  // callback, which takes the mutex.
  const std::stop_callback wake(stop, [this] {
    MutexLock lock(&mu_);
    moved_.NotifyAll();
  });
  MutexLock lock(&mu_);
  while (Get() < number && !stop.stop_requested()) {
    const absl::Duration left = timeout - absl::FromChrono(SteadyClock::now() - start);
    if (left <= absl::ZeroDuration()) break;
    moved_.WaitFor(&mu_, left);
  }
  return Get();
}

}  // namespace trialgate::store
