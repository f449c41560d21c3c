// A clock that stands still until a test moves it.
#ifndef TRIALGATE_TESTS_SUPPORT_FAKE_CLOCK_H_
#define TRIALGATE_TESTS_SUPPORT_FAKE_CLOCK_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace trialgate {

// Thread-safe. Starts on Thursday 2026-03-05, 09:00 UTC, unless told otherwise.
class FakeClock final : public Clock {
 public:
  FakeClock() : FakeClock(absl::FromCivil(absl::CivilHour(2026, 3, 5, 9), absl::UTCTimeZone())) {}
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    MutexLock lock(&mu_);
    return now_;
  }
  void Set(absl::Time now) {
    MutexLock lock(&mu_);
    now_ = now;
  }
  void Advance(absl::Duration by) {
    MutexLock lock(&mu_);
    now_ += by;
  }

 private:
  mutable Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_FAKE_CLOCK_H_
