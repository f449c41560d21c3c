// The score of an eligible site, 0 to 100, with the parts that it is made of.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_SCORE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_SCORE_H_

#include <cstdint>

#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// The weighted points of each part. `expected_patients` are the site's in the window.
v1::ScoreParts PartsOf(const MatchQuery& query, const SiteView& view, double expected_patients);

// The sum of the parts in the order of the proto, rounded to 1e-9, as a whole number of 1e-9
// points: scores are compared so.
std::int64_t NanoScore(const v1::ScoreParts& parts);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_SCORE_H_
