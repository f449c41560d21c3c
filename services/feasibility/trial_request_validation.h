// Whether a trial request is one that can be matched and stored: the rules in the comments of
// trial_request.proto, all faults at once.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_TRIAL_REQUEST_VALIDATION_H_
#define TRIALGATE_SERVICES_FEASIBILITY_TRIAL_REQUEST_VALIDATION_H_

#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

enum class ValidationMode {
  kSubmit,
  // What if: requester and contact may be absent.
  kAssess,
};

// Years from today on by which the first patient is in at the latest.
inline constexpr int kMaxYearsAhead = 10;

// The faults of `request`, in the order of the fields, each with its path below "trial_request.".
// Pure. `directory` has a pack (its vocabulary, regions, sites and organizations are what is
// known); `today` is the day in the country's zone. Besides the proto's comments: the earliest
// first patient in is not before today nor more than kMaxYearsAhead later, the response deadline is
// not before today, no list has a value twice, and codes and documents have what identifies them.
FieldFaults ValidateTrialRequest(const v1::TrialRequest& request,
                                 const directory::DirectorySnapshot& directory,
                                 absl::CivilDay today, ValidationMode mode);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_TRIAL_REQUEST_VALIDATION_H_
