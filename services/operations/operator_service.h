// The API's face of running the server.
#ifndef TRIALGATE_SERVICES_OPERATIONS_OPERATOR_SERVICE_H_
#define TRIALGATE_SERVICES_OPERATIONS_OPERATOR_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/operations/operator_app.h"

namespace trialgate::operations {

// trialgate.v1.OperatorService. `app` is not owned and outlives it.
std::unique_ptr<rpc::Service> NewOperatorService(OperatorApp* app);

}  // namespace trialgate::operations

#endif  // TRIALGATE_SERVICES_OPERATIONS_OPERATOR_SERVICE_H_
