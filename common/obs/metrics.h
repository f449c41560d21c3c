// Metrics in the form that Prometheus reads.
//
//   obs::MetricsRegistry metrics;
//   obs::Histogram match = metrics.AddHistogram("trialgate_match_seconds", "Time of ...", {},
//                                               obs::SecondsBuckets());
//   match.Observe(0.004);
//   metrics.AddCallback(obs::MetricKind::kGauge, "trialgate_requests", "Requests by state",
//                       [&] { return CountByState(); });
//
// Names and labels follow Prometheus's conventions (base units, _total for counters). Labels take
// values from bounded sets only: states, desks, regions, methods; never ids of requests.
#ifndef TRIALGATE_COMMON_OBS_METRICS_H_
#define TRIALGATE_COMMON_OBS_METRICS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace trialgate::obs {

using Labels = std::map<std::string, std::string>;

// Samples of one callback that are told at most; those beyond are left out, which
// trialgate_metrics_samples_dropped_total counts.
inline constexpr std::size_t kMaxSamples = 2000;

// The handles are copied freely, live as long as their registry, and are thread-safe.
class Counter {
 public:
  // `amount` is not negative.
  void Add(double amount = 1) const;

 private:
  friend class MetricsRegistry;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  void Set(double value) const;
  // `amount` may be negative.
  void Add(double amount) const;

 private:
  friend class MetricsRegistry;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  void Observe(double value) const;

 private:
  friend class MetricsRegistry;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  prometheus::Histogram* histogram_;
};

enum class MetricKind { kCounter, kGauge };

struct Sample {
  Labels labels;
  double value = 0;
};

// Upper bounds from 100 µs to 30 s, for times in seconds.
std::vector<double> SecondsBuckets();

// The powers of two from 1 to 2^(count - 1), for small numbers of things.
std::vector<double> PowerOfTwoBuckets(int count);

// Thread-safe.
class MetricsRegistry {
 public:
  MetricsRegistry();
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  // The series of that name and labels, at 0 if it is new. One name has one kind, help and set of
  // label names.
  Counter AddCounter(absl::string_view name, absl::string_view help, const Labels& labels);
  Gauge AddGauge(absl::string_view name, absl::string_view help, const Labels& labels);
  // `buckets` are upper bounds, ascending; the same for all series of a name.
  Histogram AddHistogram(absl::string_view name, absl::string_view help, const Labels& labels,
                         const std::vector<double>& buckets);

  // A family whose samples `read` gives whenever the metrics are asked for. `read` is quick, is
  // called from any thread, by one at a time, and stays valid as long as Expose may be called.
  void AddCallback(MetricKind kind, absl::string_view name, absl::string_view help,
                   std::function<std::vector<Sample>()> read);

  // Everything, in the text format 0.0.4.
  std::string Expose() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace trialgate::obs

#endif  // TRIALGATE_COMMON_OBS_METRICS_H_
