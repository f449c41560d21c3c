// Watching referrals: an inbox, or those of a request.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_WATCH_APP_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_WATCH_APP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/stream_source.h"
#include "common/store/store.h"
#include "common/store/watch_hub.h"
#include "services/routing/referral_view_repository.h"
#include "services/routing/request_progress.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate::routing {

// Thread-safe.
class ReferralWatchApp {
 public:
  // Nothing is owned; all outlive this and what it opens.
  ReferralWatchApp(const store::Store* store, store::WatchHub* hub, const RequestProgress* requests)
      : store_(store), hub_(hub), views_(store, requests) {}

  // WatchReferrals, with the errors documented there.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch(const v1::Principal& principal,
                                                           const v1::WatchReferralsRequest& request,
                                                           rpc::StreamWaker waker) const;

 private:
  const store::Store* const store_;
  store::WatchHub* const hub_;
  const ReferralViews views_;
};

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_WATCH_APP_H_
