#include "services/directory/directory_snapshot.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/directory/validity.h"

namespace trialgate::directory {
namespace {

constexpr absl::string_view kCapacitySuffix = "/capacity";

template <typename Record>
const Record* Find(const DirectorySnapshot::ByName<Record>& records, absl::string_view name) {
  const auto found = records.find(std::string(name));
  return found == records.end() ? nullptr : found->second.get();
}

template <typename Record>
void Insert(Record record, DirectorySnapshot::ByName<Record>* records) {
  std::string name = record.name();
  (*records)[std::move(name)] = std::make_shared<const Record>(std::move(record));
}

v1::SiteCapacity EmptyCapacity(absl::string_view site) {
  v1::SiteCapacity capacity;
  capacity.set_name(absl::StrCat(site, kCapacitySuffix));
  return capacity;
}

bool HasTerm(const google::protobuf::RepeatedPtrField<v1::Term>& terms, absl::string_view id) {
  return std::any_of(terms.begin(), terms.end(),
                     [id](const v1::Term& term) { return term.id() == id; });
}

}  // namespace

bool HasPerson(const v1::Contact& contact) {
  if (!contact.email().empty()) return true;
  return !contact.display_name().empty() && contact.display_name() != kErasedName;
}

const SiteEntry* DirectorySnapshot::FindSite(absl::string_view name) const {
  return sites_.Find(name);
}

const v1::Region* DirectorySnapshot::FindRegion(absl::string_view name) const {
  return Find(regions_, name);
}

const v1::Desk* DirectorySnapshot::FindDesk(absl::string_view name) const {
  return Find(desks_, name);
}

const v1::Contact* DirectorySnapshot::FindContact(absl::string_view name) const {
  return Find(contacts_, name);
}

const v1::Calendar* DirectorySnapshot::FindCalendar(absl::string_view name) const {
  return Find(calendars_, name);
}

const v1::Organization* DirectorySnapshot::FindOrganization(absl::string_view name) const {
  return Find(organizations_, name);
}

std::vector<const v1::Contact*> DirectorySnapshot::ContactsOf(absl::string_view desk) const {
  const std::string prefix = absl::StrCat(desk, "/contacts/");
  std::vector<const v1::Contact*> contacts;
  for (auto at = contacts_.lower_bound(prefix); at != contacts_.end(); ++at) {
    if (!absl::StartsWith(at->first, prefix)) break;
    contacts.push_back(at->second.get());
  }
  return contacts;
}

std::optional<std::string> DirectorySnapshot::RegionOn(absl::string_view region,
                                                       absl::CivilDay day) const {
  const v1::Region* stands_for = StandsFor(regions_, region, day);
  if (stands_for == nullptr) return std::nullopt;
  return stands_for->name();
}

const v1::Desk* DirectorySnapshot::RegionalDeskOn(absl::string_view region,
                                                  absl::CivilDay day) const {
  for (const auto& [name, desk] : desks_) {
    if (desk->kind() != v1::DESK_KIND_REGION) continue;
    if (ValidityOn(desk->valid_from(), desk->valid_to(), day) != Validity::kValid) continue;
    const auto& regions = desk->regions();
    if (std::find(regions.begin(), regions.end(), region) != regions.end()) return desk.get();
  }
  return nullptr;
}

const v1::Desk* DirectorySnapshot::DeskOn(absl::string_view desk, absl::CivilDay day) const {
  return StandsFor(desks_, desk, day);
}

bool DirectorySnapshot::HasSpeciality(absl::string_view id) const {
  return has_pack() && HasTerm(settings().specialities(), id);
}

bool DirectorySnapshot::HasCapability(absl::string_view id) const {
  return has_pack() && HasTerm(settings().capabilities(), id);
}

void DirectorySnapshotBuilder::Put(v1::Region region) {
  Insert(std::move(region), &snapshot_.regions_);
}

void DirectorySnapshotBuilder::Put(v1::Desk desk) { Insert(std::move(desk), &snapshot_.desks_); }

void DirectorySnapshotBuilder::Put(v1::Contact contact) {
  Insert(std::move(contact), &snapshot_.contacts_);
}

void DirectorySnapshotBuilder::Put(v1::Calendar calendar) {
  Insert(std::move(calendar), &snapshot_.calendars_);
}

void DirectorySnapshotBuilder::Put(v1::Organization organization) {
  Insert(std::move(organization), &snapshot_.organizations_);
}

void DirectorySnapshotBuilder::Put(v1::Site site) {
  auto entry = std::make_shared<SiteEntry>();
  entry->site = std::move(site);
  if (const SiteEntry* earlier = snapshot_.sites_.Find(entry->site.name()); earlier != nullptr) {
    entry->capacity = earlier->capacity;
    snapshot_.sites_.Put(std::move(entry));
    return;
  }
  entry->capacity = EmptyCapacity(entry->site.name());
  const auto waiting = waiting_capacities_.find(entry->capacity.name());
  if (waiting != waiting_capacities_.end()) {
    entry->capacity = std::move(waiting->second);
    waiting_capacities_.erase(waiting);
  }
  snapshot_.sites_.Put(std::move(entry));
}

void DirectorySnapshotBuilder::Put(v1::SiteCapacity capacity) {
  const SiteEntry* earlier =
      snapshot_.sites_.Find(absl::StripSuffix(capacity.name(), kCapacitySuffix));
  if (earlier == nullptr) {
    std::string name = capacity.name();
    waiting_capacities_[std::move(name)] = std::move(capacity);
    return;
  }
  auto entry = std::make_shared<SiteEntry>();
  entry->site = earlier->site;
  entry->capacity = std::move(capacity);
  snapshot_.sites_.Put(std::move(entry));
}

void DirectorySnapshotBuilder::PutSettings(v1::Pack settings) {
  settings.clear_calendars();
  settings.clear_regions();
  settings.clear_desks();
  settings.clear_contacts();
  settings.clear_sites();
  settings.clear_capacities();
  settings.clear_organizations();
  settings.clear_site_values();
  // A zone that does not load leaves UTC: packs are validated before they are stored.
  snapshot_.time_zone_ = absl::UTCTimeZone();
  absl::LoadTimeZone(settings.time_zone(), &snapshot_.time_zone_);
  snapshot_.settings_ = std::make_shared<const v1::Pack>(std::move(settings));
}

void DirectorySnapshotBuilder::Erase(absl::string_view name) {
  const std::string key(name);
  snapshot_.regions_.erase(key);
  snapshot_.desks_.erase(key);
  snapshot_.contacts_.erase(key);
  snapshot_.calendars_.erase(key);
  snapshot_.organizations_.erase(key);
  waiting_capacities_.erase(key);
  if (snapshot_.sites_.Erase(name) || !absl::EndsWith(name, kCapacitySuffix)) return;
  const absl::string_view site = absl::StripSuffix(name, kCapacitySuffix);
  if (snapshot_.sites_.Find(site) != nullptr) Put(EmptyCapacity(site));
}

std::shared_ptr<const DirectorySnapshot> DirectorySnapshotBuilder::Build(int64_t commit) {
  snapshot_.commit_ = commit;
  auto built = std::make_shared<const DirectorySnapshot>(std::move(snapshot_));
  snapshot_ = DirectorySnapshot();
  waiting_capacities_.clear();
  return built;
}

}  // namespace trialgate::directory
