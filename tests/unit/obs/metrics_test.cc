#include "common/obs/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/obs/process_metrics.h"
#include "common/obs/rpc_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::obs {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(MetricsTest, ACounterIsThereAtZeroAndCounts) {
  MetricsRegistry registry;
  const Counter counter = registry.AddCounter("a_total", "Help.", {{"kind", "x"}});
  EXPECT_THAT(registry.Expose(), AllOf(HasSubstr("# HELP a_total Help.\n# TYPE a_total counter\n"),
                                       HasSubstr("a_total{kind=\"x\"} 0\n")));
  counter.Add();
  counter.Add(2);
  EXPECT_THAT(registry.Expose(), HasSubstr("a_total{kind=\"x\"} 3\n"));
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameSeries) {
  MetricsRegistry registry;
  registry.AddCounter("a_total", "Help.", {{"kind", "x"}}).Add();
  registry.AddCounter("a_total", "Help.", {{"kind", "x"}}).Add();
  registry.AddCounter("a_total", "Help.", {{"kind", "y"}}).Add();
  EXPECT_THAT(registry.Expose(),
              AllOf(HasSubstr("a_total{kind=\"x\"} 2\n"), HasSubstr("a_total{kind=\"y\"} 1\n")));
}

TEST(MetricsTest, AHistogramCountsByBucket) {
  MetricsRegistry registry;
  const Histogram histogram = registry.AddHistogram("b", "Help.", {}, PowerOfTwoBuckets(3));
  for (const double value : {1, 2, 3, 100}) histogram.Observe(value);
  EXPECT_THAT(registry.Expose(),
              AllOf(HasSubstr("b_bucket{le=\"1\"} 1\n"), HasSubstr("b_bucket{le=\"2\"} 2\n"),
                    HasSubstr("b_bucket{le=\"4\"} 3\n"), HasSubstr("b_bucket{le=\"+Inf\"} 4\n"),
                    HasSubstr("b_count 4\n"), HasSubstr("b_sum 106\n")));
}

TEST(MetricsTest, ACallbackIsAskedOnEveryScrape) {
  MetricsRegistry registry;
  int value = 1;
  registry.AddCallback(MetricKind::kGauge, "c", "Help.", [&value]() -> std::vector<Sample> {
    return {{{{"desk", "desks/a \"b\""}}, static_cast<double>(value)}};
  });
  EXPECT_THAT(registry.Expose(), HasSubstr("c{desk=\"desks/a \\\"b\\\"\"} 1\n"));
  value = 2;
  EXPECT_THAT(registry.Expose(), HasSubstr("c{desk=\"desks/a \\\"b\\\"\"} 2\n"));
}

TEST(MetricsTest, SamplesBeyondTheLimitAreDroppedAndCounted) {
  MetricsRegistry registry;
  registry.AddCallback(MetricKind::kGauge, "c", "Help.", [] {
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < kMaxSamples + 5; ++i) {
      samples.push_back({{{"i", absl::StrCat(i)}}, 1});
    }
    return samples;
  });
  const std::string text = registry.Expose();
  EXPECT_THAT(text, HasSubstr(absl::StrCat("c{i=\"", kMaxSamples - 1, "\"} 1\n")));
  EXPECT_THAT(text, Not(HasSubstr(absl::StrCat("c{i=\"", kMaxSamples, "\"}"))));
  EXPECT_THAT(text, HasSubstr("trialgate_metrics_samples_dropped_total 5\n"));
}

TEST(MetricsTest, ManyThreadsCountWithoutLoss) {
  MetricsRegistry registry;
  const Counter counter = registry.AddCounter("a_total", "Help.", {});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([counter] {
      for (int j = 0; j < 1000; ++j) counter.Add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(registry.Expose(), HasSubstr("a_total 4000\n"));
}

TEST(MetricsTest, TheProcessTellsItsMemoryAndFiles) {
  MetricsRegistry registry;
  AddProcessMetrics(&registry);
  const std::string text = registry.Expose();
  for (const std::string name : {"process_resident_memory_bytes", "process_virtual_memory_bytes",
                                 "process_cpu_seconds_total", "process_open_fds", "process_max_fds",
                                 "process_start_time_seconds"}) {
    EXPECT_THAT(text, HasSubstr("\n" + name + " ")) << name;
  }
}

TEST(RpcMetricsTest, EveryCodeOfAMethodIsThereAtZero) {
  MetricsRegistry registry;
  const MethodMetrics metrics(&registry, "s.S", "M");
  const std::string labels = "grpc_method=\"M\",grpc_service=\"s.S\",grpc_type=\"unary\"} ";
  for (int code = 0; code <= 16; ++code) {
    EXPECT_THAT(registry.Expose(),
                HasSubstr(absl::StrCat("grpc_server_handled_total{grpc_code=\"",
                                       std::string(CodeName(static_cast<absl::StatusCode>(code))),
                                       "\",", labels, "0\n")));
  }
  EXPECT_THAT(registry.Expose(), HasSubstr("grpc_server_started_total{" + labels + "0\n"));
}

TEST(RpcMetricsTest, ACodeThatIsNoneCountsAsUnknown) {
  MetricsRegistry registry;
  const MethodMetrics metrics(&registry, "s.S", "M");
  metrics.Handled(static_cast<absl::StatusCode>(99), absl::Milliseconds(3));
  EXPECT_THAT(registry.Expose(), HasSubstr("{grpc_code=\"Unknown\",grpc_method=\"M\",grpc_service="
                                           "\"s.S\",grpc_type=\"unary\"} 1\n"));
}

}  // namespace
}  // namespace trialgate::obs
