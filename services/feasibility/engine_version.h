// Reports as earlier engine versions gave them, so that stored ones can be computed again.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_ENGINE_VERSION_H_
#define TRIALGATE_SERVICES_FEASIBILITY_ENGINE_VERSION_H_

#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

//  1  no lever but DROP_CAPABILITY; no counts of eligible sites and near misses, nor of near misses
//     by criterion; no dates in the forecast.
//  2  all of them.
//
// Makes of a report of kEngineVersion (matcher.h) that of `version`. False, and the report is as it
// was, where this program does not have it.
bool ToEngineVersion(int version, v1::FeasibilityReport* report);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_ENGINE_VERSION_H_
