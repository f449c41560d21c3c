// DirectoryEditApp: organizations.
#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/field_checks.h"
#include "services/directory/organization_standing.h"
#include "services/directory/pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr std::size_t kMinIdBytes = 3;
constexpr char kType[] = "Organization";
constexpr char kStatePrefix[] = "ORGANIZATION_STATE_";

// As it is stored: of APPROVED nothing is said, as by a pack.
v1::Organization ForStore(v1::Organization organization) {
  if (organization.state() == v1::ORGANIZATION_STATE_APPROVED) organization.clear_state();
  organization.clear_etag();
  return organization;
}

void CheckFields(const v1::Organization& organization, Faults* faults) {
  const Place place{"", "organization"};
  CheckOrganization(organization, place, /*name_required=*/false, faults);
  FieldChecks(faults).Source(organization.source(), place.Field("source"));
  CheckTexts(organization, place, faults);
}

EditableFields FieldsFor(const v1::Principal& principal, const v1::Organization& organization) {
  EditableFields fields;
  fields.editable = {"display_name", "size", "country"};
  fields.set_by_server = {"state"};
  if (principal.role() == v1::ROLE_NATIONAL) fields.editable.insert({"type", "source"});
  if (organization.state() == v1::ORGANIZATION_STATE_PROPOSED) fields.editable.insert("type");
  return fields;
}

// Moves an organization to `to`, unless it is there.
template <typename Request>
absl::StatusOr<v1::Organization> Decide(const Request& request, v1::OrganizationState to,
                                        absl::string_view event, Edit* edit) {
  ABSL_ASSIGN_OR_RETURN(const auto row, edit->Find(Organizations(), kType, request.name()));
  ABSL_RETURN_IF_ERROR(edit->Checked());
  ABSL_RETURN_IF_ERROR(edit->CheckEtag(request.etag(), row.version));
  v1::Organization organization = Shown(row.value);
  if (organization.state() == to) {
    const std::string& state = v1::OrganizationState_Name(to);
    return WrongRecordState(
        request.name(), absl::StripPrefix(state, kStatePrefix), event,
        absl::StrCat(request.name(), " is ", absl::StripPrefix(state, kStatePrefix), " already"));
  }
  organization.set_state(to);
  // A decision is no change of what a pack says of it.
  ABSL_RETURN_IF_ERROR(edit->work.Put(Organizations(), request.name(), ForStore(organization)));
  return organization;
}

}  // namespace

absl::StatusOr<v1::Organization> DirectoryEditApp::CreateOrganization(
    const v1::Principal& principal, const v1::CreateOrganizationRequest& request) {
  const auto create = [&](Edit* edit) -> absl::StatusOr<v1::Organization> {
    const bool proposes = principal.role() == v1::ROLE_REQUESTER;
    if (proposes &&
        principal.organization() != absl::StrCat("organizations/", request.organization_id())) {
      return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED,
                   "a requester may propose the organization only that it acts for");
    }
    v1::Organization organization = request.organization();
    const std::string name =
        edit->NewName("organizations", request.organization_id(), "organization_id",
                      organization.name(), "organization.name", kMinIdBytes);
    CheckFields(organization, &edit->faults);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    organization.set_name(name);
    organization.set_state(proposes ? v1::ORGANIZATION_STATE_PROPOSED
                                    : v1::ORGANIZATION_STATE_APPROVED);
    organization.clear_etag();
    ABSL_RETURN_IF_ERROR(edit->Insert(Organizations(), kType, ForStore(organization)));
    return organization;
  };
  return RunEdit<v1::Organization>(tools_, principal, "CreateOrganization", request, create);
}

absl::StatusOr<v1::Organization> DirectoryEditApp::UpdateOrganization(
    const v1::Principal& principal, const v1::UpdateOrganizationRequest& request) {
  const auto update = [&](Edit* edit) -> absl::StatusOr<v1::Organization> {
    const v1::Organization& wanted = request.organization();
    if (principal.role() == v1::ROLE_REQUESTER && principal.organization() != wanted.name()) {
      return NotFoundError(kType, wanted.name());
    }
    ABSL_ASSIGN_OR_RETURN(const auto row, edit->Find(Organizations(), kType, wanted.name()));
    ABSL_RETURN_IF_ERROR(CheckNotSuspended(principal, *edit->directory));
    v1::Organization organization = Shown(row.value);
    ABSL_RETURN_IF_ERROR(MergeEdit(request.update_mask(), wanted,
                                   FieldsFor(principal, organization), "organization",
                                   &organization, &edit->faults)
                             .status());
    CheckFields(organization, &edit->faults);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(wanted.etag(), row.version));
    ABSL_RETURN_IF_ERROR(edit->Save(Organizations(), row, ForStore(organization)));
    return organization;
  };
  return RunEdit<v1::Organization>(tools_, principal, "UpdateOrganization", request, update);
}

absl::StatusOr<v1::Organization> DirectoryEditApp::ApproveOrganization(
    const v1::Principal& principal, const v1::ApproveOrganizationRequest& request) {
  const auto approve = [&](Edit* edit) {
    return Decide(request, v1::ORGANIZATION_STATE_APPROVED, "approve", edit);
  };
  return RunEdit<v1::Organization>(tools_, principal, "ApproveOrganization", request, approve);
}

absl::StatusOr<v1::Organization> DirectoryEditApp::SuspendOrganization(
    const v1::Principal& principal, const v1::SuspendOrganizationRequest& request) {
  const auto suspend = [&](Edit* edit) -> absl::StatusOr<v1::Organization> {
    edit->TakeReason(request.reason(), /*required=*/true);
    return Decide(request, v1::ORGANIZATION_STATE_SUSPENDED, "suspend", edit);
  };
  return RunEdit<v1::Organization>(tools_, principal, "SuspendOrganization", request, suspend);
}

}  // namespace trialgate::directory
