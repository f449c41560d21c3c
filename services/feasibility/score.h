// The score of an eligible site, 0 to 100, with the parts that it is made of.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_SCORE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_SCORE_H_

#include <array>
#include <cstdint>
#include <optional>

#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// Beyond so many trials of the phase experience counts in full.
inline constexpr int kTrialsForFullExperience = 5;

// What the score reads of a site, wherever it was read from.
struct ScoreFacts {
  int specialities_held = 0;  // of those wanted
  // Of the phases wanted the least; negative counts as 0.
  int least_trials = 0;
  // Over the months of the window, at most `slots`; negative counts as 0.
  std::int64_t least_free = 0;
  std::int64_t slots = 0;
  int start_up_days = 0;
  double track_record = 0;  // TrackRecordOf
  int preferred_held = 0;   // of the preferred capabilities
  bool in_preferred_region = false;
  std::optional<std::int64_t> days_since_review;  // absent: never reviewed
};

ScoreFacts FactsOf(const MatchQuery& query, const SiteView& view);

// min(1, (actual + 5) / (claimed + 5)).
double TrackRecordOf(std::int64_t actual, std::int64_t claimed);

// The points of each part in the order of the proto.
using ScorePoints = std::array<double, 8>;
ScorePoints PointsOf(const MatchQuery& query, const ScoreFacts& facts, double expected_patients);

// The weighted points of each part. `expected_patients` are the site's in the window.
v1::ScoreParts PartsOf(const MatchQuery& query, const SiteView& view, double expected_patients);
v1::ScoreParts ToParts(const ScorePoints& points);

// The sum of the parts in the order of the proto, rounded to 1e-9, as a whole number of 1e-9
// points: scores are compared so.
std::int64_t NanoScore(const ScorePoints& points);
std::int64_t NanoScore(const v1::ScoreParts& parts);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_SCORE_H_
