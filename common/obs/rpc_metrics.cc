#include "common/obs/rpc_metrics.h"

#include <array>
#include <string>

namespace trialgate::obs {
namespace {

// The codes by number, as gRPC's Go library writes them: that is what dashboards ask for.
constexpr std::array<absl::string_view, 17> kCodes = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

Labels MethodLabels(absl::string_view service, absl::string_view method, MethodMetrics::Kind kind) {
  return {{"grpc_type", kind == MethodMetrics::Kind::kUnary ? "unary" : "server_stream"},
          {"grpc_service", std::string(service)},
          {"grpc_method", std::string(method)}};
}

std::vector<Counter> HandledByCode(MetricsRegistry* registry, const Labels& method) {
  std::vector<Counter> counters;
  for (const absl::string_view code : kCodes) {
    Labels labels = method;
    labels["grpc_code"] = std::string(code);
    counters.push_back(registry->AddCounter("grpc_server_handled_total",
                                            "Calls answered, by the code of the answer.", labels));
  }
  return counters;
}

}  // namespace

absl::string_view CodeName(absl::StatusCode code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kCodes.size() ? kCodes[index] : "Unknown";
}

MethodMetrics::MethodMetrics(MetricsRegistry* registry, absl::string_view service,
                             absl::string_view method, Kind kind)
    : started_(registry->AddCounter("grpc_server_started_total", "Calls begun.",
                                    MethodLabels(service, method, kind))),
      handled_(HandledByCode(registry, MethodLabels(service, method, kind))) {
  const Labels labels = MethodLabels(service, method, kind);
  if (kind == Kind::kUnary) {
    seconds_ = registry->AddHistogram("grpc_server_handling_seconds",
                                      "Seconds from the begin of a call to its answer.", labels,
                                      SecondsBuckets());
    return;
  }
  open_ = registry->AddGauge("trialgate_streams_open", "Streams that are open.", labels);
  sent_ = registry->AddCounter("grpc_server_msg_sent_total", "Messages of streams that were sent.",
                               labels);
}

void MethodMetrics::Handled(absl::StatusCode code, absl::Duration duration) const {
  const auto index = static_cast<std::size_t>(code);
  handled_[index < handled_.size() ? index : std::size_t{2}].Add();
  if (seconds_.has_value()) seconds_->Observe(absl::ToDoubleSeconds(duration));
}

}  // namespace trialgate::obs
