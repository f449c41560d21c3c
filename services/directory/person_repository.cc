#include "services/directory/person_repository.h"

#include <utility>

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

constexpr int kMaxRetiredKeys = 100;
constexpr int kScanPage = 1000;

// What binds sealed fields to their row; never changed.
std::string ContextOf(absl::string_view name) {
  return absl::StrCat("trialgate.person.v1\n", name);
}

std::string BytesOf(const PersonFields& fields) {
  return store::internal::SerializePayload(fields);
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
    ABSL_ASSIGN_OR_RETURN(key, keys_->Create());
  }
  used_.insert(name);
  return key;
}

void PersonEdits::Retire(const Person& before, Person* person) {
  *person->mutable_retired_keys() = before.retired_keys();
  if (!before.key().empty() && !IsErased(before)) person->add_retired_keys(before.key());
  auto* const keys = person->mutable_retired_keys();
  if (keys->size() > kMaxRetiredKeys) keys->DeleteSubrange(0, keys->size() - kMaxRetiredKeys);
  retired_.insert(keys->begin(), keys->end());
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
  if (!key.has_value()) {
    return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEYS_UNAVAILABLE,
                 "a key was destroyed before it was used; try again");
  }
  person.set_sealed(keys::Seal(*key, ContextOf(name), bytes));
  person.set_fields_hash(keys::KeyedHash(*key, bytes));
  Retire(row.has_value() ? row->value : Person(), &person);
  ABSL_RETURN_IF_ERROR(work->Put(Persons(), name, person));
  return true;
}

absl::StatusOr<std::optional<Person>> PersonEdits::Erase(const std::string& name, absl::Time now,
                                                         store::UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto row, work->Get(Persons(), name));
  if (!row.has_value()) return std::optional<Person>();
  if (IsErased(row->value)) {
    Redo(row->value);
    return std::make_optional(row->value);
  }
  Person person;
  person.set_key(row->value.key());
  *person.mutable_erase_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(now));
  Retire(row->value, &person);
  if (mode_ == kWrite) ABSL_RETURN_IF_ERROR(work->Put(Persons(), name, person));
  return std::make_optional(std::move(person));
}

void PersonEdits::Redo(const Person& person) {
  retired_.insert(person.retired_keys().begin(), person.retired_keys().end());
}

absl::Status PersonEdits::End(const absl::Status& outcome) {
  if (mode_ == kCheck) return absl::OkStatus();
  std::set<std::string> doomed;
  if (outcome.ok()) doomed = retired_;
  // Whether the commit happened must be known before its keys may go.
  const bool known = outcome.ok() || ReasonOf(outcome) != v1::ERROR_REASON_OUTCOME_UNKNOWN;
  for (const auto& [name, key] : made_) {
    const bool stored = outcome.ok() && used_.count(name) > 0;
    if (known && !stored && !key.empty()) doomed.insert(key);
  }
  absl::Status first;
  for (const std::string& key : doomed) first.Update(keys_->Destroy(key));
  if (!first.ok()) {
    obs::LogLine(obs::Level::kError, "keys_not_destroyed")
        .With("cause", obs::Public(first.message()))
        .With("remedy", "mend the folder of keys, then start the server anew");
  }
  return first;
}

absl::StatusOr<ErasureState> FinishErasures(const store::Store& store, keys::KeyStore* keys) {
  ErasureState state;
  ABSL_ASSIGN_OR_RETURN(const keys::KeyIds ids, keys->List());
  const auto is_there = [](const std::set<std::string>& set, const std::string& key) {
    return set.count(key) > 0;
  };
  store::PageOptions page;
  page.limit = kScanPage;
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows, store::ScanRows(store, Persons(), page, store.Head()));
    for (const auto& row : rows.rows) {
      for (const std::string& key : row.value.retired_keys()) {
        if (is_there(ids.destroyed, key)) continue;
        ABSL_RETURN_IF_ERROR(keys->Destroy(key));
        ++state.finished;
      }
      const std::string& key = row.value.key();
      if (!IsErased(row.value) && !is_there(ids.present, key) && !is_there(ids.destroyed, key)) {
        state.lost.insert(key);
      }
    }
    page.after = rows.next;
  } while (!page.after.empty());
  return state;
}

}  // namespace trialgate::directory
