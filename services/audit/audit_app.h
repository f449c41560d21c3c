// What can be done with the trail: list it, verify it, list its signed checkpoints.
#ifndef TRIALGATE_SERVICES_AUDIT_AUDIT_APP_H_
#define TRIALGATE_SERVICES_AUDIT_AUDIT_APP_H_

#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "common/store/chain.h"
#include "common/store/store.h"
#include "trialgate/v1/audit_service.pb.h"

namespace trialgate::audit {

// Commits that one page of a listing looks at, at most: where few of them are asked for, the page
// has fewer events than it may have, or none, and a token to go on with.
inline constexpr int kMaxScannedPerPage = 10'000;

// Bytes of events after which a page ends.
inline constexpr std::size_t kMaxPageBytes = std::size_t{2} << 20;

// Thread-safe.
class AuditApp {
 public:
  // `store` is not owned and outlives this. `knowledge` is what the trail is verified against.
  explicit AuditApp(const store::Store* store, store::ChainKnowledge knowledge = {})
      : store_(store), knowledge_(std::move(knowledge)) {}

  // One page of events, of the trail as of the first page. INVALID_ARGUMENT (INVALID_FIELDS,
  // INVALID_PAGE_TOKEN); errors of the store.
  absl::StatusOr<v1::ListAuditEventsResponse> List(const v1::ListAuditEventsRequest& request) const;

  // One page of checkpoints, oldest first. Errors as above.
  absl::StatusOr<v1::ListAuditCheckpointsResponse> ListCheckpoints(
      const v1::ListAuditCheckpointsRequest& request) const;

  // Verifies the chain, the data behind it and the checkpoints. INVALID_ARGUMENT (INVALID_FIELDS)
  // for numbers that are out of order or beyond the newest; errors of the store.
  absl::StatusOr<v1::VerifyAuditTrailResponse> Verify(
      const v1::VerifyAuditTrailRequest& request) const;

  // One page of events with all that is needed to verify them elsewhere. Errors as of Verify, and
  // INVALID_ARGUMENT (INVALID_PAGE_TOKEN).
  absl::StatusOr<v1::ExportAuditEventsResponse> Export(
      const v1::ExportAuditEventsRequest& request) const;

 private:
  const store::Store* const store_;
  const store::ChainKnowledge knowledge_;
};

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_AUDIT_APP_H_
