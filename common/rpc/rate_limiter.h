// Each caller's share of calls, as token buckets.
//
// The caller's own excess is RESOURCE_EXHAUSTED (RATE_LIMITED): it alone has called too much, and
// knows when it may again. RESOURCE_EXHAUSTED (OVERLOADED) is another matter: the server has too
// much to do, whoever calls (call_runner.h).
#ifndef TRIALGATE_COMMON_RPC_RATE_LIMITER_H_
#define TRIALGATE_COMMON_RPC_RATE_LIMITER_H_

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "common/obs/metrics.h"
#include "common/rpc/call_gate.h"
#include "common/rpc/rate.h"

namespace trialgate::rpc {

// What one caller may do; the defaults leave room for a portal that works for many people.
struct RateLimits {
  // By class of method.
  RateLimit read = Rate{200, absl::Seconds(1), 400};
  RateLimit list = Rate{50, absl::Seconds(1), 100};
  RateLimit write = Rate{50, absl::Seconds(1), 100};
  RateLimit match = Rate{20, absl::Seconds(1), 60};
  RateLimit bulk = Rate{2, absl::Seconds(1), 60};
  RateLimit watch = Rate{5, absl::Seconds(1), 60};
  // The callers of one organization together may do this many times as much.
  int organization_factor = 4;
  // Calls from one address that fail to prove who calls.
  RateLimit failed_logins = Rate{20, absl::Seconds(1), 200};
};

struct RateLimiterOptions {
  RateLimits limits;
  // Callers that are known at once; as many organizations, and as many addresses.
  std::size_t max_callers = 100'000;
  // Not owned, outlive the limiter. The clock is required; without metrics nothing is counted.
  const Clock* clock = nullptr;
  obs::MetricsRegistry* metrics = nullptr;
};

// A caller is a role with an organization and a subject. Of a requester both are asked: its own
// bucket, then that of its organization, which all of its subjects share; so neither can one
// subject take the share of its colleagues, nor an organization with many subjects that of others.
//
// Counts what it refuses in trialgate_rate_limited_total by class; "login" are addresses. Its cost
// is that of a lock and a look-up or two.
class RateLimiter final : public RateGate {
 public:
  explicit RateLimiter(const RateLimiterOptions& options);
  ~RateLimiter() override;

  absl::Status AdmitPeer(absl::string_view peer) override;
  void NoteFailedLogin(absl::string_view peer) override;
  absl::Status Admit(const CallContext& call, const v1::MethodAccess& access) override;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_RATE_LIMITER_H_
