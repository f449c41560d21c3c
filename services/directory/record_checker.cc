#include "services/directory/record_checker.h"

#include <set>
#include <string>
#include <utility>

#include "services/directory/pack.h"
#include "services/directory/pack_checker.h"

namespace trialgate::directory {
namespace {

// The directory as a pack, as far as single records are checked against it: without sites,
// capacities and organizations, of calendars the names, of contacts names and ends.
JoinedPack AsPack(const DirectorySnapshot& directory, const Place& place) {
  JoinedPack joined;
  v1::Pack& pack = joined.pack;
  if (directory.has_pack()) pack = directory.settings();
  for (const auto& [name, region] : directory.regions()) *pack.add_regions() = *region;
  for (const auto& [name, desk] : directory.desks()) *pack.add_desks() = *desk;
  for (const auto& [name, calendar] : directory.calendars()) pack.add_calendars()->set_name(name);
  for (const auto& [name, contact] : directory.contacts()) {
    v1::Contact* const added = pack.add_contacts();
    added->set_name(name);
    added->set_valid_to(contact->valid_to());
  }
  // Whatever an edit does to others is told where the edited record stands.
  joined.places["regions"].assign(static_cast<std::size_t>(pack.regions_size()), place);
  joined.places["desks"].assign(static_cast<std::size_t>(pack.desks_size()), place);
  return joined;
}

template <typename Record>
void CheckFields(const DirectorySnapshot& directory, const Record& record, const Place& place,
                 Faults* faults) {
  const JoinedPack joined = AsPack(directory, place);
  PackChecker(joined, faults).CheckOne(record, place);
}

// The faults that records have with each other.
Faults FaultsTogether(const DirectorySnapshot& directory, const Place& place) {
  Faults faults;
  const JoinedPack joined = AsPack(directory, place);
  PackChecker(joined, &faults).CheckTogether();
  return faults;
}

template <typename Record>
void CheckWithOthers(const DirectorySnapshot& directory, const Record& record, const Place& place,
                     Faults* faults) {
  std::multiset<std::pair<int, std::string>> before;
  const Faults known_faults = FaultsTogether(directory, place);
  for (const Fault& fault : known_faults.kept()) {
    before.emplace(fault.reason, fault.description);
  }
  DirectorySnapshotBuilder builder(directory);
  builder.Put(record);
  const auto after = builder.Build(directory.commit());
  const Faults faults_after = FaultsTogether(*after, place);
  for (const Fault& fault : faults_after.kept()) {
    const auto known = before.find({fault.reason, fault.description});
    if (known != before.end()) {
      before.erase(known);
    } else {
      faults->Add(fault.place, fault.reason, fault.description);
    }
  }
}

}  // namespace

void CheckRecord(const DirectorySnapshot& directory, const v1::Region& region, const Place& place,
                 Faults* faults) {
  CheckFields(directory, region, place, faults);
  // Nobody refers to a new one, and it has no successor.
  if (directory.FindRegion(region.name()) == nullptr) return;
  CheckWithOthers(directory, region, place, faults);
}

void CheckRecord(const DirectorySnapshot& directory, const v1::Desk& desk, const Place& place,
                 Faults* faults) {
  CheckFields(directory, desk, place, faults);
  CheckWithOthers(directory, desk, place, faults);
}

void CheckRecord(const DirectorySnapshot& directory, const v1::Contact& contact, const Place& place,
                 Faults* faults) {
  CheckFields(directory, contact, place, faults);
}

void CheckRecord(const DirectorySnapshot& directory, const v1::Site& site, const Place& place,
                 Faults* faults) {
  CheckFields(directory, site, place, faults);
}

}  // namespace trialgate::directory
