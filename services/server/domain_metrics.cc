#include "services/server/domain_metrics.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/directory/capacity.h"
#include "services/directory/validity.h"
#include "services/routing/open_referrals.h"

namespace trialgate::server {
namespace {

using obs::MetricKind;
using obs::Sample;

// Batches hold 512 commits at most.
constexpr int kPerSyncBuckets = 10;

// "ROUTED" for TRIAL_REQUEST_STATE_ROUTED.
std::string StateName(v1::TrialRequestState state) {
  constexpr std::size_t kPrefix = sizeof("TRIAL_REQUEST_STATE_") - 1;
  return v1::TrialRequestState_Name(state).substr(kPrefix);
}

std::vector<Sample> RequestsByState(const intake::WorldView& view) {
  std::vector<Sample> samples;
  for (int i = v1::TRIAL_REQUEST_STATE_ROUTED; i <= v1::TrialRequestState_MAX; ++i) {
    const auto state = static_cast<v1::TrialRequestState>(i);
    const auto found = view.requests_by_state.find(state);
    const bool none = found == view.requests_by_state.end();
    samples.push_back(
        {{{"state", StateName(state)}}, none ? 0 : static_cast<double>(found->second)});
  }
  return samples;
}

// `counts` of every desk, 0 where it has none. A desk that the directory does not know any more may
// still have some.
std::map<std::string, double> OfEveryDesk(const intake::WorldView& view,
                                          const routing::OpenReferrals::Counts& counts) {
  std::map<std::string, double> every;
  for (const auto& [name, desk] : view.directory->desks()) every[name] = 0;
  for (const auto& [name, count] : counts) every[name] = static_cast<double>(count);
  return every;
}

std::vector<Sample> OpenReferralsByDesk(const intake::WorldView& view) {
  const std::map<std::string, double> open = OfEveryDesk(view, view.open_referrals.by_desk);
  std::vector<Sample> samples;
  for (const auto& [name, count] : open) samples.push_back({{{"desk", name}}, count});
  return samples;
}

std::vector<Sample> OverdueReferralsByDesk(const intake::WorldView& view, absl::Time now) {
  std::vector<Sample> samples;
  const auto add = [&](const std::string& what, const routing::OpenReferrals::Due& due) {
    for (const auto& [name, count] : OfEveryDesk(view, routing::Overdue(due, now))) {
      samples.push_back({{{"desk", name}, {"due", what}}, count});
    }
  };
  add("acknowledge", view.open_referrals.acknowledge_due);
  add("answer", view.open_referrals.answer_due);
  return samples;
}

// Of each region that is valid today, `amount` of its sites together.
std::vector<Sample> ByRegion(
    const directory::DirectorySnapshot& directory, absl::Time now,
    absl::FunctionRef<int(const v1::SiteCapacity&, absl::CivilMonth)> amount) {
  const absl::CivilDay today = absl::ToCivilDay(now, directory.time_zone());
  std::map<std::string, double> sums;
  for (const auto& [name, region] : directory.regions()) {
    if (directory.RegionOn(name, today) == name) sums[name] = 0;
  }
  for (const auto& entry : directory.sites()) {
    const v1::Site& site = entry->site;
    if (directory::ValidityOn(site.valid_from(), site.valid_to(), today) !=
        directory::Validity::kValid) {
      continue;
    }
    const auto region = directory.RegionOn(site.region(), today);
    if (!region.has_value()) continue;
    sums[*region] += amount(entry->capacity, absl::CivilMonth(today));
  }
  std::vector<Sample> samples;
  for (const auto& [name, sum] : sums) samples.push_back({{{"region", name}}, sum});
  return samples;
}

int FreeNow(const v1::SiteCapacity& capacity, absl::CivilMonth month) {
  return std::max(0, directory::FreeSlots(capacity, month));
}

int HeldMonths(const v1::SiteCapacity& capacity, absl::CivilMonth /*month*/) {
  int months = 0;
  for (const v1::CapacityHold& hold : capacity.holds()) {
    if (hold.state() == v1::HOLD_STATE_HELD) months += hold.months();
  }
  return months;
}

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

void AddStoreMetrics(const store::Store* store, const store::FeedFollower* follower,
                     obs::MetricsRegistry* registry) {
  registry->AddCallback(MetricKind::kGauge, "trialgate_store_head", "Number of the last commit.",
                        [store]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(store->Head())}};
                        });
  registry->AddCallback(MetricKind::kGauge, "trialgate_store_healthy",
                        "1 while the store takes commits, else 0.",
                        [store]() -> std::vector<Sample> {
                          return {{{}, store->Health().ok() ? 1.0 : 0.0}};
                        });
  registry->AddCallback(MetricKind::kGauge, "trialgate_commits_waiting",
                        "Commits that wait to be written.", [store]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(store->Stats().waiting)}};
                        });
  registry->AddCallback(MetricKind::kCounter, "trialgate_commits_refused_total",
                        "Commits refused as another had changed what they rest on.",
                        [store]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(store->Stats().refused)}};
                        });
  registry->AddCallback(MetricKind::kGauge, "trialgate_follower_lag_commits",
                        "Commits that what is derived in memory has not seen yet.",
                        [store, follower]() -> std::vector<Sample> {
                          // In this order, so that it is never negative.
                          const store::CommitNumber applied = follower->applied_commit();
                          return {{{}, static_cast<double>(store->Head() - applied)}};
                        });
}

void AddReadAuditMetrics(const audit::ReadAuditApp* reads, obs::MetricsRegistry* registry) {
  registry->AddCallback(MetricKind::kGauge, "trialgate_reads_waiting",
                        "Reads of confidential content that wait to be recorded.",
                        [reads]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(reads->waiting())}};
                        });
  registry->AddCallback(MetricKind::kCounter, "trialgate_reads_refused_total",
                        "Reads of confidential content refused as they could not be recorded.",
                        [reads]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(reads->refused())}};
                        });
}

void AddCheckpointMetrics(const audit::CheckpointApp* checkpoints, obs::MetricsRegistry* registry) {
  registry->AddCallback(MetricKind::kGauge, "trialgate_audit_last_checkpoint_commit",
                        "Number of the last commit that a signed checkpoint covers.",
                        [checkpoints]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(checkpoints->last_covered())}};
                        });
  registry->AddCallback(MetricKind::kCounter, "trialgate_audit_checkpoint_failures_total",
                        "Attempts to sign a checkpoint that failed.",
                        [checkpoints]() -> std::vector<Sample> {
                          return {{{}, static_cast<double>(checkpoints->failures())}};
                        });
}

void AddWorldMetrics(const intake::WorldCache* world, const Clock* clock,
                     obs::MetricsRegistry* registry) {
  registry->AddCallback(MetricKind::kGauge, "trialgate_requests", "Trial requests by state.",
                        [world] { return RequestsByState(*world->View()); });
  registry->AddCallback(MetricKind::kGauge, "trialgate_open_referrals",
                        "Referrals that are open, by desk.",
                        [world] { return OpenReferralsByDesk(*world->View()); });
  registry->AddCallback(
      MetricKind::kGauge, "trialgate_overdue_referrals",
      "Open referrals whose acknowledgement or answer is due and not there, by desk.",
      [world, clock] { return OverdueReferralsByDesk(*world->View(), clock->Now()); });
  registry->AddCallback(
      MetricKind::kGauge, "trialgate_free_slots", "Slots free in the current month, by region.",
      [world, clock] { return ByRegion(*world->View()->directory, clock->Now(), FreeNow); });
  registry->AddCallback(
      MetricKind::kGauge, "trialgate_held_slot_months",
      "Slots times months that are held for offers until the requester decides, by region.",
      [world, clock] { return ByRegion(*world->View()->directory, clock->Now(), HeldMonths); });
}

}  // namespace trialgate::server
