// What can be done with the trail of changes: list it, verify it.
#ifndef TRIALGATE_SERVICES_AUDIT_AUDIT_APP_H_
#define TRIALGATE_SERVICES_AUDIT_AUDIT_APP_H_

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "trialgate/v1/audit_service.pb.h"

namespace trialgate::audit {

// Commits that one page of a listing looks at, at most: where few of them changed the resource
// asked for, the page has fewer events than asked for, or none, and a token to go on with.
inline constexpr int kMaxScannedPerPage = 10'000;

// Thread-safe.
class AuditApp {
 public:
  // `store` is not owned and outlives this.
  explicit AuditApp(const store::Store* store) : store_(store) {}

  // One page of events, oldest first, up to the newest as of the first page. INVALID_ARGUMENT
  // (INVALID_FIELDS, INVALID_PAGE_TOKEN); errors of the store.
  absl::StatusOr<v1::ListAuditEventsResponse> List(const v1::ListAuditEventsRequest& request) const;

  // Verifies the chain and the data behind it. INVALID_ARGUMENT (INVALID_FIELDS) for numbers that
  // are out of order or beyond the newest; errors of the store.
  absl::StatusOr<v1::VerifyAuditTrailResponse> Verify(
      const v1::VerifyAuditTrailRequest& request) const;

 private:
  const store::Store* const store_;
};

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_AUDIT_APP_H_
