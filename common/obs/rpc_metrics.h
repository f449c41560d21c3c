// Metrics of gRPC calls under the names and labels that go-grpc-prometheus made common, so that
// existing dashboards fit.
#ifndef TRIALGATE_COMMON_OBS_RPC_METRICS_H_
#define TRIALGATE_COMMON_OBS_RPC_METRICS_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/obs/metrics.h"

namespace trialgate::obs {

// The code as gRPC's Go library writes it: "InvalidArgument", "Canceled" …; "Unknown" for a number
// that is no code.
absl::string_view CodeName(absl::StatusCode code);

// Of one method. Thread-safe.
class MethodMetrics {
 public:
  enum class Kind { kUnary, kServerStream };

  // Makes every series of the method, at 0, so that rates are right from the first call on.
  // `registry` outlives this.
  MethodMetrics(MetricsRegistry* registry, absl::string_view service, absl::string_view method,
                Kind kind = Kind::kUnary);

  void Started() const { started_.Add(); }
  // Of methods that stream only: a stream has begun, tells something, is there no more.
  void StreamOpened() const { open_->Add(1); }
  void MessageSent() const { sent_->Add(); }
  void StreamClosed() const { open_->Add(-1); }
  // `code` is what the client is told, but OK for a stream that ends in its time; `duration` is
  // from Started, and not noted of streams, which last as long as somebody listens.
  void Handled(absl::StatusCode code, absl::Duration duration) const;

 private:
  const Counter started_;
  const std::vector<Counter> handled_;  // by code
  std::optional<Histogram> seconds_;
  std::optional<Gauge> open_;
  std::optional<Counter> sent_;
};

}  // namespace trialgate::obs

#endif  // TRIALGATE_COMMON_OBS_RPC_METRICS_H_
