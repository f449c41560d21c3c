// Variants of a request side by side.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_VARIANTS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_VARIANTS_H_

#include <vector>

#include "common/base/errors.h"
#include "trialgate/v1/feasibility_service.pb.h"

namespace trialgate::feasibility {

inline constexpr int kFewestVariants = 2;
inline constexpr int kMostVariants = 8;

// The faults of a comparison, besides those of its trial requests.
FieldFaults CheckVariants(const v1::CompareTrialRequestsRequest& request);

// The summaries of `reports`, one for each of the request's variants, each with all its sites, as
// its reader may see it (HideCapacity).
v1::CompareTrialRequestsResponse CompareReports(const v1::CompareTrialRequestsRequest& request,
                                                const std::vector<v1::FeasibilityReport>& reports);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_VARIANTS_H_
