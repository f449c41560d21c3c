// The source of the current time, so that tests decide what time it is.
#ifndef TRIALGATE_COMMON_BASE_CLOCK_H_
#define TRIALGATE_COMMON_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace trialgate {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // The current instant. May step back when the machine's clock is set.
  virtual absl::Time Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_CLOCK_H_
