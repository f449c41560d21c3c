#include "services/directory/directory_repository.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "services/directory/person_repository.h"

namespace trialgate::directory {
namespace {

using store::CommitNumber;
using store::Row;
using store::Store;
using store::Table;
using store::TableId;

template <typename P>
const Table<P>& NewTable(TableId id, std::vector<typename Table<P>::Index> indexes = {}) {
  return *new Table<P>(id, std::move(indexes));
}

// Of the names that persons' fields have.
bool IsContactName(absl::string_view name) { return absl::StartsWith(name, "desks/"); }

std::string DeskOf(absl::string_view contact) {
  return std::string(contact.substr(0, contact.find("/contacts/")));
}

// Calls `take` for every row of the table.
template <typename P, typename Take>
absl::Status ForEachRow(const Store& store, const Table<P>& table, CommitNumber as_of, Take take) {
  store::PageOptions page;
  page.limit = 1000;
  do {
    ABSL_ASSIGN_OR_RETURN(store::RowPage<P> rows, store::ScanRows(store, table, page, as_of));
    for (Row<P>& row : rows.rows) take(std::move(row));
    page.after = rows.next;
  } while (!page.after.empty());
  return absl::OkStatus();
}

template <typename P>
P WithEtag(Row<P> row) {
  row.value.set_etag(EtagOf(row.version));
  return std::move(row.value);
}

v1::Organization WithEtag(Row<v1::Organization> row) {
  row.value.set_etag(EtagOf(row.version));
  return Shown(std::move(row.value));
}

// The contact of the two rows.
absl::StatusOr<v1::Contact> JoinContact(Row<v1::Contact> contact,
                                        const std::optional<Row<storage::v1::Person>>& person,
                                        const keys::KeyStore& keys) {
  CommitNumber version = contact.version;
  if (person.has_value()) {
    version = std::max(version, person->version);
    ABSL_ASSIGN_OR_RETURN(const auto fields, OpenPerson(keys, contact.key, person->value));
    AddPerson(fields, &contact.value);
  }
  contact.value.set_etag(EtagOf(version));
  return std::move(contact.value);
}

template <typename P>
absl::Status PutAll(const Store& store, const Table<P>& table, CommitNumber as_of,
                    DirectorySnapshotBuilder* builder) {
  return ForEachRow(store, table, as_of,
                    [builder](Row<P> row) { builder->Put(WithEtag(std::move(row))); });
}

absl::Status PutContacts(const Store& store, const keys::KeyStore& keys, CommitNumber as_of,
                         DirectorySnapshotBuilder* builder) {
  store::PageOptions page;
  page.limit = 1000;
  do {
    ABSL_ASSIGN_OR_RETURN(auto contacts, store::ScanRows(store, Contacts(), page, as_of));
    std::vector<std::string> names;
    for (const auto& row : contacts.rows) names.push_back(row.key);
    ABSL_ASSIGN_OR_RETURN(const auto persons, store::ReadRows(store, Persons(), names, as_of));
    for (std::size_t i = 0; i < names.size(); ++i) {
      ABSL_ASSIGN_OR_RETURN(v1::Contact contact,
                            JoinContact(std::move(contacts.rows[i]), persons[i], keys));
      builder->Put(std::move(contact));
    }
    page.after = contacts.next;
  } while (!page.after.empty());
  return absl::OkStatus();
}

// The resource keys among `keys` that are of `table`.
std::vector<std::string> KeysOf(const store::TableBase& table, absl::Span<const std::string> keys) {
  const std::string prefix = table.Key("");
  std::vector<std::string> found;
  for (const std::string& key : keys) {
    if (absl::StartsWith(key, prefix)) found.push_back(key.substr(prefix.size()));
  }
  return found;
}

// What commits since an earlier snapshot changed.
class Changes {
 public:
  Changes(const DirectorySnapshot& earlier, absl::Span<const std::string> written,
          const Store& store, const keys::KeyStore& keys, CommitNumber as_of)
      : builder_(earlier), written_(written), store_(store), keys_(keys), as_of_(as_of) {}

  template <typename P>
  absl::Status Take(const Table<P>& table) {
    return TakeWith(table, [](Row<P> row) { return WithEtag(std::move(row)); });
  }

  template <typename P, typename Translate>
  absl::Status TakeWith(const Table<P>& table, Translate translate) {
    const std::vector<std::string> keys = KeysOf(table, written_);
    if (keys.empty()) return absl::OkStatus();
    ABSL_ASSIGN_OR_RETURN(auto rows, store::ReadRows(store_, table, keys, as_of_));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].has_value()) {
        builder_.Put(translate(*std::move(rows[i])));
      } else {
        builder_.Erase(keys[i]);
      }
    }
    return absl::OkStatus();
  }

  absl::Status TakeContacts() {
    std::set<std::string> changed;
    for (std::string& key : KeysOf(Contacts(), written_)) changed.insert(std::move(key));
    for (std::string& key : KeysOf(Persons(), written_)) {
      if (IsContactName(key)) changed.insert(std::move(key));
    }
    if (changed.empty()) return absl::OkStatus();
    const std::vector<std::string> keys(changed.begin(), changed.end());
    ABSL_ASSIGN_OR_RETURN(auto contacts, store::ReadRows(store_, Contacts(), keys, as_of_));
    ABSL_ASSIGN_OR_RETURN(auto persons, store::ReadRows(store_, Persons(), keys, as_of_));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (contacts[i].has_value()) {
        ABSL_ASSIGN_OR_RETURN(v1::Contact contact,
                              JoinContact(*std::move(contacts[i]), persons[i], keys_));
        builder_.Put(std::move(contact));
      } else {
        builder_.Erase(keys[i]);
      }
    }
    return absl::OkStatus();
  }

  absl::Status TakeSettings() {
    if (KeysOf(PackSettings(), written_).empty()) return absl::OkStatus();
    ABSL_ASSIGN_OR_RETURN(auto row, store::ReadRow(store_, PackSettings(), kSettingsKey, as_of_));
    if (row.has_value()) builder_.PutSettings(std::move(row->value));
    return absl::OkStatus();
  }

  std::shared_ptr<const DirectorySnapshot> Build() { return builder_.Build(as_of_); }

 private:
  DirectorySnapshotBuilder builder_;
  const absl::Span<const std::string> written_;
  const Store& store_;
  const keys::KeyStore& keys_;
  const CommitNumber as_of_;
};

}  // namespace

const Table<v1::Region>& Regions() {
  static const auto& table = NewTable<v1::Region>(TableId::TABLE_ID_REGION);
  return table;
}

const Table<v1::Desk>& Desks() {
  static const auto& table = NewTable<v1::Desk>(TableId::TABLE_ID_DESK);
  return table;
}

const Table<v1::Contact>& Contacts() {
  static const auto& table = NewTable<v1::Contact>(
      TableId::TABLE_ID_CONTACT, {{TableId::TABLE_ID_CONTACT_BY_DESK, [](const v1::Contact& c) {
                                     return std::vector<std::string>{DeskOf(c.name())};
                                   }}});
  return table;
}

const Table<v1::Calendar>& Calendars() {
  static const auto& table = NewTable<v1::Calendar>(TableId::TABLE_ID_CALENDAR);
  return table;
}

const Table<v1::Site>& Sites() {
  static const auto& table = NewTable<v1::Site>(
      TableId::TABLE_ID_SITE, {{TableId::TABLE_ID_SITE_BY_REGION, [](const v1::Site& site) {
                                  return std::vector<std::string>{site.region()};
                                }}});
  return table;
}

const Table<v1::SiteCapacity>& SiteCapacities() {
  static const auto& table = NewTable<v1::SiteCapacity>(TableId::TABLE_ID_SITE_CAPACITY);
  return table;
}

const Table<v1::Organization>& Organizations() {
  static const auto& table = NewTable<v1::Organization>(TableId::TABLE_ID_ORGANIZATION);
  return table;
}

const Table<v1::Pack>& PackSettings() {
  static const auto& table = NewTable<v1::Pack>(TableId::TABLE_ID_PACK);
  return table;
}

v1::Organization Shown(v1::Organization organization) {
  if (organization.state() == v1::ORGANIZATION_STATE_UNSPECIFIED) {
    organization.set_state(v1::ORGANIZATION_STATE_APPROVED);
  }
  return organization;
}

std::string EtagOf(CommitNumber version) { return absl::StrCat(version); }

storage::v1::PersonFields PersonOf(const v1::Contact& contact) {
  storage::v1::PersonFields person;
  person.set_display_name(contact.display_name());
  person.set_email(contact.email());
  person.set_phone(contact.phone());
  return person;
}

v1::Contact WithoutPerson(v1::Contact contact) {
  contact.clear_display_name();
  contact.clear_email();
  contact.clear_phone();
  return contact;
}

void AddPerson(const std::optional<storage::v1::PersonFields>& person, v1::Contact* contact) {
  if (!person.has_value()) {
    *contact = WithoutPerson(std::move(*contact));
    contact->set_display_name(kErasedName);
    return;
  }
  contact->set_display_name(person->display_name());
  contact->set_email(person->email());
  contact->set_phone(person->phone());
}

absl::StatusOr<std::shared_ptr<const DirectorySnapshot>> ReadDirectory(const Store& store,
                                                                       const keys::KeyStore& keys,
                                                                       CommitNumber as_of) {
  DirectorySnapshotBuilder builder;
  ABSL_RETURN_IF_ERROR(PutAll(store, Regions(), as_of, &builder));
  ABSL_RETURN_IF_ERROR(PutAll(store, Desks(), as_of, &builder));
  ABSL_RETURN_IF_ERROR(PutAll(store, Sites(), as_of, &builder));
  ABSL_RETURN_IF_ERROR(PutAll(store, SiteCapacities(), as_of, &builder));
  ABSL_RETURN_IF_ERROR(PutAll(store, Organizations(), as_of, &builder));
  ABSL_RETURN_IF_ERROR(ForEachRow(store, Calendars(), as_of, [&builder](Row<v1::Calendar> row) {
    builder.Put(std::move(row.value));
  }));
  ABSL_RETURN_IF_ERROR(PutContacts(store, keys, as_of, &builder));
  ABSL_ASSIGN_OR_RETURN(auto settings, store::ReadRow(store, PackSettings(), kSettingsKey, as_of));
  if (settings.has_value()) builder.PutSettings(std::move(settings->value));
  return builder.Build(as_of);
}

absl::StatusOr<std::shared_ptr<const DirectorySnapshot>> ReadChanges(
    const std::shared_ptr<const DirectorySnapshot>& earlier, absl::Span<const std::string> written,
    const Store& store, const keys::KeyStore& keys, CommitNumber as_of) {
  const store::TableBase* const tables[] = {&Regions(),       &Desks(),       &Contacts(),
                                            &Calendars(),     &Sites(),       &SiteCapacities(),
                                            &Organizations(), &PackSettings()};
  const std::vector<std::string> persons = KeysOf(Persons(), written);
  const bool touched =
      std::any_of(std::begin(tables), std::end(tables),
                  [&](const auto* table) { return !KeysOf(*table, written).empty(); }) ||
      std::any_of(persons.begin(), persons.end(), IsContactName);
  if (!touched) return earlier;
  Changes changes(*earlier, written, store, keys, as_of);
  ABSL_RETURN_IF_ERROR(changes.Take(Regions()));
  ABSL_RETURN_IF_ERROR(changes.Take(Desks()));
  ABSL_RETURN_IF_ERROR(changes.TakeContacts());
  ABSL_RETURN_IF_ERROR(
      changes.TakeWith(Calendars(), [](Row<v1::Calendar> row) { return std::move(row.value); }));
  ABSL_RETURN_IF_ERROR(changes.Take(Sites()));
  ABSL_RETURN_IF_ERROR(changes.Take(SiteCapacities()));
  ABSL_RETURN_IF_ERROR(changes.Take(Organizations()));
  ABSL_RETURN_IF_ERROR(changes.TakeSettings());
  return changes.Build();
}

}  // namespace trialgate::directory
