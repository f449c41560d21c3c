#include "services/server/domain_metrics.h"

#include "absl/time/time.h"

namespace trialgate::server {
namespace {

using obs::MetricKind;
using obs::Sample;

// Batches hold 512 commits at most.
constexpr int kPerSyncBuckets = 10;

}  // namespace

CommitMetrics::CommitMetrics(obs::MetricsRegistry* registry)
    : seconds_(registry->AddHistogram("trialgate_commit_seconds",
                                      "Seconds in which a commit was written and synced.", {},
                                      obs::SecondsBuckets())),
      per_sync_(registry->AddHistogram("trialgate_commits_per_sync",
                                       "Commits that one sync made durable.", {},
                                       obs::PowerOfTwoBuckets(kPerSyncBuckets))),
      failed_(registry->AddCounter("trialgate_commits_failed_total",
                                   "Commits whose write or sync failed.", {})) {}

void CommitMetrics::Observe(const store::BatchTiming& batch) const {
  if (!batch.ok) return failed_.Add(batch.commits);
  const double seconds = absl::ToDoubleSeconds(batch.duration);
  for (int i = 0; i < batch.commits; ++i) seconds_.Observe(seconds);
  per_sync_.Observe(batch.commits);
}

void AddStoreMetrics(const store::Store* store, obs::MetricsRegistry* registry) {
  registry->AddCallback(MetricKind::kGauge, "trialgate_store_head", "Number of the last commit.",
                        [store]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(store->Head())}};
                        });
  registry->AddCallback(MetricKind::kGauge, "trialgate_store_healthy",
                        "1 while the store takes commits, else 0.",
                        [store]() -> std::vector<Sample> {
                          return {{{}, store->Health().ok() ? 1.0 : 0.0}};
                        });
}

}  // namespace trialgate::server
