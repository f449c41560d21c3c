// Whether an organization may act for itself now. Pure.
#ifndef TRIALGATE_SERVICES_DIRECTORY_ORGANIZATION_STANDING_H_
#define TRIALGATE_SERVICES_DIRECTORY_ORGANIZATION_STANDING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::directory {

// FAILED_PRECONDITION (ORGANIZATION_NOT_APPROVED; metadata organization, state): the organization
// is proposed or suspended; `what` is what it may not do, such as "nothing can be submitted for
// it". OK for one that is not known, which is a fault of its field.
absl::Status CheckApproved(absl::string_view organization, const DirectorySnapshot& directory,
                           absl::string_view what);

// The same of a principal who acts for an organization that is suspended: it reads what is its own
// and withdraws, and does nothing else. OK for any other principal: a national coordinator may act
// in its stead.
absl::Status CheckNotSuspended(const v1::Principal& principal, const DirectorySnapshot& directory);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_ORGANIZATION_STANDING_H_
