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
  if (!MaySetCapacity(principal, directory, site).ok()) {
    // Holds name requests, which only those know to whom they were referred.
    capacity.clear_holds();
    capacity.clear_etag();
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

absl::Status DirectoryApp::MaySetCapacity(const v1::Principal& principal,
                                          const DirectorySnapshot& directory,
                                          const v1::Site& site) const {
  if (principal.role() == v1::ROLE_NATIONAL) return absl::OkStatus();
  const absl::CivilDay today = TodayIn(*clock_, directory.time_zone());
  const auto region = directory.RegionOn(site.region(), today);
  const v1::Desk* desk = region.has_value() ? directory.RegionalDeskOn(*region, today) : nullptr;
  const auto& desks = principal.desks();
  if (desk != nullptr && principal.role() == v1::ROLE_COORDINATOR &&
      std::find(desks.begin(), desks.end(), desk->name()) != desks.end()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED,
               absl::StrCat("only a coordinator of ",
                            desk == nullptr ? "the site's regional desk" : desk->name(),
                            ", or a national one, may set this capacity"));
}

void DirectoryApp::AwaitCache(store::CommitNumber commit) const {
  cache_->WaitUntilSeen(commit, kCacheWait);
}

absl::StatusOr<v1::SiteCapacity> DirectoryApp::UpdateSiteCapacity(
    const v1::Principal& principal, const v1::UpdateSiteCapacityRequest& request) {
  const auto directory = cache_->Snapshot();
  v1::SiteCapacity wanted = request.capacity();
  absl::string_view site_name = wanted.name();
  const bool named = absl::ConsumeSuffix(&site_name, "/capacity");
  const SiteEntry* site = named ? directory->FindSite(site_name) : nullptr;
  if (site == nullptr) return NotFound("SiteCapacity", wanted.name());
  ABSL_RETURN_IF_ERROR(MaySetCapacity(principal, *directory, site->site));
  Faults faults;
  CheckCapacity(wanted, {"", "capacity"}, &faults);
  FieldChecks(&faults).Source(wanted.source(), {"", "capacity.source"});
  CheckTexts(wanted, {"", "capacity"}, &faults);
  if (!request.validate_only()) faults.AddAll(store::CheckRequestId(request.request_id()));
  if (!faults.empty()) return FaultsError(faults);
  if (wanted.source().kind() == v1::SOURCE_KIND_UNSPECIFIED) {
    wanted.mutable_source()->set_kind(v1::SOURCE_KIND_DECLARED);
    wanted.mutable_source()->set_as_of(FormatDate(TodayIn(*clock_, directory->time_zone())));
  }

  const auto change = [&](store::UnitOfWork& work) -> absl::StatusOr<v1::SiteCapacity> {
    ABSL_ASSIGN_OR_RETURN(const bool exists, work.RequireExists(Sites(), site->site.name()));
    if (!exists) return NotFound("SiteCapacity", wanted.name());
    ABSL_ASSIGN_OR_RETURN(auto row, work.Get(SiteCapacities(), wanted.name()));
    const std::string etag = EtagOf(row.has_value() ? row->version : 0);
    if (!wanted.etag().empty() && wanted.etag() != etag) {
      return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
                   "the capacity was changed since it was read; read it again")
          .WithMetadata("etag", etag);
    }
    v1::SiteCapacity capacity;
    capacity.set_name(wanted.name());
    if (row.has_value()) capacity = row->value;
    ABSL_RETURN_IF_ERROR(SetSlotsAndDeclared(wanted, Overuse::kRefused, &capacity));
    ABSL_RETURN_IF_ERROR(work.Put(SiteCapacities(), wanted.name(), capacity));
    work.SetEvent(audit::MakeEvent(principal, "UpdateSiteCapacity", "", work.Changes()));
    return FillComputed(capacity);
  };
  if (request.validate_only()) {
    store::UnitOfWork work(store_, store_->Head());
    return change(work);
  }
  ABSL_ASSIGN_OR_RETURN(const store::IdempotentCall call,
                        store::MakeIdempotentCall(principal, "UpdateSiteCapacity",
                                                  request.request_id(), request, clock_->Now()));
  ABSL_ASSIGN_OR_RETURN(
      auto answer, store::RunIdempotent<v1::SiteCapacity>(store_, call, ids_->NewId(), {}, change));
  answer.response.set_etag(EtagOf(answer.commit));
  AwaitCache(answer.commit);
  return std::move(answer.response);
}

absl::StatusOr<v1::Organization> DirectoryApp::CreateOrganization(
    const v1::Principal& principal, const v1::CreateOrganizationRequest& request) {
  Faults faults;
  v1::Organization organization = request.organization();
  organization.clear_etag();
  if (!IsId(request.organization_id(), 3)) {
    faults.Add({"", "organization_id"}, v1::ERROR_REASON_INVALID_FORMAT,
               "must be 3 to 63 lower-case letters, digits and hyphens, beginning with a letter");
  }
  if (!organization.name().empty()) {
    faults.Add({"", "organization.name"}, v1::ERROR_REASON_CONTRADICTION,
               "must be absent: it follows from organization_id");
  }
  CheckOrganization(organization, {"", "organization"}, /*name_required=*/false, &faults);
  FieldChecks(&faults).Source(organization.source(), {"", "organization.source"});
  CheckTexts(organization, {"", "organization"}, &faults);
  faults.AddAll(store::CheckRequestId(request.request_id()));
  if (!faults.empty()) return FaultsError(faults);
  organization.set_name(absl::StrCat("organizations/", request.organization_id()));

  const auto create = [&](store::UnitOfWork& work) -> absl::StatusOr<v1::Organization> {
    ABSL_ASSIGN_OR_RETURN(const auto row, work.Get(Organizations(), organization.name()));
    if (row.has_value()) {
      return Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_ALREADY_EXISTS,
                   absl::StrCat(organization.name(), " exists already; choose another id"))
          .WithResource("trialgate.v1.Organization", organization.name());
    }
    ABSL_RETURN_IF_ERROR(work.Put(Organizations(), organization.name(), organization));
    work.SetEvent(audit::MakeEvent(principal, "CreateOrganization", "", work.Changes()));
    return organization;
  };
  ABSL_ASSIGN_OR_RETURN(const store::IdempotentCall call,
                        store::MakeIdempotentCall(principal, "CreateOrganization",
                                                  request.request_id(), request, clock_->Now()));
  ABSL_ASSIGN_OR_RETURN(
      auto answer, store::RunIdempotent<v1::Organization>(store_, call, ids_->NewId(), {}, create));
  answer.response.set_etag(EtagOf(answer.commit));
  AwaitCache(answer.commit);
  return std::move(answer.response);
}

}  // namespace trialgate::directory
