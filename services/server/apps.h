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
#include "common/keys/key_store.h"
#include "common/rpc/handler.h"
#include "common/store/chain.h"
#include "common/store/projection.h"
#include "common/store/store.h"
#include "common/store/watch_hub.h"
#include "services/access/cda_app.h"
#include "services/audit/audit_app.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/directory_list_app.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_watch_app.h"
#include "services/directory/ending_app.h"
#include "services/directory/pack_exchange_app.h"
#include "services/feasibility/feasibility_app.h"
#include "services/feasibility/replay_app.h"
#include "services/intake/answer_collation_app.h"
#include "services/intake/trial_request_app.h"
#include "services/intake/trial_request_watch_app.h"
#include "services/intake/world_projection.h"
#include "services/operations/operator_app.h"
#include "services/people/people_app.h"
#include "services/people/retention_app.h"
#include "services/routing/referral_app.h"
#include "services/routing/referral_line_app.h"
#include "services/routing/referral_watch_app.h"
#include "services/routing/succession_app.h"
#include "services/server/people_guard.h"

namespace trialgate::server {

// Thread-safe from Start on.
class Apps {
 public:
  // Nothing is owned; all outlive this. `on_match` is told how long each match took; thread-safe.
  // `on_follow` as FeedFollower's on_change.
  // `audit_knowledge` is what the audit trail is verified against.
  // `keep_replaced_keys` as RetentionJob's.
  Apps(store::Store* store, keys::KeyStore* keys, absl::Duration keep_replaced_keys,
       const Clock* clock, IdGenerator* ids, store::ChainKnowledge audit_knowledge,
       const std::function<void(absl::Duration)>& on_match, std::function<void()> on_follow);
  Apps(const Apps&) = delete;
  Apps& operator=(const Apps&) = delete;

  // Derives what is derived from the store as it is, then follows its feed. Call once, before the
  // rest; what the program does by itself begins, too. Errors as FeedFollower::Start.
  absl::Status Start();

  // Ends what the program does by itself: from then on only calls commit. May be called again.
  void StopJobs() {
    retention_.Stop();
    succession_job_.Stop();
  }

  // Every service of the API. This outlives them.
  std::vector<std::unique_ptr<rpc::Service>> MakeServices();

  // The services for operators, on a listener of their own. Call once, after Start. Fills in what
  // it knows of `controls` itself: requests, referrals, the follower's lag.
  std::vector<std::unique_ptr<rpc::Service>> MakeOperatorServices(
      operations::ServerControls controls);

  const intake::WorldCache& world() const { return world_; }
  const store::FeedFollower& follower() const { return follower_; }
  // Looks over every request, and completes every answer, where people are concerned.
  const PeopleGuard& people_guard() const { return people_guard_; }

 private:
  store::Store* const store_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  // In order of use.
  directory::DirectoryCache directory_cache_;
  PeopleGuard people_guard_;
  feasibility::SiteIndexCache sites_;
  intake::WorldCache world_;
  intake::AnswerCollation collation_;
  audit::AuditApp audit_;
  access::CdaApp cdas_;
  routing::Succession succession_;
  directory::DirectoryApp directory_;
  directory::DirectoryEditApp directory_edits_;
  directory::DirectoryListApp directory_lists_;
  directory::EndingApp endings_;
  directory::PackExchangeApp packs_;
  intake::TrialRequestApp requests_;
  routing::ReferralApp referrals_;
  routing::ReferralLineApp referral_lines_;
  feasibility::FeasibilityApp feasibility_;
  feasibility::ReplayApp replay_;
  people::PeopleApp people_;
  store::WatchHub hub_;
  directory::DirectoryWatchApp directory_watch_;
  intake::TrialRequestWatchApp request_watch_;
  routing::ReferralWatchApp referral_watch_;
  store::FeedFollower follower_;           // its thread uses the caches and the hub
  people::RetentionJob retention_;         // its thread uses what the follower follows for
  routing::SuccessionJob succession_job_;  // likewise
  std::unique_ptr<operations::OperatorApp> operator_;
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_APPS_H_
