// The gRPC face of people.
#ifndef TRIALGATE_SERVICES_PEOPLE_PEOPLE_SERVICE_H_
#define TRIALGATE_SERVICES_PEOPLE_PEOPLE_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/people/people_app.h"

namespace trialgate::people {

// trialgate.v1.PeopleService; `app` is not owned and outlives it.
std::unique_ptr<rpc::Service> NewPeopleService(PeopleApp* app);

}  // namespace trialgate::people

#endif  // TRIALGATE_SERVICES_PEOPLE_PEOPLE_SERVICE_H_
