// The API's face of referrals.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/routing/referral_app.h"
#include "services/routing/referral_line_app.h"
#include "services/routing/referral_watch_app.h"

namespace trialgate::routing {

// The apps are not owned and outlive the service.
struct ReferralApps {
  ReferralApp* app;
  ReferralLineApp* lines;
  const ReferralWatchApp* watch;
};

// trialgate.v1.ReferralService.
std::unique_ptr<rpc::Service> NewReferralService(const ReferralApps& apps);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_SERVICE_H_
