// The API's face of referrals.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/routing/referral_app.h"
#include "services/routing/referral_line_app.h"

namespace trialgate::routing {

// trialgate.v1.ReferralService. Neither app is owned; both outlive the service.
std::unique_ptr<rpc::Service> NewReferralService(ReferralApp* app, ReferralLineApp* lines);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_
