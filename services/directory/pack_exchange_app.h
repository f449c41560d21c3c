// Compares packs with the directory, and gives the directory out as one.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_EXCHANGE_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_EXCHANGE_APP_H_

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "services/directory/directory_app.h"
#include "services/directory/referral_succession.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/pack_diff.pb.h"

namespace trialgate::directory {

// Methods of trialgate.v1.DirectoryService with the errors documented there, but for authentication
// and the role, which the caller has checked. Thread-safe.
class PackExchangeApp {
 public:
  // Nothing is owned; all outlive this. `app` says what of a pack would be refused.
  PackExchangeApp(const store::Store* store, const keys::KeyStore* keys, DirectoryApp* app,
                  const ReferralSuccession* referrals, const Clock* clock)
      : store_(store), keys_(keys), app_(app), referrals_(referrals), clock_(clock) {}

  absl::StatusOr<v1::DiffPackResponse> DiffPack(const v1::Principal& principal,
                                                const v1::DiffPackRequest& request) const;
  absl::StatusOr<v1::ExportPackResponse> ExportPack(const v1::ExportPackRequest& request) const;

 private:
  const store::Store* const store_;
  const keys::KeyStore* const keys_;
  DirectoryApp* const app_;
  const ReferralSuccession* const referrals_;
  const Clock* const clock_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_EXCHANGE_APP_H_
