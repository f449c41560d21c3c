// The API's face of trial requests.
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_SERVICE_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/intake/trial_request_app.h"

namespace trialgate::intake {

// trialgate.v1.TrialRequestService. `app` is not owned and outlives the service.
std::unique_ptr<rpc::Service> NewTrialRequestService(TrialRequestApp* app);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_SERVICE_H_
