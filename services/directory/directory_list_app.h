// The directory's lists: in pages, filtered and ordered; many records by name; what should be
// reviewed.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_LIST_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_LIST_APP_H_

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "services/directory/directory_projection.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/directory_service.pb.h"

namespace trialgate::directory {

// The methods of trialgate.v1.DirectoryService with the errors documented there, but for the role,
// which the caller has checked.
//
// Lists: INVALID_ARGUMENT with all that is wrong with page size, filter and order (INVALID_FIELDS;
// INVALID_FILTER or INVALID_ORDER where that is all), or INVALID_PAGE_TOKEN. A page shows what is
// newest, and goes on behind the values ordered by, and the name, of the last record of the page
// before, which the token holds: what is created or changed between two pages may be on neither or
// on both, all else is on exactly one.
//
// Thread-safe. Never waits for the store.
class DirectoryListApp {
 public:
  // Nothing is owned; all outlive this.
  DirectoryListApp(const DirectoryCache* cache, const Clock* clock)
      : cache_(cache), clock_(clock) {}

  absl::StatusOr<v1::ListRegionsResponse> ListRegions(const v1::ListRegionsRequest& request) const;
  absl::StatusOr<v1::ListDesksResponse> ListDesks(const v1::ListDesksRequest& request) const;
  // NOT_FOUND: no such desk.
  absl::StatusOr<v1::ListContactsResponse> ListContacts(
      const v1::ListContactsRequest& request) const;
  // With a region: the sites whose region is that one, or stands for it today.
  absl::StatusOr<v1::ListSitesResponse> ListSites(const v1::ListSitesRequest& request) const;
  absl::StatusOr<v1::ListOrganizationsResponse> ListOrganizations(
      const v1::ListOrganizationsRequest& request) const;
  // A coordinator's: those of the regions that its desks of kind REGION name, and of the sites
  // whose capacity it may set (directory_app.h).
  absl::StatusOr<v1::ListReviewRemindersResponse> ListReviewReminders(
      const v1::Principal& principal, const v1::ListReviewRemindersRequest& request) const;

  // All that are named, as of one commit, or NOT_FOUND.
  absl::StatusOr<v1::BatchGetRegionsResponse> BatchGetRegions(
      const v1::BatchGetRegionsRequest& request) const;
  absl::StatusOr<v1::BatchGetDesksResponse> BatchGetDesks(
      const v1::BatchGetDesksRequest& request) const;
  absl::StatusOr<v1::BatchGetContactsResponse> BatchGetContacts(
      const v1::BatchGetContactsRequest& request) const;
  absl::StatusOr<v1::BatchGetSitesResponse> BatchGetSites(
      const v1::BatchGetSitesRequest& request) const;
  // A requester's own only; another is NOT_FOUND.
  absl::StatusOr<v1::BatchGetOrganizationsResponse> BatchGetOrganizations(
      const v1::Principal& principal, const v1::BatchGetOrganizationsRequest& request) const;

 private:
  const DirectoryCache* const cache_;
  const Clock* const clock_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_LIST_APP_H_
