// What is done with CDAs: recorded, read, revoked, and used.
#ifndef TRIALGATE_SERVICES_ACCESS_CDA_APP_H_
#define TRIALGATE_SERVICES_ACCESS_CDA_APP_H_

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/store/store.h"
#include "services/directory/directory_projection.h"
#include "trialgate/v1/access_service.pb.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::access {

// The methods of trialgate.v1.AccessService on CDAs, with the errors documented there, but for
// authentication and the permission, which the caller has checked. What is not the principal's to
// see is NOT_FOUND. Thread-safe.
class CdaApp {
 public:
  // Nothing is owned; all outlive the app.
  CdaApp(store::Store* store, const directory::DirectoryCache* directory, const Clock* clock,
         IdGenerator* ids)
      : store_(store), directory_(directory), clock_(clock), ids_(ids) {}

  absl::StatusOr<v1::Cda> Create(const v1::Principal& principal,
                                 const v1::CreateCdaRequest& request);
  absl::StatusOr<v1::Cda> Get(const v1::Principal& principal,
                              const v1::GetCdaRequest& request) const;
  absl::StatusOr<v1::ListCdasResponse> List(const v1::Principal& principal,
                                            const v1::ListCdasRequest& request) const;
  absl::StatusOr<v1::Cda> Revoke(const v1::Principal& principal,
                                 const v1::RevokeCdaRequest& request);

 private:
  store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  const Clock* const clock_;
  IdGenerator* const ids_;
};

}  // namespace trialgate::access

#endif  // TRIALGATE_SERVICES_ACCESS_CDA_APP_H_
