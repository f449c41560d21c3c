#include "services/directory/pack_of.h"

#include <memory>

#include "services/directory/capacity.h"

namespace trialgate::directory {
namespace {

template <typename Record>
void AddAll(const DirectorySnapshot::ByName<Record>& records,
            google::protobuf::RepeatedPtrField<Record>* list) {
  for (const auto& [name, record] : records) {
    Record& added = *list->Add();
    added = *record;
    if constexpr (requires { added.clear_etag(); }) added.clear_etag();
  }
}

bool IsSet(const v1::SiteCapacity& capacity) {
  return capacity.slots() != 0 || !capacity.months().empty() || capacity.has_source();
}

}  // namespace

v1::Pack PackOf(const DirectorySnapshot& directory) {
  v1::Pack pack;
  if (!directory.has_pack()) return pack;
  pack = directory.settings();
  AddAll(directory.calendars(), pack.mutable_calendars());
  AddAll(directory.regions(), pack.mutable_regions());
  AddAll(directory.desks(), pack.mutable_desks());
  AddAll(directory.contacts(), pack.mutable_contacts());
  for (v1::Contact& contact : *pack.mutable_contacts()) {
    if (HasPerson(contact)) continue;
    contact.clear_display_name();
    contact.clear_phone();
  }
  AddAll(directory.organizations(), pack.mutable_organizations());
  for (v1::Organization& organization : *pack.mutable_organizations()) organization.clear_state();
  for (const auto& entry : directory.sites()) {
    v1::Site& site = *pack.add_sites();
    site = entry->site;
    site.clear_etag();
    v1::SiteCapacity capacity = entry->capacity;
    capacity.clear_holds();
    capacity.clear_etag();
    capacity.clear_overbooked_reason();
    if (IsSet(capacity)) *pack.add_capacities() = Canonical(capacity);
  }
  return pack;
}

std::shared_ptr<const DirectorySnapshot> WithPack(const DirectorySnapshot& directory,
                                                  const v1::Pack& pack) {
  DirectorySnapshotBuilder builder(directory);
  for (const v1::Calendar& calendar : pack.calendars()) builder.Put(calendar);
  for (const v1::Region& region : pack.regions()) builder.Put(region);
  for (const v1::Desk& desk : pack.desks()) builder.Put(desk);
  for (const v1::Contact& contact : pack.contacts()) builder.Put(contact);
  for (const v1::Organization& organization : pack.organizations()) builder.Put(organization);
  for (const v1::Site& site : pack.sites()) builder.Put(site);
  builder.PutSettings(pack);
  return builder.Build(directory.commit());
}

}  // namespace trialgate::directory
