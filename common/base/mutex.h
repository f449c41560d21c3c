// Mutex, MutexLock and CondVar: thin wrappers over the standard library with Clang's thread-safety
// annotations. Not absl::Mutex, because ThreadSanitizer cannot see into the system's Abseil.
//
//   Mutex mu_;
//   CondVar changed_;
//   int count_ ABSL_GUARDED_BY(mu_) = 0;
//
//   MutexLock lock(&mu_);
//   while (count_ == 0) changed_.Wait(&mu_);
#ifndef TRIALGATE_COMMON_BASE_MUTEX_H_
#define TRIALGATE_COMMON_BASE_MUTEX_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace trialgate {

// Not recursive: locking it twice on one thread deadlocks.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mu_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mu_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mu_;
};

// Holds a mutex for the length of a scope.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mu) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu) : mu_(mu) { mu_->Lock(); }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mu_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mu_;
};

// Wakes threads that wait for a condition guarded by a mutex. A wait may return without cause:
// always wait in a loop that tests the condition.
class CondVar {
 public:
  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  // Releases `mu`, which the caller holds, waits, and takes it again.
  void Wait(Mutex* mu) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    std::unique_lock<std::mutex> lock(mu->mu_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }

  // As Wait, but for `timeout` at most (on the steady clock); one of zero or less does not wait.
  // Returns true when the time is over.
  bool WaitFor(Mutex* mu, absl::Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    // A cap keeps "now + timeout" within the clock's range.
    const absl::Duration capped = std::min(timeout, absl::Hours(24 * 365));
    std::unique_lock<std::mutex> lock(mu->mu_, std::adopt_lock);
    const auto status = cv_.wait_for(lock, absl::ToChronoNanoseconds(capped));
    lock.release();
    return status == std::cv_status::timeout;
  }

  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_MUTEX_H_
