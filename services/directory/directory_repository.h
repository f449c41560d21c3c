// What is stored of the directory: a table per kind of record, keyed by resource name.
//
// Records are stored without etag; the etag that the API shows is the number of the commit that
// wrote the record. A contact's personal fields are a record of their own, so that they can be
// erased while the contact stays.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_REPOSITORY_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_REPOSITORY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "common/store/table.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/organization.pb.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

const store::Table<v1::Region>& Regions();
const store::Table<v1::Desk>& Desks();
// Without display_name, email and phone; indexed by desk.
const store::Table<v1::Contact>& Contacts();
// Those fields, under the contact's name.
const store::Table<storage::v1::ContactPerson>& ContactPersons();
const store::Table<v1::Calendar>& Calendars();
// Indexed by region.
const store::Table<v1::Site>& Sites();
// Under the capacity's name, as Canonical() (capacity.h) has it.
const store::Table<v1::SiteCapacity>& SiteCapacities();
const store::Table<v1::Organization>& Organizations();
// One record, under kSettingsKey: the pack without its lists of records.
const store::Table<v1::Pack>& PackSettings();
inline constexpr char kSettingsKey[] = "pack";

// The etag of what commit `version` wrote; "0" of what was never written.
std::string EtagOf(store::CommitNumber version);

// A contact's two records, and back.
storage::v1::ContactPerson PersonOf(const v1::Contact& contact);
v1::Contact WithoutPerson(v1::Contact contact);
void AddPerson(const storage::v1::ContactPerson& person, v1::Contact* contact);

// The directory as of a commit, read from the store. Errors are those of the store.
absl::StatusOr<std::shared_ptr<const DirectorySnapshot>> ReadDirectory(const store::Store& store,
                                                                       store::CommitNumber as_of);

// The directory as of commit `as_of`, from `earlier` and the store's keys that were written since;
// `earlier` itself where none of them is of the directory.
absl::StatusOr<std::shared_ptr<const DirectorySnapshot>> ReadChanges(
    const std::shared_ptr<const DirectorySnapshot>& earlier, absl::Span<const std::string> keys,
    const store::Store& store, store::CommitNumber as_of);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_REPOSITORY_H_
