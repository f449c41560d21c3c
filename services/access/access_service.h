// The API's face of who may do what.
#ifndef TRIALGATE_SERVICES_ACCESS_ACCESS_SERVICE_H_
#define TRIALGATE_SERVICES_ACCESS_ACCESS_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "common/rpc/handler.h"
#include "services/access/cda_app.h"

namespace trialgate::access {

// trialgate.v1.AccessService. It tells of the methods of `services`, given by their full names, and
// of its own. `cdas` is not owned and outlives the service; null: methods about CDAs are not
// served.
std::unique_ptr<rpc::Service> NewAccessService(CdaApp* cdas, std::vector<std::string> services);

}  // namespace trialgate::access

#endif  // TRIALGATE_SERVICES_ACCESS_ACCESS_SERVICE_H_
