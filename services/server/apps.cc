#include "services/server/apps.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "services/access/access_service.h"
#include "services/audit/audit_service.h"
#include "services/directory/directory_service.h"
#include "services/feasibility/feasibility_service.h"
#include "services/intake/trial_request_service.h"
#include "services/routing/referral_service.h"

namespace trialgate::server {
namespace {

// Reports are seen by whom their requests are.
feasibility::ReportAccess AccessThrough(const intake::TrialRequestApp* requests) {
  return [requests](const v1::Principal& principal,
                    const std::string& request) -> absl::StatusOr<feasibility::ReportView> {
    feasibility::ReportView view;
    ABSL_ASSIGN_OR_RETURN(view.contacted_sites, requests->ContactedSitesSeenBy(principal, request));
    return view;
  };
}

}  // namespace

Apps::Apps(store::Store* store, const Clock* clock, IdGenerator* ids,
           store::ChainKnowledge audit_knowledge,
           const std::function<void(absl::Duration)>& on_match, std::function<void()> on_follow)
    : world_(&directory_cache_),
      collation_(&directory_cache_),
      audit_(store, std::move(audit_knowledge)),
      cdas_(store, &directory_cache_, clock, ids),
      directory_(store, &directory_cache_, clock, ids),
      requests_(store, &world_, clock, ids, {on_match}),
      referrals_(store, &directory_cache_, &collation_, clock, ids),
      feasibility_(store, &directory_cache_, clock, AccessThrough(&requests_), on_match),
      follower_(store, {&directory_cache_, &world_}, std::move(on_follow)) {}

std::vector<std::unique_ptr<rpc::Service>> Apps::MakeServices() {
  std::vector<std::unique_ptr<rpc::Service>> services;
  services.push_back(audit::NewAuditService(&audit_));
  services.push_back(directory::NewDirectoryService(&directory_));
  services.push_back(feasibility::NewFeasibilityService(&feasibility_));
  services.push_back(intake::NewTrialRequestService(&requests_));
  services.push_back(routing::NewReferralService(&referrals_));
  std::vector<std::string> names;
  for (const auto& service : services) names.push_back(service->full_name());
  services.push_back(access::NewAccessService(&cdas_, std::move(names)));
  return services;
}

}  // namespace trialgate::server
