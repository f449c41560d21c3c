// What people change in the directory, record by record: they create, edit and end organizations,
// regions, desks, contacts and sites, and set the slots of sites.
//
// Who may call what by role is the service's to check (directory_service.cc); what depends on the
// caller's organization or desks is checked here (edit_rights.h).
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_EDIT_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_EDIT_APP_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/directory/record_edit_app.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/directory_service.pb.h"

namespace trialgate::directory {

// How many referrals are open with a contact; thread-safe. Referrals lie above the directory, which
// knows nothing of them.
using OpenReferralCounter = std::function<std::int64_t(absl::string_view contact)>;

// Thread-safe. Each method as documented in directory_service.proto; errors besides: those of the
// store, of RunUnitOfWork (unit_of_work.h), of request ids (idempotency.h), and of persons' keys. A
// change is seen by the directory's cache before its method returns, unless the cache lags by
// seconds. Of responses with contacts, the persons' fields are references
// (person_reference_repository.h).
class DirectoryEditApp {
 public:
  // Nothing of `tools` is owned; all outlive this. The cache follows the store.
  DirectoryEditApp(const EditTools& tools, OpenReferralCounter open_referrals)
      : tools_(tools), open_referrals_(std::move(open_referrals)) {}

  // organization_edit_app.cc
  absl::StatusOr<v1::Organization> CreateOrganization(const v1::Principal& principal,
                                                      const v1::CreateOrganizationRequest& request);
  absl::StatusOr<v1::Organization> UpdateOrganization(const v1::Principal& principal,
                                                      const v1::UpdateOrganizationRequest& request);
  absl::StatusOr<v1::Organization> ApproveOrganization(
      const v1::Principal& principal, const v1::ApproveOrganizationRequest& request);
  absl::StatusOr<v1::Organization> SuspendOrganization(
      const v1::Principal& principal, const v1::SuspendOrganizationRequest& request);

  // desk_edit_app.cc
  absl::StatusOr<v1::Region> CreateRegion(const v1::Principal& principal,
                                          const v1::CreateRegionRequest& request);
  absl::StatusOr<v1::Region> UpdateRegion(const v1::Principal& principal,
                                          const v1::UpdateRegionRequest& request);
  absl::StatusOr<v1::Desk> CreateDesk(const v1::Principal& principal,
                                      const v1::CreateDeskRequest& request);
  absl::StatusOr<v1::Desk> UpdateDesk(const v1::Principal& principal,
                                      const v1::UpdateDeskRequest& request);

  // contact_edit_app.cc
  absl::StatusOr<v1::Contact> CreateContact(const v1::Principal& principal,
                                            const v1::CreateContactRequest& request);
  absl::StatusOr<v1::Contact> UpdateContact(const v1::Principal& principal,
                                            const v1::UpdateContactRequest& request);
  absl::StatusOr<v1::EndContactResponse> EndContact(const v1::Principal& principal,
                                                    const v1::EndContactRequest& request);
  absl::StatusOr<v1::AddContactAbsenceResponse> AddContactAbsence(
      const v1::Principal& principal, const v1::AddContactAbsenceRequest& request);
  absl::StatusOr<v1::Contact> RemoveContactAbsence(const v1::Principal& principal,
                                                   const v1::RemoveContactAbsenceRequest& request);

  // site_edit_app.cc
  absl::StatusOr<v1::Site> CreateSite(const v1::Principal& principal,
                                      const v1::CreateSiteRequest& request);
  absl::StatusOr<v1::Site> UpdateSite(const v1::Principal& principal,
                                      const v1::UpdateSiteRequest& request);
  absl::StatusOr<v1::Site> MarkSiteReviewed(const v1::Principal& principal,
                                            const v1::MarkSiteReviewedRequest& request);
  absl::StatusOr<v1::EndSiteResponse> EndSite(const v1::Principal& principal,
                                              const v1::EndSiteRequest& request);

  // capacity_edit_app.cc. A source that is absent becomes "declared, today".
  absl::StatusOr<v1::SiteCapacity> UpdateSiteCapacity(const v1::Principal& principal,
                                                      const v1::UpdateSiteCapacityRequest& request);
  absl::StatusOr<v1::SiteCapacity> SetCapacityMonths(const v1::Principal& principal,
                                                     const v1::SetCapacityMonthsRequest& request);

 private:
  const EditTools tools_;
  const OpenReferralCounter open_referrals_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_EDIT_APP_H_
