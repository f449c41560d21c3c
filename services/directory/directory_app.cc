#include "services/directory/directory_app.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"
#include "services/directory/edit_rights.h"
#include "services/directory/field_checks.h"
#include "services/directory/pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
// Beyond this a cache that lags is not waited for: the change is stored, and reads come later.
constexpr absl::Duration kCacheWait = absl::Seconds(2);

absl::Status NotFound(absl::string_view type, absl::string_view name) {
  const std::string shown = ShortenUtf8(name, 200);
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat("there is no ", type, " \"", shown, "\""))
      .WithResource(absl::StrCat("trialgate.v1.", type), shown);
}

template <typename Record>
absl::StatusOr<Record> FoundOr(const Record* record, absl::string_view type,
                               absl::string_view name) {
  if (record == nullptr) return NotFound(type, name);
  return *record;
}

struct PageStart {
  std::string after;
  int size = 0;
};

// Where a page begins. `query` is what must be the same for all pages of a listing.
absl::StatusOr<PageStart> StartPage(int page_size, absl::string_view page_token,
                                    absl::string_view query) {
  FieldFaults faults;
  if (page_size < 0 || page_size > kMaxPageSize) {
    faults.Add("page_size", v1::ERROR_REASON_OUT_OF_RANGE,
               absl::StrCat("must be 1 to ", kMaxPageSize, ", or 0 for ", kDefaultPageSize));
  }
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  ABSL_ASSIGN_OR_RETURN(PagePosition position, DecodePageToken(page_token, query));
  return PageStart{std::move(position.after), page_size == 0 ? kDefaultPageSize : page_size};
}

// One page of a map by name: calls `add` for each record that `wanted` lets through, and returns
// the token of the next page.
template <typename Record, typename Wanted, typename Add>
absl::StatusOr<std::string> FillPage(const DirectorySnapshot::ByName<Record>& records,
                                     int page_size, absl::string_view page_token,
                                     absl::string_view query, Wanted wanted, Add add) {
  ABSL_ASSIGN_OR_RETURN(const PageStart start, StartPage(page_size, page_token, query));
  int filled = 0;
  std::string last;
  for (auto at = records.upper_bound(start.after); at != records.end(); ++at) {
    if (!wanted(*at->second)) continue;
    if (filled == start.size) return EncodePageToken(query, {last, 0});
    add(*at->second);
    last = at->first;
    ++filled;
  }
  return std::string();
}

constexpr auto kAll = [](const auto&) { return true; };

}  // namespace

absl::StatusOr<v1::Region> DirectoryApp::GetRegion(const v1::GetRegionRequest& request) const {
  const auto directory = cache_->Snapshot();
  return FoundOr(directory->FindRegion(request.name()), "Region", request.name());
}

absl::StatusOr<v1::Desk> DirectoryApp::GetDesk(const v1::GetDeskRequest& request) const {
  const auto directory = cache_->Snapshot();
  return FoundOr(directory->FindDesk(request.name()), "Desk", request.name());
}

absl::StatusOr<v1::Site> DirectoryApp::GetSite(const v1::GetSiteRequest& request) const {
  const auto directory = cache_->Snapshot();
  const SiteEntry* entry = directory->FindSite(request.name());
  if (entry == nullptr) return NotFound("Site", request.name());
  return entry->site;
}

absl::StatusOr<v1::SiteCapacity> DirectoryApp::GetSiteCapacity(
    const v1::Principal& principal, const v1::GetSiteCapacityRequest& request) const {
  const auto directory = cache_->Snapshot();
  absl::string_view site_name = request.name();
  const bool named = absl::ConsumeSuffix(&site_name, "/capacity");
  const SiteEntry* site = named ? directory->FindSite(site_name) : nullptr;
  if (site == nullptr) return NotFound("SiteCapacity", request.name());
  // From the store: an answer or a decision may have changed the ledger a moment ago.
  ABSL_ASSIGN_OR_RETURN(auto row,
                        store::ReadRow(*store_, SiteCapacities(), request.name(), store_->Head()));
  v1::SiteCapacity capacity;
  capacity.set_name(request.name());
  if (row.has_value()) capacity = FillComputed(row->value);
  capacity.set_etag(EtagOf(row.has_value() ? row->version : 0));
  const absl::CivilDay today = TodayIn(*clock_, directory->time_zone());
  if (!MayEditSite(principal, *directory, site->site.region(), today, "it").ok()) {
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

absl::StatusOr<v1::ListRegionsResponse> DirectoryApp::ListRegions(
    const v1::ListRegionsRequest& request) const {
  v1::ListRegionsResponse response;
  const auto directory = cache_->Snapshot();
  ABSL_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      FillPage(directory->regions(), request.page_size(), request.page_token(), "regions", kAll,
               [&](const v1::Region& region) { *response.add_regions() = region; }));
  return response;
}

absl::StatusOr<v1::ListDesksResponse> DirectoryApp::ListDesks(
    const v1::ListDesksRequest& request) const {
  v1::ListDesksResponse response;
  const auto directory = cache_->Snapshot();
  ABSL_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      FillPage(directory->desks(), request.page_size(), request.page_token(), "desks", kAll,
               [&](const v1::Desk& desk) { *response.add_desks() = desk; }));
  return response;
}

absl::StatusOr<v1::ListContactsResponse> DirectoryApp::ListContacts(
    const v1::ListContactsRequest& request) const {
  v1::ListContactsResponse response;
  const auto directory = cache_->Snapshot();
  if (directory->FindDesk(request.parent()) == nullptr) return NotFound("Desk", request.parent());
  const std::string prefix = absl::StrCat(request.parent(), "/contacts/");
  ABSL_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      FillPage(
          directory->contacts(), request.page_size(), request.page_token(), prefix,
          [&](const v1::Contact& contact) { return absl::StartsWith(contact.name(), prefix); },
          [&](const v1::Contact& contact) { *response.add_contacts() = contact; }));
  return response;
}

absl::StatusOr<v1::ListSitesResponse> DirectoryApp::ListSites(
    const v1::ListSitesRequest& request) const {
  const std::string query = absl::StrCat("sites of ", request.region());
  ABSL_ASSIGN_OR_RETURN(const PageStart start,
                        StartPage(request.page_size(), request.page_token(), query));
  const auto directory = cache_->Snapshot();
  const absl::CivilDay today = TodayIn(*clock_, directory->time_zone());
  const auto stands_there = [&](const v1::Site& site) {
    return request.region().empty() || site.region() == request.region() ||
           directory->RegionOn(site.region(), today) == request.region();
  };
  v1::ListSitesResponse response;
  const auto& sites = directory->sites();
  auto at = std::upper_bound(
      sites.begin(), sites.end(), start.after,
      [](const std::string& after, const auto& entry) { return after < entry->site.name(); });
  for (; at != sites.end(); ++at) {
    if (!stands_there((*at)->site)) continue;
    if (response.sites_size() == start.size) {
      const std::string& last = response.sites(start.size - 1).name();
      response.set_next_page_token(EncodePageToken(query, {last, 0}));
      break;
    }
    *response.add_sites() = (*at)->site;
  }
  return response;
}

absl::StatusOr<v1::ListOrganizationsResponse> DirectoryApp::ListOrganizations(
    const v1::ListOrganizationsRequest& request) const {
  v1::ListOrganizationsResponse response;
  const auto directory = cache_->Snapshot();
  ABSL_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      FillPage(directory->organizations(), request.page_size(), request.page_token(),
               "organizations", kAll, [&](const v1::Organization& organization) {
                 *response.add_organizations() = organization;
               }));
  return response;
}

void DirectoryApp::AwaitCache(store::CommitNumber commit) const {
  cache_->WaitUntilSeen(commit, kCacheWait);
}

}  // namespace trialgate::directory
