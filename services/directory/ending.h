// Whether a desk or region may end. Pure.
#ifndef TRIALGATE_SERVICES_DIRECTORY_ENDING_H_
#define TRIALGATE_SERVICES_DIRECTORY_ENDING_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/succession.pb.h"

namespace trialgate::directory {

// The faults of a call that ends `desk`, as it is in `directory`, on `today`: as EndDeskRequest
// says. DANGLING_REFERENCE: the successor is not valid on the day after; SUCCESSOR_CYCLE: it leads
// back here.
FieldFaults CheckEnd(const v1::EndDeskRequest& call, const v1::Desk& desk,
                     const DirectorySnapshot& directory, absl::CivilDay today);
FieldFaults CheckEnd(const v1::EndRegionRequest& call, const v1::Region& region,
                     const DirectorySnapshot& directory, absl::CivilDay today);

// FAILED_PRECONDITION (WRONG_STATE): what is valid to `valid_to` has ended before `today`.
absl::Status CheckNotEnded(absl::string_view name, absl::string_view valid_to,
                           absl::CivilDay today);

// FAILED_PRECONDITION (STILL_NEEDED): without `desk` the country has no secretariat, or one of its
// regions no desk, `after` being the directory in which it has ended.
absl::Status CheckNotNeeded(const v1::Desk& desk, const DirectorySnapshot& after);

// FAILED_PRECONDITION (STILL_NEEDED; metadata sites): sites would stand in no region, or in one
// without a desk, once `region` has ended as in `after`.
absl::Status CheckNotNeeded(const v1::Region& region, const DirectorySnapshot& after);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_ENDING_H_
