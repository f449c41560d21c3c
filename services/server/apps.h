// Everything between the store and the ports: what is derived from the feed, and the use cases.
#ifndef TRIALGATE_SERVICES_SERVER_APPS_H_
#define TRIALGATE_SERVICES_SERVER_APPS_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/rpc/handler.h"
#include "common/store/chain.h"
#include "common/store/projection.h"
#include "common/store/store.h"
#include "services/access/cda_app.h"
#include "services/audit/audit_app.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_projection.h"
#include "services/feasibility/feasibility_app.h"
#include "services/intake/answer_collation_app.h"
#include "services/intake/trial_request_app.h"
#include "services/intake/world_projection.h"
#include "services/routing/referral_app.h"

namespace trialgate::server {

// Thread-safe from Start on.
class Apps {
 public:
  // Nothing is owned; all outlive this. `on_match` is told how long each match took; thread-safe.
  // `on_follow` as FeedFollower's on_change.
  // `audit_knowledge` is what the audit trail is verified against.
  Apps(store::Store* store, const Clock* clock, IdGenerator* ids,
       store::ChainKnowledge audit_knowledge, const std::function<void(absl::Duration)>& on_match,
       std::function<void()> on_follow);
  Apps(const Apps&) = delete;
  Apps& operator=(const Apps&) = delete;

  // Derives what is derived from the store as it is, then follows its feed. Call once, before the
  // rest. Errors as FeedFollower::Start.
  absl::Status Start() { return follower_.Start(); }

  // Every service of the API. This outlives them.
  std::vector<std::unique_ptr<rpc::Service>> MakeServices();

  const intake::WorldCache& world() const { return world_; }
  const store::FeedFollower& follower() const { return follower_; }

 private:
  // In order of use.
  directory::DirectoryCache directory_cache_;
  intake::WorldCache world_;
  intake::AnswerCollation collation_;
  audit::AuditApp audit_;
  access::CdaApp cdas_;
  directory::DirectoryApp directory_;
  intake::TrialRequestApp requests_;
  routing::ReferralApp referrals_;
  feasibility::FeasibilityApp feasibility_;
  store::FeedFollower follower_;  // last: its thread uses the caches
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_APPS_H_
