// An immutable picture of the directory as of one commit: what the matcher, routing and validation
// read.
//
//   std::shared_ptr<const DirectorySnapshot> directory = ...;
//   if (!directory->has_pack()) return NoPackError();
//   for (const auto& entry : directory->sites()) Use(entry->site, entry->capacity);
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_SNAPSHOT_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/directory/site_list.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/organization.pb.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

// Shown instead of the name of a person whose fields were erased.
inline constexpr char kErasedName[] = "(erased)";

// Whether a person stands behind a contact: not where the fields were erased or never given.
bool HasPerson(const v1::Contact& contact);

// Immutable, hence safe to read from any thread. Records are shared between versions: a copy with
// one change costs one record and one chunk of the list of sites. Pointers returned live as long as
// the snapshot.
class DirectorySnapshot {
 public:
  // Records by resource name; std::map orders them bytewise.
  template <typename Record>
  using ByName = std::map<std::string, std::shared_ptr<const Record>, std::less<>>;

  // The commit as of which this was read; 0: the empty directory.
  int64_t commit() const { return commit_; }

  // Whether a pack was ever applied. All else is empty where not.
  bool has_pack() const { return settings_ != nullptr; }

  // What the pack says for the whole country: country, display_name, time_zone, secretariat,
  // policy, specialities, capabilities, condition_rules and routing_rules; its other lists are
  // empty. Requires has_pack().
  const v1::Pack& settings() const { return *settings_; }

  // The country's time zone; UTC without a pack.
  absl::TimeZone time_zone() const { return time_zone_; }

  // Sites by resource name, bytewise ascending.
  const SiteList& sites() const { return sites_; }
  const ByName<v1::Region>& regions() const { return regions_; }
  const ByName<v1::Desk>& desks() const { return desks_; }
  const ByName<v1::Contact>& contacts() const { return contacts_; }
  const ByName<v1::Calendar>& calendars() const { return calendars_; }
  const ByName<v1::Organization>& organizations() const { return organizations_; }

  // Each is nullptr where there is no such record.
  const SiteEntry* FindSite(absl::string_view name) const;
  const v1::Region* FindRegion(absl::string_view name) const;
  const v1::Desk* FindDesk(absl::string_view name) const;
  const v1::Contact* FindContact(absl::string_view name) const;
  const v1::Calendar* FindCalendar(absl::string_view name) const;
  const v1::Organization* FindOrganization(absl::string_view name) const;

  // Contacts of a desk, by name.
  std::vector<const v1::Contact*> ContactsOf(absl::string_view desk) const;

  // The region that `region` stands for on `day`: itself while valid; where it is no longer valid
  // its successor, and so on; nullopt where it is unknown, not yet valid, or has no valid
  // successor.
  std::optional<std::string> RegionOn(absl::string_view region, absl::CivilDay day) const;

  // The desk of kind REGION, valid on `day`, that answers for `region` (a region valid on `day`, as
  // RegionOn returns it); the first by name. nullptr where there is none.
  const v1::Desk* RegionalDeskOn(absl::string_view region, absl::CivilDay day) const;

  // The desk that `desk` stands for on `day`, by the rule of RegionOn; nullptr where there is none.
  const v1::Desk* DeskOn(absl::string_view desk, absl::CivilDay day) const;

  // Whether the pack's vocabulary has the id.
  bool HasSpeciality(absl::string_view id) const;
  bool HasCapability(absl::string_view id) const;

 private:
  friend class DirectorySnapshotBuilder;

  int64_t commit_ = 0;
  std::shared_ptr<const v1::Pack> settings_;
  absl::TimeZone time_zone_ = absl::UTCTimeZone();
  SiteList sites_;
  ByName<v1::Region> regions_;
  ByName<v1::Desk> desks_;
  ByName<v1::Contact> contacts_;
  ByName<v1::Calendar> calendars_;
  ByName<v1::Organization> organizations_;
};

// Makes a snapshot, from nothing or from an earlier one. Not thread-safe.
//
//   DirectorySnapshotBuilder builder(*earlier);
//   builder.Put(site);
//   std::shared_ptr<const DirectorySnapshot> now = builder.Build(commit);
class DirectorySnapshotBuilder {
 public:
  DirectorySnapshotBuilder() = default;
  explicit DirectorySnapshotBuilder(const DirectorySnapshot& earlier) : snapshot_(earlier) {}

  // Inserts or replaces the record of that name. Lists of records within `settings` are dropped.
  void Put(v1::Region region);
  void Put(v1::Desk desk);
  void Put(v1::Contact contact);
  void Put(v1::Calendar calendar);
  void Put(v1::Organization organization);
  // Keeps the capacity that the site has.
  void Put(v1::Site site);
  // Of a site that is not there, the capacity waits for it.
  void Put(v1::SiteCapacity capacity);
  void PutSettings(v1::Pack settings);

  // Removes the record of that resource name (any kind); nothing where there is none.
  void Erase(absl::string_view name);

  // Returns the snapshot as of `commit`; the builder is empty afterwards.
  std::shared_ptr<const DirectorySnapshot> Build(int64_t commit);

 private:
  DirectorySnapshot snapshot_;
  std::map<std::string, v1::SiteCapacity, std::less<>> waiting_capacities_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_SNAPSHOT_H_
