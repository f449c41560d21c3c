// The API's face of the matcher.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_SERVICE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/feasibility/feasibility_app.h"

namespace trialgate::feasibility {

// trialgate.v1.FeasibilityService: requesters and national coordinators assess; they and
// coordinators read stored reports. `app` is not owned and outlives the service.
std::unique_ptr<rpc::Service> NewFeasibilityService(const FeasibilityApp* app);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_SERVICE_H_
