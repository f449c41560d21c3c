#include "services/directory/directory_app.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"
#include "services/directory/edit_rights.h"
#include "services/directory/field_checks.h"
#include "services/directory/not_found.h"
#include "services/directory/pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

// Beyond this a cache that lags is not waited for: the change is stored, and reads come later.
constexpr absl::Duration kCacheWait = absl::Seconds(2);

template <typename Record>
absl::StatusOr<Record> FoundOr(const Record* record, absl::string_view type,
                               absl::string_view name) {
  if (record == nullptr) return NotFoundError(type, name);
  return *record;
}

}  // namespace

absl::StatusOr<v1::Region> DirectoryApp::GetRegion(const v1::GetRegionRequest& request) const {
  const auto directory = cache_->Snapshot();
  return FoundOr(directory->FindRegion(request.name()), "Region", request.name());
}

absl::StatusOr<v1::Desk> DirectoryApp::GetDesk(const v1::GetDeskRequest& request) const {
  const auto directory = cache_->Snapshot();
  return FoundOr(directory->FindDesk(request.name()), "Desk", request.name());
}

absl::StatusOr<v1::Contact> DirectoryApp::GetContact(const v1::GetContactRequest& request) const {
  const auto directory = cache_->Snapshot();
  return FoundOr(directory->FindContact(request.name()), "Contact", request.name());
}

absl::StatusOr<v1::Site> DirectoryApp::GetSite(const v1::GetSiteRequest& request) const {
  const auto directory = cache_->Snapshot();
  const SiteEntry* entry = directory->FindSite(request.name());
  if (entry == nullptr) return NotFoundError("Site", request.name());
  return entry->site;
}

absl::StatusOr<v1::SiteCapacity> DirectoryApp::GetSiteCapacity(
    const v1::Principal& principal, const v1::GetSiteCapacityRequest& request) const {
  const auto directory = cache_->Snapshot();
  absl::string_view site_name = request.name();
  const bool named = absl::ConsumeSuffix(&site_name, "/capacity");
  const SiteEntry* site = named ? directory->FindSite(site_name) : nullptr;
  if (site == nullptr) return NotFoundError("SiteCapacity", request.name());
  // From the store: an answer or a decision may have changed the ledger a moment ago.
  ABSL_ASSIGN_OR_RETURN(auto row,
                        store::ReadRow(*store_, SiteCapacities(), request.name(), store_->Head()));
  v1::SiteCapacity stored;
  stored.set_name(request.name());
  if (row.has_value()) stored = std::move(row->value);
  stored.set_etag(EtagOf(row.has_value() ? row->version : 0));
  return ShownCapacity(principal, *directory, site->site, stored);
}

v1::SiteCapacity DirectoryApp::ShownCapacity(const v1::Principal& principal,
                                             const DirectorySnapshot& directory,
                                             const v1::Site& site,
                                             const v1::SiteCapacity& stored) const {
  v1::SiteCapacity capacity = FillComputed(stored);
  capacity.set_etag(stored.etag());
  const absl::CivilDay today = TodayIn(*clock_, directory.time_zone());
  if (!MayEditSite(principal, directory, site.region(), today, "it").ok()) {
    // Holds name requests, which only those know to whom they were referred.
    capacity.clear_holds();
    capacity.clear_etag();
    capacity.clear_overbooked_reason();
  }
  return capacity;
}

absl::StatusOr<v1::Organization> DirectoryApp::GetOrganization(
    const v1::Principal& principal, const v1::GetOrganizationRequest& request) const {
  const bool foreign =
      principal.role() == v1::ROLE_REQUESTER && principal.organization() != request.name();
  const auto directory = cache_->Snapshot();
  return FoundOr(foreign ? nullptr : directory->FindOrganization(request.name()), "Organization",
                 request.name());
}

void DirectoryApp::AwaitCache(store::CommitNumber commit) const {
  cache_->WaitUntilSeen(commit, kCacheWait);
}

}  // namespace trialgate::directory
