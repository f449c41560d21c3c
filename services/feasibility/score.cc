#include "services/feasibility/score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "common/base/civil_date.h"
#include "services/feasibility/criteria.h"

namespace trialgate::feasibility {
namespace {

constexpr double kDaysWithoutStartUpPoints = 180;
constexpr double kTrackRecordPseudoPatients = 5;
constexpr std::int64_t kDaysFresh = 90;
constexpr std::int64_t kDaysStale = 365;

// How many of `wanted` are among `has`.
template <typename List>
int HeldOf(const std::vector<std::string>& wanted, const List& has) {
  return static_cast<int>(std::count_if(wanted.begin(), wanted.end(), [&](const std::string& id) {
    return std::find(has.begin(), has.end(), id) != has.end();
  }));
}

int TrialsOfPhase(const v1::Site& site, v1::Phase phase) {
  int trials = 0;
  for (const v1::PhaseExperience& run : site.phases()) {
    if (run.phase() == phase) trials = std::max(trials, run.trials_five_years());
  }
  return trials;
}

int LeastTrials(const MatchQuery& query, const v1::Site& site) {
  int least = kTrialsForFullExperience;
  for (const v1::Phase phase : query.phases) least = std::min(least, TrialsOfPhase(site, phase));
  return least;
}

std::int64_t LeastFree(const MatchQuery& query, const v1::SiteCapacity& capacity) {
  std::int64_t least = capacity.slots();
  for (const std::int64_t free : FreeSlotsByMonth(query, capacity)) least = std::min(least, free);
  return least;
}

// The share of `wanted`, which may be empty, that is held.
double Share(int held, const std::vector<std::string>& wanted) {
  return wanted.empty() ? 1.0 : static_cast<double>(held) / static_cast<double>(wanted.size());
}

double Experience(const MatchQuery& query, const ScoreFacts& facts) {
  if (query.phases.empty()) return 1.0;
  return std::min(1.0, std::max(facts.least_trials, 0) / double{kTrialsForFullExperience});
}

double Patients(const MatchQuery& query, double expected_patients) {
  if (query.patients_wanted <= 0) return 1.0;
  const double per_site =
      static_cast<double>(query.patients_wanted) / std::max(1, query.sites_wanted);
  return std::min(1.0, expected_patients / per_site);
}

double Headroom(const ScoreFacts& facts) {
  if (facts.slots <= 0) return 0.0;
  return static_cast<double>(std::max<std::int64_t>(facts.least_free, 0)) /
         static_cast<double>(facts.slots);
}

double StartUp(const ScoreFacts& facts) {
  return std::max(0.0, 1.0 - facts.start_up_days / kDaysWithoutStartUpPoints);
}

double Preferences(const MatchQuery& query, const ScoreFacts& facts) {
  const double capabilities = Share(facts.preferred_held, query.preferred_capabilities);
  if (!query.prefers_regions) return capabilities;
  return 0.5 * capabilities + (facts.in_preferred_region ? 0.5 : 0.0);
}

double Freshness(const ScoreFacts& facts) {
  if (!facts.days_since_review.has_value()) return 0.0;
  const std::int64_t age = *facts.days_since_review;
  if (age <= kDaysFresh) return 1.0;
  if (age >= kDaysStale) return 0.0;
  return static_cast<double>(kDaysStale - age) / static_cast<double>(kDaysStale - kDaysFresh);
}

}  // namespace

double TrackRecordOf(std::int64_t actual, std::int64_t claimed) {
  return std::min(1.0, (static_cast<double>(actual) + kTrackRecordPseudoPatients) /
                           (static_cast<double>(claimed) + kTrackRecordPseudoPatients));
}

ScoreFacts FactsOf(const MatchQuery& query, const SiteView& view) {
  ScoreFacts facts;
  facts.specialities_held = HeldOf(query.specialities, view.site->specialities());
  facts.least_trials = LeastTrials(query, *view.site);
  facts.least_free = LeastFree(query, *view.capacity);
  facts.slots = view.capacity->slots();
  facts.start_up_days = view.start_up_days;
  std::int64_t actual = 0;
  std::int64_t claimed = 0;
  for (const v1::RecruitmentHistory& row : view.site->history()) {
    actual += row.actual();
    claimed += row.claimed();
  }
  facts.track_record = TrackRecordOf(actual, claimed);
  facts.preferred_held = HeldOf(query.preferred_capabilities, view.site->capabilities());
  facts.in_preferred_region =
      view.region != nullptr && std::binary_search(query.regions_preferred.begin(),
                                                   query.regions_preferred.end(), *view.region);
  const auto reviewed = ParseDate(view.site->review().date());
  if (reviewed.ok()) facts.days_since_review = query.today - *reviewed;
  return facts;
}

ScorePoints PointsOf(const MatchQuery& query, const ScoreFacts& facts, double expected_patients) {
  const v1::ScoreWeights& weights = query.weights;
  return {weights.speciality() * Share(facts.specialities_held, query.specialities),
          weights.experience() * Experience(query, facts),
          weights.patients() * Patients(query, expected_patients),
          weights.headroom() * Headroom(facts),
          weights.start_up() * StartUp(facts),
          weights.track_record() * facts.track_record,
          weights.preferences() * Preferences(query, facts),
          weights.freshness() * Freshness(facts)};
}

v1::ScoreParts ToParts(const ScorePoints& points) {
  v1::ScoreParts parts;
  parts.set_speciality(points[0]);
  parts.set_experience(points[1]);
  parts.set_patients(points[2]);
  parts.set_headroom(points[3]);
  parts.set_start_up(points[4]);
  parts.set_track_record(points[5]);
  parts.set_preferences(points[6]);
  parts.set_freshness(points[7]);
  return parts;
}

v1::ScoreParts PartsOf(const MatchQuery& query, const SiteView& view, double expected_patients) {
  return ToParts(PointsOf(query, FactsOf(query, view), expected_patients));
}

std::int64_t NanoScore(const ScorePoints& points) {
  double sum = points[0];
  for (std::size_t i = 1; i < points.size(); ++i) sum += points[i];
  return std::llround(sum * 1e9);
}

std::int64_t NanoScore(const v1::ScoreParts& parts) {
  return NanoScore(ScorePoints{parts.speciality(), parts.experience(), parts.patients(),
                               parts.headroom(), parts.start_up(), parts.track_record(),
                               parts.preferences(), parts.freshness()});
}

}  // namespace trialgate::feasibility
