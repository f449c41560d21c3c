// What is stored of the directory: a table per kind of record, keyed by resource name.
//
// Records are stored without etag; the etag that the API shows is the number of the commit that
// wrote the record. A contact's personal fields are a record of their own (person_repository.h), so
// that they can be erased while the contact stays.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_REPOSITORY_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_REPOSITORY_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/keys/key_store.h"
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
const store::Table<v1::Calendar>& Calendars();
// Indexed by region.
const store::Table<v1::Site>& Sites();
// Under the capacity's name, as Canonical() (capacity.h) has it.
const store::Table<v1::SiteCapacity>& SiteCapacities();
const store::Table<v1::Organization>& Organizations();
// One record, under kSettingsKey: the pack without its lists of records.
const store::Table<v1::Pack>& PackSettings();
inline constexpr char kSettingsKey[] = "pack";

// An organization as the API shows it: one of whose state nothing is stored is APPROVED.
v1::Organization Shown(v1::Organization organization);

// The etag of what commit `version` wrote; "0" of what was never written.
std::string EtagOf(store::CommitNumber version);

// A contact's two records, and back; of erased fields kErasedName is shown.
storage::v1::PersonFields PersonOf(const v1::Contact& contact);
v1::Contact WithoutPerson(v1::Contact contact);
void AddPerson(const std::optional<storage::v1::PersonFields>& person, v1::Contact* contact);

// The directory as of a commit, read from the store. Fields of persons that are erased by now are
// so also as of an earlier commit. Errors are those of the store and of OpenPerson.
absl::StatusOr<std::shared_ptr<const DirectorySnapshot>> ReadDirectory(const store::Store& store,
                                                                       const keys::KeyStore& keys,
                                                                       store::CommitNumber as_of);

// The directory as of commit `as_of`, from `earlier` and the store's keys `written` since;
// `earlier` itself where none of them is of the directory.
absl::StatusOr<std::shared_ptr<const DirectorySnapshot>> ReadChanges(
    const std::shared_ptr<const DirectorySnapshot>& earlier, absl::Span<const std::string> written,
    const store::Store& store, const keys::KeyStore& keys, store::CommitNumber as_of);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_REPOSITORY_H_
