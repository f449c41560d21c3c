#include "services/directory/directory_list_app.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/filter/list_query.h"
#include "services/directory/directory_list_fields.h"
#include "services/directory/not_found.h"
#include "services/directory/review_reminders.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using filter::CallFaults;
using filter::FieldTable;
using filter::ListQuery;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;

// Names of one batch that are told one by one where they are missing.
constexpr std::size_t kMaxMissingTold = 300;

// A list call, read and checked.
template <typename Record>
struct ListCall {
  ListQuery<Record> query;
  // What must be the same for all pages of the listing.
  std::string text;
  int size;
  // Key of the last record of the page before.
  std::string after;
};

// `order_by` is the call's, or the one that the list always has; `scope` says what else the list
// depends on. The faults of other fields are in `faults` already.
template <typename Record, typename Request>
absl::StatusOr<ListCall<Record>> ReadCall(const FieldTable<Record>& fields, const Request& request,
                                          absl::string_view order_by, absl::string_view scope,
                                          CallFaults* faults) {
  const int size = request.page_size();
  if (size < 0 || size > kMaxPageSize) {
    faults->fields()->Add(
        "page_size", v1::ERROR_REASON_OUT_OF_RANGE,
        absl::StrCat("must be 1 to ", kMaxPageSize, ", or 0 for ", kDefaultPageSize));
  }
  ListQuery<Record> query(fields, {request.filter(), order_by}, faults);
  ABSL_RETURN_IF_ERROR(faults->ToStatus());
  std::string text = absl::StrCat(Request::descriptor()->name(), "\n", request.filter(), "\n",
                                  order_by, "\n", scope);
  ABSL_ASSIGN_OR_RETURN(PagePosition position, DecodePageToken(request.page_token(), text));
  return ListCall<Record>{std::move(query), std::move(text), size == 0 ? kDefaultPageSize : size,
                          std::move(position.after)};
}

template <typename Record, typename Request>
absl::StatusOr<ListCall<Record>> ReadCall(const FieldTable<Record>& fields, const Request& request,
                                          absl::string_view scope = "") {
  CallFaults faults;
  return ReadCall(fields, request, request.order_by(), scope, &faults);
}

// Calls `add` for each record of the page, and returns the token of the next. `records` are ordered
// by name.
template <typename Record, typename Add>
std::string FillPage(const ListCall<Record>& call, const std::vector<const Record*>& records,
                     Add add) {
  struct Found {
    std::string key;
    const Record* record;
  };
  std::vector<Found> found;
  const auto size = static_cast<std::size_t>(call.size);
  for (const Record* const record : records) {
    std::string key = call.query.KeyOf(*record);
    if (key <= call.after || !call.query.Matches(*record)) continue;
    found.push_back({std::move(key), record});
    if (!call.query.orders() && found.size() > size) break;
  }
  // One more than the page takes shows whether there is another.
  const std::size_t sorted = std::min(found.size(), size + 1);
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(sorted), found.end(),
                    [](const Found& a, const Found& b) { return a.key < b.key; });
  for (std::size_t i = 0; i < std::min(sorted, size); ++i) add(*found[i].record);
  return sorted > size ? EncodePageToken(call.text, {found[size - 1].key, 0}) : std::string();
}

// Pointers to those records of a map by name that `wanted` lets through.
template <typename Record, typename Wanted>
std::vector<const Record*> Pick(const DirectorySnapshot::ByName<Record>& records, Wanted wanted) {
  std::vector<const Record*> picked;
  for (const auto& [name, record] : records) {
    if (wanted(*record)) picked.push_back(record.get());
  }
  return picked;
}

constexpr auto kAll = [](const auto&) { return true; };

// Calls `add` for the record of each name; `find` gives it, or nullptr. Nothing is added but all.
template <typename Request, typename Find, typename Add>
absl::Status GetBatch(const Request& request, absl::string_view type, Find find, Add add) {
  FieldFaults faults;
  if (request.names().empty()) faults.Add("names", v1::ERROR_REASON_REQUIRED, "must be given");
  if (request.names_size() > kMaxPageSize) {
    faults.Add("names", v1::ERROR_REASON_TOO_MANY, absl::StrCat("must be at most ", kMaxPageSize));
  }
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  std::set<absl::string_view> seen;
  std::vector<int> missing;
  for (int i = 0; i < request.names_size(); ++i) {
    if (!seen.insert(request.names(i)).second) {
      faults.Add(absl::StrCat("names[", i, "]"), v1::ERROR_REASON_DUPLICATE,
                 "must be given only once");
    }
    if (find(request.names(i)) == nullptr) missing.push_back(i);
  }
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  if (!missing.empty()) {
    Error error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
                absl::StrCat("of ", request.names_size(), " names ", missing.size(),
                             missing.size() == 1 ? " is that of no " : " are those of no ", type));
    if (missing.size() > kMaxMissingTold) {
      error.WithMetadata("faults_total", absl::StrCat(missing.size()));
      missing.resize(kMaxMissingTold);
    }
    for (const int i : missing) {
      error.WithFieldViolation(absl::StrCat("names[", i, "]"), v1::ERROR_REASON_NOT_FOUND,
                               NotFoundError(type, request.names(i)).message());
    }
    return error;
  }
  for (const std::string& name : request.names()) add(*find(name));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ListRegionsResponse> DirectoryListApp::ListRegions(
    const v1::ListRegionsRequest& request) const {
  ABSL_ASSIGN_OR_RETURN(const auto call, ReadCall(RegionFields(), request));
  const auto directory = cache_->Snapshot();
  v1::ListRegionsResponse response;
  response.set_next_page_token(
      FillPage(call, Pick(directory->regions(), kAll),
               [&](const v1::Region& region) { *response.add_regions() = region; }));
  return response;
}

absl::StatusOr<v1::ListDesksResponse> DirectoryListApp::ListDesks(
    const v1::ListDesksRequest& request) const {
  ABSL_ASSIGN_OR_RETURN(const auto call, ReadCall(DeskFields(), request));
  const auto directory = cache_->Snapshot();
  v1::ListDesksResponse response;
  response.set_next_page_token(
      FillPage(call, Pick(directory->desks(), kAll),
               [&](const v1::Desk& desk) { *response.add_desks() = desk; }));
  return response;
}

absl::StatusOr<v1::ListContactsResponse> DirectoryListApp::ListContacts(
    const v1::ListContactsRequest& request) const {
  const auto directory = cache_->Snapshot();
  if (directory->FindDesk(request.parent()) == nullptr) {
    return NotFoundError("Desk", request.parent());
  }
  ABSL_ASSIGN_OR_RETURN(const auto call, ReadCall(ContactFields(), request, request.parent()));
  v1::ListContactsResponse response;
  response.set_next_page_token(
      FillPage(call, directory->ContactsOf(request.parent()),
               [&](const v1::Contact& contact) { *response.add_contacts() = contact; }));
  return response;
}

absl::StatusOr<v1::ListSitesResponse> DirectoryListApp::ListSites(
    const v1::ListSitesRequest& request) const {
  ABSL_ASSIGN_OR_RETURN(const auto call, ReadCall(SiteFields(), request, request.region()));
  const auto directory = cache_->Snapshot();
  const absl::CivilDay today = TodayIn(*clock_, directory->time_zone());
  std::vector<const v1::Site*> sites;
  for (const auto& entry : directory->sites()) {
    const std::string& region = entry->site.region();
    if (request.region().empty() || region == request.region() ||
        directory->RegionOn(region, today) == request.region()) {
      sites.push_back(&entry->site);
    }
  }
  v1::ListSitesResponse response;
  response.set_next_page_token(
      FillPage(call, sites, [&](const v1::Site& site) { *response.add_sites() = site; }));
  return response;
}

absl::StatusOr<v1::ListOrganizationsResponse> DirectoryListApp::ListOrganizations(
    const v1::ListOrganizationsRequest& request) const {
  ABSL_ASSIGN_OR_RETURN(const auto call, ReadCall(OrganizationFields(), request));
  const auto directory = cache_->Snapshot();
  v1::ListOrganizationsResponse response;
  response.set_next_page_token(FillPage(
      call, Pick(directory->organizations(), kAll),
      [&](const v1::Organization& organization) { *response.add_organizations() = organization; }));
  return response;
}

absl::StatusOr<v1::ListReviewRemindersResponse> DirectoryListApp::ListReviewReminders(
    const v1::Principal& principal, const v1::ListReviewRemindersRequest& request) const {
  CallFaults faults;
  const std::string& before = request.stale_before();
  if (!before.empty()) {
    const auto date = ParseDate(before);
    if (!date.ok()) {
      faults.fields()->Add("stale_before", v1::ERROR_REASON_INVALID_FORMAT,
                           std::string(date.status().message()));
    }
  }
  const std::string scope =
      absl::StrCat(principal.role(), "\n", absl::StrJoin(principal.desks(), ","), "\n", before);
  ABSL_ASSIGN_OR_RETURN(const auto call, ReadCall(ReviewReminderFields(), request,
                                                  "review_date, resource, topic", scope, &faults));
  const auto directory = cache_->Snapshot();
  const std::vector<v1::ReviewReminder> reminders =
      ReviewRemindersOf(principal, *directory, TodayIn(*clock_, directory->time_zone()));
  std::vector<const v1::ReviewReminder*> stale;
  for (const v1::ReviewReminder& reminder : reminders) {
    // ISO dates of four-digit years order as text; never reviewed is stale by any date.
    if (before.empty() || reminder.review_date() < before || reminder.faults_size() > 0) {
      stale.push_back(&reminder);
    }
  }
  v1::ListReviewRemindersResponse response;
  response.set_next_page_token(FillPage(call, stale, [&](const v1::ReviewReminder& reminder) {
    *response.add_review_reminders() = reminder;
  }));
  return response;
}

absl::StatusOr<v1::BatchGetRegionsResponse> DirectoryListApp::BatchGetRegions(
    const v1::BatchGetRegionsRequest& request) const {
  const auto directory = cache_->Snapshot();
  v1::BatchGetRegionsResponse response;
  ABSL_RETURN_IF_ERROR(GetBatch(
      request, "Region", [&](const std::string& name) { return directory->FindRegion(name); },
      [&](const v1::Region& region) { *response.add_regions() = region; }));
  return response;
}

absl::StatusOr<v1::BatchGetDesksResponse> DirectoryListApp::BatchGetDesks(
    const v1::BatchGetDesksRequest& request) const {
  const auto directory = cache_->Snapshot();
  v1::BatchGetDesksResponse response;
  ABSL_RETURN_IF_ERROR(GetBatch(
      request, "Desk", [&](const std::string& name) { return directory->FindDesk(name); },
      [&](const v1::Desk& desk) { *response.add_desks() = desk; }));
  return response;
}

absl::StatusOr<v1::BatchGetContactsResponse> DirectoryListApp::BatchGetContacts(
    const v1::BatchGetContactsRequest& request) const {
  const auto directory = cache_->Snapshot();
  v1::BatchGetContactsResponse response;
  ABSL_RETURN_IF_ERROR(GetBatch(
      request, "Contact", [&](const std::string& name) { return directory->FindContact(name); },
      [&](const v1::Contact& contact) { *response.add_contacts() = contact; }));
  return response;
}

absl::StatusOr<v1::BatchGetSitesResponse> DirectoryListApp::BatchGetSites(
    const v1::BatchGetSitesRequest& request) const {
  const auto directory = cache_->Snapshot();
  v1::BatchGetSitesResponse response;
  ABSL_RETURN_IF_ERROR(GetBatch(
      request, "Site", [&](const std::string& name) { return directory->FindSite(name); },
      [&](const SiteEntry& entry) { *response.add_sites() = entry.site; }));
  return response;
}

absl::StatusOr<v1::BatchGetOrganizationsResponse> DirectoryListApp::BatchGetOrganizations(
    const v1::Principal& principal, const v1::BatchGetOrganizationsRequest& request) const {
  const auto directory = cache_->Snapshot();
  const auto find = [&](const std::string& name) {
    const bool foreign = principal.role() == v1::ROLE_REQUESTER && principal.organization() != name;
    return foreign ? nullptr : directory->FindOrganization(name);
  };
  v1::BatchGetOrganizationsResponse response;
  ABSL_RETURN_IF_ERROR(GetBatch(
      request, "Organization", find,
      [&](const v1::Organization& organization) { *response.add_organizations() = organization; }));
  return response;
}

}  // namespace trialgate::directory
