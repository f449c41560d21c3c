// The API's face of trial requests.
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_SERVICE_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/intake/trial_request_app.h"
#include "services/intake/trial_request_watch_app.h"

namespace trialgate::intake {

// trialgate.v1.TrialRequestService. The apps are not owned and outlive the service.
std::unique_ptr<rpc::Service> NewTrialRequestService(TrialRequestApp* app,
                                                     const TrialRequestWatchApp* watch);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_SERVICE_H_
