// A trial request with all that belongs to it, read guarded in a unit of work.
#ifndef TRIALGATE_SERVICES_INTAKE_STORED_REQUEST_REPOSITORY_H_
#define TRIALGATE_SERVICES_INTAKE_STORED_REQUEST_REPOSITORY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/timestamp.pb.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// NOT_FOUND, in the same words whether the request does not exist or may not be seen.
absl::Status RequestNotFound(const std::string& name);

// The request; NOT_FOUND. `version` of the row is the commit that wrote it.
absl::StatusOr<store::Row<v1::TrialRequest>> GetRequest(store::UnitOfWork* work,
                                                        const std::string& name);

// ABORTED (ETAG_MISMATCH) where `etag` is given and is not that of a request that commit `version`
// wrote.
absl::Status CheckRequestEtag(const std::string& etag, store::CommitNumber version);

// The referrals of `request`, in its order. DATA_LOSS (STORE_CORRUPT): one is missing.
absl::StatusOr<std::vector<v1::Referral>> GetReferrals(store::UnitOfWork* work,
                                                       const v1::TrialRequest& request);

// The report of the request's revision, unguarded: it never changes. DATA_LOSS (STORE_CORRUPT).
absl::StatusOr<v1::FeasibilityReport> ReadReport(const store::Store& store,
                                                 const v1::TrialRequest& request,
                                                 store::CommitNumber as_of);

google::protobuf::Timestamp ToTimestamp(absl::Time time);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_STORED_REQUEST_REPOSITORY_H_
