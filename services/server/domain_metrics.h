// Metrics of what the program is for; those of calls and of the process are in common/obs.
#ifndef TRIALGATE_SERVICES_SERVER_DOMAIN_METRICS_H_
#define TRIALGATE_SERVICES_SERVER_DOMAIN_METRICS_H_

#include "common/base/clock.h"
#include "common/obs/metrics.h"
#include "common/store/projection.h"
#include "common/store/store.h"
#include "services/audit/checkpoint_app.h"
#include "services/audit/read_audit_app.h"
#include "services/intake/world_projection.h"

namespace trialgate::server {

// Times commits; called by the store after each batch.
class CommitMetrics {
 public:
  explicit CommitMetrics(obs::MetricsRegistry* registry);

  void Observe(const store::BatchTiming& batch) const;

 private:
  const obs::Histogram seconds_;
  const obs::Histogram per_sync_;
  const obs::Counter failed_;
};

// Adds what `store` itself knows: its head, whether it takes commits, how many wait and how many it
// refused; and how far `follower` is behind it.
void AddStoreMetrics(const store::Store* store, const store::FeedFollower* follower,
                     obs::MetricsRegistry* registry);

// Adds how many reads of confidential content wait to be recorded, and how many were refused as
// they could not be.
void AddReadAuditMetrics(const audit::ReadAuditApp* reads, obs::MetricsRegistry* registry);

// Adds the last commit that a checkpoint covers, and how often signing failed.
void AddCheckpointMetrics(const audit::CheckpointApp* checkpoints, obs::MetricsRegistry* registry);

// Adds requests by state, open and overdue referrals by desk, and by region, of the sites valid
// today, the free slots in the current month (an overbooked site counts as having none) and the
// months of slots that are held.
void AddWorldMetrics(const intake::WorldCache* world, const Clock* clock,
                     obs::MetricsRegistry* registry);

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_DOMAIN_METRICS_H_
