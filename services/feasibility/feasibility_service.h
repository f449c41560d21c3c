// The API's face of the matcher.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_SERVICE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/feasibility/feasibility_app.h"
#include "services/feasibility/replay_app.h"

namespace trialgate::feasibility {

// trialgate.v1.FeasibilityService: requesters and national coordinators assess, compare and plan;
// they and coordinators read stored reports; national coordinators and auditors replay them. The
// apps are not owned and outlive the service.
std::unique_ptr<rpc::Service> NewFeasibilityService(const FeasibilityApp* app,
                                                    const ReplayApp* replay);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_FEASIBILITY_SERVICE_H_
