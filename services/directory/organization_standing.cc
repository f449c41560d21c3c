#include "services/directory/organization_standing.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

absl::Status NotApproved(const v1::Organization& organization, absl::string_view what) {
  const bool proposed = organization.state() == v1::ORGANIZATION_STATE_PROPOSED;
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ORGANIZATION_NOT_APPROVED,
               absl::StrCat(
                   organization.name(),
                   proposed ? " waits for a national coordinator's approval" : " is suspended",
                   "; ", what))
      .WithMetadata("organization", organization.name())
      .WithMetadata("state", proposed ? "PROPOSED" : "SUSPENDED");
}

}  // namespace

absl::Status CheckApproved(absl::string_view organization, const DirectorySnapshot& directory,
                           absl::string_view what) {
  const v1::Organization* const found = directory.FindOrganization(organization);
  if (found == nullptr || (found->state() != v1::ORGANIZATION_STATE_PROPOSED &&
                           found->state() != v1::ORGANIZATION_STATE_SUSPENDED)) {
    return absl::OkStatus();
  }
  return NotApproved(*found, what);
}

absl::Status CheckNotSuspended(const v1::Principal& principal, const DirectorySnapshot& directory) {
  if (principal.role() != v1::ROLE_REQUESTER) return absl::OkStatus();
  const v1::Organization* const found = directory.FindOrganization(principal.organization());
  if (found == nullptr || found->state() != v1::ORGANIZATION_STATE_SUSPENDED) {
    return absl::OkStatus();
  }
  return NotApproved(*found, "it may read and withdraw its requests, and do nothing else");
}

}  // namespace trialgate::directory
