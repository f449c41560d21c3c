// A clock that starts at a chosen instant and goes on with real time.
#ifndef TRIALGATE_SERVICES_SERVER_SHIFTED_CLOCK_H_
#define TRIALGATE_SERVICES_SERVER_SHIFTED_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace trialgate::server {

// Thread-safe.
class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(absl::Time start) : start_(start) {}

  absl::Time Now() const override {
    return start_ + absl::FromChrono(std::chrono::steady_clock::now() - origin_);
  }

 private:
  const absl::Time start_;
  const std::chrono::steady_clock::time_point origin_ = std::chrono::steady_clock::now();
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_SHIFTED_CLOCK_H_
