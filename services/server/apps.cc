#include "services/server/apps.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/store/table.h"
#include "services/access/access_service.h"
#include "services/audit/audit_service.h"
#include "services/directory/directory_service.h"
#include "services/feasibility/feasibility_service.h"
#include "services/intake/trial_request_repository.h"
#include "services/intake/trial_request_service.h"
#include "services/operations/operator_service.h"
#include "services/people/people_service.h"
#include "services/routing/referral_service.h"
#include "services/server/watch_topics.h"

namespace trialgate::server {
namespace {

template <typename Counts>
std::int64_t Sum(const Counts& counts) {
  std::int64_t sum = 0;
  for (const auto& [key, count] : counts) sum += count;
  return sum;
}

// The services of all listeners, so that each can tell what one may at any.
std::vector<std::string> ServiceNames() {
  std::vector<std::string> names;
  for (const char* name :
       {"AuditService", "DirectoryService", "FeasibilityService", "OperatorService",
        "PeopleService", "ReferralService", "TrialRequestService"}) {
    names.push_back(absl::StrCat("trialgate.v1.", name));
  }
  return names;
}

// Reports are seen by whom their requests are.
feasibility::ReportAccess AccessThrough(const intake::TrialRequestApp* requests) {
  return [requests](const v1::Principal& principal, const std::string& request) {
    return requests->ReportSeenBy(principal, request);
  };
}

feasibility::RevisionReader RevisionsIn(const store::Store* store) {
  return [store](const std::string& request, int revision,
                 store::CommitNumber as_of) -> absl::StatusOr<std::optional<v1::TrialRequest>> {
    ABSL_ASSIGN_OR_RETURN(auto row, store::ReadRow(*store, intake::TrialRequestRevisions(),
                                                   intake::RevisionName(request, revision), as_of));
    if (!row.has_value()) return std::nullopt;
    return std::move(row->value);
  };
}

directory::OpenReferralCounter CountThrough(const intake::WorldCache* world) {
  return [world](absl::string_view contact) {
    return world->CaughtUpView()->open_referrals.OfContact(contact);
  };
}

}  // namespace

Apps::Apps(store::Store* store, keys::KeyStore* keys, absl::Duration keep_replaced_keys,
           const Clock* clock, IdGenerator* ids, store::ChainKnowledge audit_knowledge,
           const std::function<void(absl::Duration)>& on_match, std::function<void()> on_follow)
    : store_(store),
      clock_(clock),
      ids_(ids),
      directory_cache_(keys),
      people_guard_(&directory_cache_, store, keys),
      sites_(&directory_cache_),
      world_(&directory_cache_, &sites_),
      collation_(&directory_cache_, keys),
      audit_(store, std::move(audit_knowledge)),
      cdas_(store, &directory_cache_, clock, ids),
      succession_(&collation_),
      directory_(store, &directory_cache_, keys, clock, ids, &succession_),
      directory_edits_({store, &directory_cache_, keys, clock, ids}, CountThrough(&world_)),
      directory_lists_(&directory_cache_, clock),
      endings_(store, &directory_cache_, &succession_, clock, ids),
      packs_(store, keys, &directory_, &succession_, clock),
      requests_(store, &world_, keys, clock, ids, {on_match}),
      referrals_(store, &directory_cache_, &collation_, keys, clock, ids),
      referral_lines_(store, &directory_cache_, &collation_, keys, clock, ids),
      feasibility_(store, &directory_cache_, &sites_, clock, AccessThrough(&requests_), on_match),
      replay_(store, keys, RevisionsIn(store)),
      people_(store, &directory_cache_, keys, clock, ids),
      hub_(&WatchTopics),
      directory_watch_(store, &hub_, &directory_cache_, &directory_),
      request_watch_(store, &hub_, &requests_, &collation_),
      referral_watch_(store, &hub_, &collation_),
      // The hub last: who is woken sees what the caches have.
      follower_(store, {&directory_cache_, &sites_, &world_, &hub_}, std::move(on_follow)),
      retention_(store, &directory_cache_, keys, clock, ids, keep_replaced_keys),
      succession_job_(store, &directory_cache_, &succession_, clock, ids) {}

absl::Status Apps::Start() {
  ABSL_RETURN_IF_ERROR(follower_.Start());
  retention_.Start();
  succession_job_.Start();
  return absl::OkStatus();
}

std::vector<std::unique_ptr<rpc::Service>> Apps::MakeServices() {
  std::vector<std::unique_ptr<rpc::Service>> services;
  services.push_back(audit::NewAuditService(&audit_));
  services.push_back(directory::NewDirectoryService(
      {&directory_, &directory_lists_, &directory_edits_, &directory_watch_, &endings_, &packs_}));
  services.push_back(feasibility::NewFeasibilityService(&feasibility_, &replay_));
  services.push_back(intake::NewTrialRequestService(&requests_, &request_watch_));
  services.push_back(
      routing::NewReferralService({&referrals_, &referral_lines_, &referral_watch_}));
  services.push_back(people::NewPeopleService(&people_));
  services.push_back(access::NewAccessService(&cdas_, ServiceNames()));
  return services;
}

std::vector<std::unique_ptr<rpc::Service>> Apps::MakeOperatorServices(
    operations::ServerControls controls) {
  controls.follower_lag = [this] {
    // In this order, so that it is never negative.
    const store::CommitNumber applied = follower_.applied_commit();
    return store_->Head() - applied;
  };
  controls.trial_requests = [this] { return Sum(world_.View()->requests_by_state); };
  controls.open_referrals = [this] { return Sum(world_.View()->open_referrals.by_desk); };
  operator_ = std::make_unique<operations::OperatorApp>(store_, clock_, ids_, std::move(controls));
  std::vector<std::unique_ptr<rpc::Service>> services;
  services.push_back(operations::NewOperatorService(operator_.get()));
  services.push_back(access::NewAccessService(nullptr, ServiceNames()));
  return services;
}

}  // namespace trialgate::server
