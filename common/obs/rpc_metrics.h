// Metrics of gRPC calls under the names and labels that go-grpc-prometheus made common, so that
// existing dashboards fit.
#ifndef TRIALGATE_COMMON_OBS_RPC_METRICS_H_
#define TRIALGATE_COMMON_OBS_RPC_METRICS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/obs/metrics.h"

namespace trialgate::obs {

// The code as gRPC's Go library writes it: "InvalidArgument", "Canceled" …; "Unknown" for a number
// that is no code.
absl::string_view CodeName(absl::StatusCode code);

// Of one unary method. Thread-safe.
class MethodMetrics {
 public:
  // Makes every series of the method, at 0, so that rates are right from the first call on.
  // `registry` outlives this.
  MethodMetrics(MetricsRegistry* registry, absl::string_view service, absl::string_view method);

  void Started() const { started_.Add(); }
  // `code` is what the client is told; `duration` is from Started.
  void Handled(absl::StatusCode code, absl::Duration duration) const;

 private:
  const Counter started_;
  const std::vector<Counter> handled_;  // by code
  const Histogram seconds_;
};

}  // namespace trialgate::obs

#endif  // TRIALGATE_COMMON_OBS_RPC_METRICS_H_
