// Watching one trial request.
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_WATCH_APP_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_WATCH_APP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/stream_source.h"
#include "common/store/store.h"
#include "common/store/watch_hub.h"
#include "services/intake/trial_request_app.h"
#include "services/routing/referral_view_repository.h"
#include "services/routing/request_progress.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::intake {

// Thread-safe.
class TrialRequestWatchApp {
 public:
  // Nothing is owned; all outlive this and what it opens.
  TrialRequestWatchApp(const store::Store* store, store::WatchHub* hub,
                       const TrialRequestApp* requests, const routing::RequestProgress* progress)
      : store_(store), hub_(hub), requests_(requests), views_(store, progress) {}

  // WatchTrialRequest, with the errors documented there. What a CDA shows is recorded as for
  // TrialRequestApp::Get.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch(
      const v1::Principal& principal, const v1::WatchTrialRequestRequest& request,
      rpc::StreamWaker waker) const;

 private:
  const store::Store* const store_;
  store::WatchHub* const hub_;
  const TrialRequestApp* const requests_;
  const routing::ReferralViews views_;
};

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_WATCH_APP_H_
