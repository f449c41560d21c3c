// The ten criteria: whether a site could run a trial, and if not, why not.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_CRITERIA_H_
#define TRIALGATE_SERVICES_FEASIBILITY_CRITERIA_H_

#include <bitset>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

inline constexpr v1::Criterion kFirstCriterion = v1::CRITERION_ACTIVE;
inline constexpr v1::Criterion kLastCriterion = v1::CRITERION_CAPACITY;

// A set of criteria: bit n stands for the criterion with number n.
using CriterionSet = std::bitset<kLastCriterion + 1>;

// The criteria that the site fails; all ten are tested.
CriterionSet FailedCriteria(const MatchQuery& query, const SiteView& view);

// Whether it meets them all: FailedCriteria(query, view).none(), found out with less work.
bool MeetsAllCriteria(const MatchQuery& query, const SiteView& view);

// Sets `missing` and `days_late` of `near_miss`, as their comments in the proto say, for a site
// that fails `criterion`.
void DescribeFailure(const MatchQuery& query, const SiteView& view, v1::Criterion criterion,
                     v1::NearMiss* near_miss);

// Slots − occupied − held in each month of the window; negative where more is used than there is.
absl::InlinedVector<std::int64_t, 64> FreeSlotsByMonth(const MatchQuery& query,
                                                       const v1::SiteCapacity& capacity);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_CRITERIA_H_
