// The API's face of referrals.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/routing/referral_app.h"

namespace trialgate::routing {

// trialgate.v1.ReferralService. `app` is not owned and outlives the service.
std::unique_ptr<rpc::Service> NewReferralService(ReferralApp* app);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_
