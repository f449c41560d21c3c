// Stored reports computed again: whether they say what the program says of the same inputs.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REPLAY_APP_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REPLAY_APP_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "trialgate/v1/feasibility_service.pb.h"

namespace trialgate::feasibility {

// A revision of `trial_request` ("trialRequests/{id}") as it was asked, as of a commit; nullopt
// where there is none. Requests are not known here, so it is passed in.
using RevisionReader = std::function<absl::StatusOr<std::optional<v1::TrialRequest>>(
    const std::string& trial_request, int revision, store::CommitNumber as_of)>;

// ReplayFeasibilityReport of trialgate.v1.FeasibilityService with the errors documented there, but
// for authentication and the role, which the caller has checked. Thread-safe.
class ReplayApp {
 public:
  // Not owned; they outlive the app. `keys` open what the directory holds of persons.
  ReplayApp(const store::Store* store, const keys::KeyStore* keys, RevisionReader revisions)
      : store_(store), keys_(keys), revisions_(std::move(revisions)) {}

  // DATA_LOSS (STORE_CORRUPT) where the revision or the directory of the report's inputs is not in
  // the store.
  absl::StatusOr<v1::ReplayFeasibilityReportResponse> Replay(
      const v1::ReplayFeasibilityReportRequest& request) const;

 private:
  const store::Store* const store_;
  const keys::KeyStore* const keys_;
  const RevisionReader revisions_;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REPLAY_APP_H_
