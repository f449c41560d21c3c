#include "services/feasibility/score.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "common/base/civil_date.h"
#include "services/feasibility/criteria.h"

namespace trialgate::feasibility {
namespace {

constexpr double kTrialsForFullExperience = 5;
constexpr double kDaysWithoutStartUpPoints = 180;
constexpr double kTrackRecordPseudoPatients = 5;
constexpr absl::civil_diff_t kDaysFresh = 90;
constexpr absl::civil_diff_t kDaysStale = 365;

// The share of `wanted`, which is not empty, that is among `has`.
template <typename List>
double ShareHeld(const std::vector<std::string>& wanted, const List& has) {
  const auto held = std::count_if(wanted.begin(), wanted.end(), [&](const std::string& id) {
    return std::find(has.begin(), has.end(), id) != has.end();
  });
  return static_cast<double>(held) / static_cast<double>(wanted.size());
}

double Speciality(const MatchQuery& query, const SiteView& view) {
  return query.specialities.empty() ? 1.0
                                    : ShareHeld(query.specialities, view.site->specialities());
}

double TrialsOfPhase(const v1::Site& site, v1::Phase phase) {
  int trials = 0;
  for (const v1::PhaseExperience& run : site.phases()) {
    if (run.phase() == phase) trials = std::max(trials, run.trials_five_years());
  }
  return trials;
}

double Experience(const MatchQuery& query, const SiteView& view) {
  double value = 1.0;
  for (const v1::Phase phase : query.phases) {
    value = std::min(value, TrialsOfPhase(*view.site, phase) / kTrialsForFullExperience);
  }
  return value;
}

double Patients(const MatchQuery& query, double expected_patients) {
  if (query.patients_wanted <= 0) return 1.0;
  const double per_site =
      static_cast<double>(query.patients_wanted) / std::max(1, query.sites_wanted);
  return std::min(1.0, expected_patients / per_site);
}

double Headroom(const MatchQuery& query, const SiteView& view) {
  const std::int64_t slots = view.capacity->slots();
  if (slots <= 0) return 0.0;
  std::int64_t least = slots;
  for (const std::int64_t free : FreeSlotsByMonth(query, *view.capacity)) {
    least = std::min(least, free);
  }
  return static_cast<double>(std::max<std::int64_t>(least, 0)) / static_cast<double>(slots);
}

double StartUp(const SiteView& view) {
  return std::max(0.0, 1.0 - view.start_up_days / kDaysWithoutStartUpPoints);
}

double TrackRecord(const SiteView& view) {
  std::int64_t actual = 0;
  std::int64_t claimed = 0;
  for (const v1::RecruitmentHistory& row : view.site->history()) {
    actual += row.actual();
    claimed += row.claimed();
  }
  return std::min(1.0, (static_cast<double>(actual) + kTrackRecordPseudoPatients) /
                           (static_cast<double>(claimed) + kTrackRecordPseudoPatients));
}

double Preferences(const MatchQuery& query, const SiteView& view) {
  const double capabilities =
      query.preferred_capabilities.empty()
          ? 1.0
          : ShareHeld(query.preferred_capabilities, view.site->capabilities());
  if (!query.prefers_regions) return capabilities;
  const bool stands_there =
      view.region != nullptr && std::binary_search(query.regions_preferred.begin(),
                                                   query.regions_preferred.end(), *view.region);
  return 0.5 * capabilities + (stands_there ? 0.5 : 0.0);
}

double Freshness(const MatchQuery& query, const SiteView& view) {
  const auto reviewed = ParseDate(view.site->review().date());
  if (!reviewed.ok()) return 0.0;
  const absl::civil_diff_t age = query.today - *reviewed;
  if (age <= kDaysFresh) return 1.0;
  if (age >= kDaysStale) return 0.0;
  return static_cast<double>(kDaysStale - age) / static_cast<double>(kDaysStale - kDaysFresh);
}

}  // namespace

v1::ScoreParts PartsOf(const MatchQuery& query, const SiteView& view, double expected_patients) {
  const v1::ScoreWeights& weights = query.weights;
  v1::ScoreParts parts;
  parts.set_speciality(weights.speciality() * Speciality(query, view));
  parts.set_experience(weights.experience() * Experience(query, view));
  parts.set_patients(weights.patients() * Patients(query, expected_patients));
  parts.set_headroom(weights.headroom() * Headroom(query, view));
  parts.set_start_up(weights.start_up() * StartUp(view));
  parts.set_track_record(weights.track_record() * TrackRecord(view));
  parts.set_preferences(weights.preferences() * Preferences(query, view));
  parts.set_freshness(weights.freshness() * Freshness(query, view));
  return parts;
}

std::int64_t NanoScore(const v1::ScoreParts& parts) {
  double sum = parts.speciality();
  sum += parts.experience();
  sum += parts.patients();
  sum += parts.headroom();
  sum += parts.start_up();
  sum += parts.track_record();
  sum += parts.preferences();
  sum += parts.freshness();
  return std::llround(sum * 1e9);
}

}  // namespace trialgate::feasibility
