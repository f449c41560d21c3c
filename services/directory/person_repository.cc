#include "services/directory/person_repository.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/keys/seal.h"
#include "common/obs/log.h"
#include "google/protobuf/util/time_util.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using storage::v1::Person;
using storage::v1::PersonFields;

constexpr int kMaxErasedKeys = 1000;
constexpr int kMaxReplacedKeys = 100;
constexpr int kScanPage = 1000;

// What binds sealed fields to their row; never changed.
std::string ContextOf(absl::string_view name) {
  return absl::StrCat("trialgate.person.v1\n", name);
}

std::string BytesOf(const PersonFields& fields) {
  return store::internal::SerializePayload(fields);
}

using KeyList = google::protobuf::RepeatedPtrField<std::string>;

void KeepNewest(int count, KeyList* keys) {
  if (keys->size() > count) keys->DeleteSubrange(0, keys->size() - count);
}

bool Has(const KeyList& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

store::Told Tell(const Person& person) {
  return {PseudonymOf(person), IsErased(person) ? "" : person.fields_hash()};
}

}  // namespace

const store::Table<Person>& Persons() {
  static const auto* const kTable =
      new store::Table<Person>(store::TableId::TABLE_ID_PERSON, {}, Tell);
  return *kTable;
}

std::string PseudonymOf(const Person& person) { return absl::StrCat("persons/", person.key()); }

bool IsErased(const Person& person) { return person.has_erase_time(); }

absl::StatusOr<std::optional<PersonFields>> OpenPerson(const keys::KeyStore& keys,
                                                       absl::string_view name,
                                                       const Person& person) {
  if (IsErased(person)) return std::optional<PersonFields>();
  ABSL_ASSIGN_OR_RETURN(const std::optional<keys::SecretKey> key, keys.Get(person.key()));
  if (!key.has_value()) return std::optional<PersonFields>();
  ABSL_ASSIGN_OR_RETURN(const std::string bytes,
                        keys::Open(*key, ContextOf(name), person.sealed()));
  PersonFields fields;
  ABSL_RETURN_IF_ERROR(store::internal::ParsePayload(bytes, &fields));
  return std::make_optional(std::move(fields));
}

void PersonEdits::Begin() {
  used_.clear();
  retired_.clear();
  replaced_.clear();
}

absl::StatusOr<bool> IsStored(const keys::KeyStore& keys, const Person& person,
                              const PersonFields& fields) {
  if (IsErased(person)) return false;
  ABSL_ASSIGN_OR_RETURN(const std::optional<keys::SecretKey> key, keys.Get(person.key()));
  return key.has_value() && keys::KeyedHash(*key, BytesOf(fields)) == person.fields_hash();
}

absl::StatusOr<std::string> PersonEdits::KeyFor(const std::string& name) {
  std::string& key = made_[name];
  if (key.empty()) {
    ABSL_ASSIGN_OR_RETURN(key, keys_->Create(name));
  }
  used_.insert(name);
  return key;
}

absl::StatusOr<bool> PersonEdits::Put(const std::string& name, const PersonFields& fields,
                                      absl::Time now, store::UnitOfWork* work) {
  const std::string bytes = BytesOf(fields);
  ABSL_ASSIGN_OR_RETURN(const auto row, work->Get(Persons(), name));
  if (bytes.empty()) {
    if (!row.has_value() || IsErased(row->value)) return false;
    if (mode_ == kWrite) ABSL_RETURN_IF_ERROR(Erase(name, now, work).status());
    return true;
  }
  if (row.has_value()) {
    ABSL_ASSIGN_OR_RETURN(const bool stored, IsStored(*keys_, row->value, fields));
    if (stored) return false;
  }
  if (mode_ == kCheck) return true;
  Person person;
  ABSL_ASSIGN_OR_RETURN(*person.mutable_key(), KeyFor(name));
  ABSL_ASSIGN_OR_RETURN(const std::optional<keys::SecretKey> key, keys_->Get(person.key()));
  // An erasure that was committed meanwhile may have found it.
  if (!key.has_value() || (row.has_value() && Has(row->value.retired_keys(), person.key()))) {
    return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEYS_UNAVAILABLE,
                 "a key was destroyed before it was used; try again");
  }
  person.set_sealed(keys::Seal(*key, ContextOf(name), bytes));
  person.set_fields_hash(keys::KeyedHash(*key, bytes));
  if (row.has_value()) {
    *person.mutable_retired_keys() = row->value.retired_keys();
    *person.mutable_replaced_keys() = row->value.replaced_keys();
    if (!IsErased(row->value)) {
      person.add_replaced_keys(row->value.key());
      replaced_.emplace(row->value.key(), now);
    }
    KeepNewest(kMaxReplacedKeys, person.mutable_replaced_keys());
  }
  ABSL_RETURN_IF_ERROR(work->Put(Persons(), name, person));
  return true;
}

absl::StatusOr<Person> PersonEdits::Erased(const std::string& name, const Person& before,
                                           absl::Time now) {
  ABSL_ASSIGN_OR_RETURN(std::set<std::string> doomed, keys_->OwnedBy(name));
  doomed.insert(before.replaced_keys().begin(), before.replaced_keys().end());
  if (!before.key().empty() && !IsErased(before)) doomed.insert(before.key());
  Person person;
  person.set_key(before.key().empty() ? *doomed.begin() : before.key());
  *person.mutable_erase_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(now));
  *person.mutable_retired_keys() = before.retired_keys();
  for (const std::string& key : doomed) {
    if (!Has(before.retired_keys(), key)) person.add_retired_keys(key);
  }
  KeepNewest(kMaxErasedKeys, person.mutable_retired_keys());
  retired_.insert(doomed.begin(), doomed.end());
  retired_.insert(before.retired_keys().begin(), before.retired_keys().end());
  return person;
}

absl::StatusOr<std::optional<Person>> PersonEdits::Erase(const std::string& name, absl::Time now,
                                                         store::UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto row, work->Get(Persons(), name));
  if (!row.has_value() || IsErased(row->value)) {
    ABSL_ASSIGN_OR_RETURN(const std::set<std::string> owned, keys_->OwnedBy(name));
    const bool unknown = std::any_of(owned.begin(), owned.end(), [&](const std::string& key) {
      return !row.has_value() || !Has(row->value.retired_keys(), key);
    });
    if (!unknown && !row.has_value()) return std::optional<Person>();
    if (!unknown) {
      Redo(row->value);
      return std::make_optional(row->value);
    }
  }
  ABSL_ASSIGN_OR_RETURN(Person person, Erased(name, row.has_value() ? row->value : Person(), now));
  if (mode_ == kWrite) ABSL_RETURN_IF_ERROR(work->Put(Persons(), name, person));
  return std::make_optional(std::move(person));
}

void PersonEdits::Redo(const Person& person) {
  retired_.insert(person.retired_keys().begin(), person.retired_keys().end());
}

absl::Status PersonEdits::DestroyDoomed(const absl::Status& outcome) {
  std::set<std::string> doomed;
  if (outcome.ok()) doomed = retired_;
  // Whether the commit happened must be known before its keys may go.
  const bool known = outcome.ok() || ReasonOf(outcome) != v1::ERROR_REASON_OUTCOME_UNKNOWN;
  for (const auto& [name, key] : made_) {
    const bool stored = outcome.ok() && used_.count(name) > 0;
    if (known && !stored && !key.empty()) doomed.insert(key);
  }
  if (doomed.empty()) return absl::OkStatus();
  return keys_->DestroyAll(std::vector<std::string>(doomed.begin(), doomed.end()));
}

absl::Status PersonEdits::End(const absl::Status& outcome) {
  if (mode_ == kCheck) return absl::OkStatus();
  absl::Status first = DestroyDoomed(outcome);
  if (outcome.ok()) {
    for (const auto& [key, since] : replaced_) first.Update(keys_->Retire(key, since));
  }
  if (!first.ok()) {
    obs::LogLine(obs::Level::kError, "keys_not_destroyed")
        .With("cause", obs::Public(first.message()))
        .With("remedy", "mend the folder of keys, then start the server anew");
  }
  return first;
}

namespace {

// Calls `visit` for each row of the head.
absl::Status ForEachPerson(const store::Store& store,
                           absl::FunctionRef<absl::Status(const Person&)> visit) {
  store::PageOptions page;
  page.limit = kScanPage;
  const store::CommitNumber head = store.Head();
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows, store::ScanRows(store, Persons(), page, head));
    for (const auto& row : rows.rows) ABSL_RETURN_IF_ERROR(visit(row.value));
    page.after = rows.next;
  } while (!page.after.empty());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ErasureState> FinishErasures(const store::Store& store, keys::KeyStore* keys,
                                            absl::Time now) {
  ErasureState state;
  ABSL_ASSIGN_OR_RETURN(const keys::KeyIds ids, keys->List());
  std::vector<std::string> doomed;
  const auto visit = [&](const Person& person) -> absl::Status {
    for (const std::string& key : person.retired_keys()) {
      if (ids.destroyed.count(key) == 0) doomed.push_back(key);
    }
    for (const std::string& key : person.replaced_keys()) {
      if (ids.present.count(key) > 0 && ids.retired.count(key) == 0) {
        ABSL_RETURN_IF_ERROR(keys->Retire(key, now));
      }
    }
    const std::string& key = person.key();
    if (!IsErased(person) && ids.present.count(key) == 0 && ids.destroyed.count(key) == 0) {
      state.lost.insert(key);
    }
    return absl::OkStatus();
  };
  ABSL_RETURN_IF_ERROR(ForEachPerson(store, visit));
  ABSL_RETURN_IF_ERROR(keys->DestroyAll(doomed));
  state.finished = static_cast<int>(doomed.size());
  return state;
}

absl::StatusOr<int> DestroyRetired(const store::Store& store, keys::KeyStore* keys,
                                   absl::Time until, int limit) {
  ABSL_ASSIGN_OR_RETURN(const keys::KeyIds ids, keys->List());
  if (ids.retired.empty()) return 0;
  std::set<std::string> used;
  ABSL_RETURN_IF_ERROR(ForEachPerson(store, [&](const Person& person) {
    if (!IsErased(person)) used.insert(person.key());
    return absl::OkStatus();
  }));
  std::vector<std::string> due;
  for (const auto& [key, since] : ids.retired) {
    if (used.count(key) > 0) {
      ABSL_RETURN_IF_ERROR(keys->Reinstate(key));
    } else if (since <= until && static_cast<int>(due.size()) < limit) {
      due.push_back(key);
    }
  }
  ABSL_RETURN_IF_ERROR(keys->DestroyAll(due));
  return static_cast<int>(due.size());
}

}  // namespace trialgate::directory
