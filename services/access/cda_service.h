// The API's face of CDAs.
#ifndef TRIALGATE_SERVICES_ACCESS_CDA_SERVICE_H_
#define TRIALGATE_SERVICES_ACCESS_CDA_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/access/cda_app.h"

namespace trialgate::access {

// trialgate.v1.CdaService. `cdas` is not owned and outlives the service.
std::unique_ptr<rpc::Service> NewCdaService(CdaApp* cdas);

}  // namespace trialgate::access

#endif  // TRIALGATE_SERVICES_ACCESS_CDA_SERVICE_H_
