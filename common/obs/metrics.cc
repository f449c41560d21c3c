#include "common/obs/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <utility>

#include "common/base/mutex.h"

namespace trialgate::obs {
namespace {

struct Callback {
  prometheus::MetricType type;
  std::string name;
  std::string help;
  std::function<std::vector<Sample>()> read;
};

prometheus::ClientMetric ToClientMetric(const Sample& sample, prometheus::MetricType type) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = sample.value;
  } else {
    metric.gauge.value = sample.value;
  }
  return metric;
}

}  // namespace

struct MetricsRegistry::State {
  prometheus::Registry registry;
  prometheus::Counter* dropped = nullptr;
  // Held while callbacks run, so that each runs on one thread at a time.
  mutable Mutex mu;
  std::vector<Callback> callbacks ABSL_GUARDED_BY(mu);
};

void Counter::Add(double amount) const { counter_->Increment(amount); }
void Gauge::Set(double value) const { gauge_->Set(value); }
void Gauge::Add(double amount) const { gauge_->Increment(amount); }
void Histogram::Observe(double value) const { histogram_->Observe(value); }

std::vector<double> SecondsBuckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
          0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};
}

std::vector<double> PowerOfTwoBuckets(int count) {
  std::vector<double> buckets;
  double bound = 1;
  for (int i = 0; i < count; ++i, bound *= 2) buckets.push_back(bound);
  return buckets;
}

MetricsRegistry::MetricsRegistry() : state_(std::make_unique<State>()) {
  state_->dropped = AddCounter("trialgate_metrics_samples_dropped_total",
                               "Samples left out because one family had too many.", {})
                        .counter_;
}

MetricsRegistry::~MetricsRegistry() = default;

Counter MetricsRegistry::AddCounter(absl::string_view name, absl::string_view help,
                                    const Labels& labels) {
  return Counter(&prometheus::BuildCounter()
                      .Name(std::string(name))
                      .Help(std::string(help))
                      .Register(state_->registry)
                      .Add(labels));
}

Gauge MetricsRegistry::AddGauge(absl::string_view name, absl::string_view help,
                                const Labels& labels) {
  return Gauge(&prometheus::BuildGauge()
                    .Name(std::string(name))
                    .Help(std::string(help))
                    .Register(state_->registry)
                    .Add(labels));
}

Histogram MetricsRegistry::AddHistogram(absl::string_view name, absl::string_view help,
                                        const Labels& labels, const std::vector<double>& buckets) {
  return Histogram(&prometheus::BuildHistogram()
                        .Name(std::string(name))
                        .Help(std::string(help))
                        .Register(state_->registry)
                        .Add(labels, buckets));
}

void MetricsRegistry::AddCallback(MetricKind kind, absl::string_view name, absl::string_view help,
                                  std::function<std::vector<Sample>()> read) {
  const auto type = kind == MetricKind::kCounter ? prometheus::MetricType::Counter
                                                 : prometheus::MetricType::Gauge;
  MutexLock lock(&state_->mu);
  state_->callbacks.push_back({type, std::string(name), std::string(help), std::move(read)});
}

std::string MetricsRegistry::Expose() const {
  std::vector<prometheus::MetricFamily> families;
  {
    MutexLock lock(&state_->mu);
    for (const Callback& callback : state_->callbacks) {
      prometheus::MetricFamily family;
      family.name = callback.name;
      family.help = callback.help;
      family.type = callback.type;
      const std::vector<Sample> samples = callback.read();
      for (const Sample& sample : samples) {
        if (family.metric.size() == kMaxSamples) {
          state_->dropped->Increment(static_cast<double>(samples.size() - kMaxSamples));
          break;
        }
        family.metric.push_back(ToClientMetric(sample, callback.type));
      }
      families.push_back(std::move(family));
    }
  }
  std::vector<prometheus::MetricFamily> kept = state_->registry.Collect();
  families.insert(families.end(), std::make_move_iterator(kept.begin()),
                  std::make_move_iterator(kept.end()));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace trialgate::obs
