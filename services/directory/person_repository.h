// Persons' fields as they are stored: sealed, each under a key of its own, apart from what they
// belong to. Erasing them destroys the key; what they belong to, and the audit trail, stay.
//
//   PersonEdits edits(keys, PersonEdits::kWrite);       // once for an operation
//   const auto status = RunUnitOfWork(..., [&](UnitOfWork& work) -> absl::Status {
//     edits.Begin();                                    // each attempt
//     ABSL_RETURN_IF_ERROR(edits.Put(contact.name(), PersonOf(contact), now, &work).status());
//     ...
//   });
//   edits.End(status);                                  // destroys what is not to be read any more
#ifndef TRIALGATE_SERVICES_DIRECTORY_PERSON_REPOSITORY_H_
#define TRIALGATE_SERVICES_DIRECTORY_PERSON_REPOSITORY_H_

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/keys/key_store.h"
#include "common/store/idempotency.h"
#include "common/store/store.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "trialgate/storage/v1/records.pb.h"

namespace trialgate::directory {

// Rows under the name of what the fields belong to (records.proto). Audit events tell of them by
// pseudonym, `persons/{key}`, and keyed hashes.
const store::Table<storage::v1::Person>& Persons();
std::string PseudonymOf(const storage::v1::Person& person);

bool IsErased(const storage::v1::Person& person);

// The fields stored under `name`; nullopt: they are erased. UNAVAILABLE (KEYS_UNAVAILABLE);
// DATA_LOSS (STORE_CORRUPT).
absl::StatusOr<std::optional<storage::v1::PersonFields>> OpenPerson(
    const keys::KeyStore& keys, absl::string_view name, const storage::v1::Person& person);

// Whether `person` holds just these fields; false where they cannot be read any more.
absl::StatusOr<bool> IsStored(const keys::KeyStore& keys, const storage::v1::Person& person,
                              const storage::v1::PersonFields& fields);

// What one operation changes of persons. Not thread-safe. A key is made for each change of fields,
// and the one before retired: a backup of the data still shows the fields that it has, until
// DestroyRetired. An erasure destroys every key of the name, whichever version of the store, or
// copy of it, names them.
class PersonEdits {
 public:
  // kCheck says what would change, and writes nothing.
  enum Mode { kWrite, kCheck };

  // `keys` is not owned.
  PersonEdits(keys::KeyStore* keys, Mode mode) : keys_(keys), mode_(mode) {}
  PersonEdits(const PersonEdits&) = delete;
  PersonEdits& operator=(const PersonEdits&) = delete;

  bool writes() const { return mode_ == kWrite; }

  // An attempt begins: what the one before did counts no more.
  void Begin();

  // Stores the fields of `name`; erases them where none of `fields` is given. Returns whether that
  // changes anything.
  absl::StatusOr<bool> Put(const std::string& name, const storage::v1::PersonFields& fields,
                           absl::Time now, store::UnitOfWork* work);

  // Erases the fields of `name`. nullopt: there are none; else the row, which may have been erased
  // before. Keys of the name that this store does not know of, as after an older backup of it was
  // put back, are destroyed, too.
  absl::StatusOr<std::optional<storage::v1::Person>> Erase(const std::string& name, absl::Time now,
                                                           store::UnitOfWork* work);

  // What an earlier operation should have destroyed is destroyed by this one, if it is still there.
  void Redo(const storage::v1::Person& person);

  // The operation ended with `outcome`, that of its unit of work. Where it was committed, destroys
  // the keys of what was erased, and retires those of what was replaced; where it was not, destroys
  // those made for it. An error
  // (KEYS_UNAVAILABLE) is logged, too: those keys are destroyed by FinishErasures.
  absl::Status End(const absl::Status& outcome);

 private:
  absl::StatusOr<std::string> KeyFor(const std::string& name);
  // The row of `name` after an erasure at `now` of `before`.
  absl::StatusOr<storage::v1::Person> Erased(const std::string& name,
                                             const storage::v1::Person& before, absl::Time now);
  absl::Status DestroyDoomed(const absl::Status& outcome);

  keys::KeyStore* const keys_;
  const Mode mode_;
  std::map<std::string, std::string> made_;     // keys by name, of all attempts
  std::set<std::string> used_;                  // names of this attempt
  std::set<std::string> retired_;               // keys that this attempt erases
  std::map<std::string, absl::Time> replaced_;  // and those that it replaces
};

// Runs `work` as store::RunIdempotent does, as one operation of `edits`, and ends it. What could
// not be destroyed is no error: it is logged, and destroyed at the next start.
template <typename Response>
absl::StatusOr<store::Answer<Response>> RunWithPersons(
    store::Store* store, const store::IdempotentCall& call, absl::string_view commit_id,
    const store::UnitOfWorkOptions& options, PersonEdits* edits,
    absl::FunctionRef<absl::StatusOr<Response>(store::UnitOfWork&)> work) {
  const auto attempt = [&](store::UnitOfWork& unit) {
    edits->Begin();
    return work(unit);
  };
  auto run = store::RunIdempotent<Response>(store, call, commit_id, options, attempt);
  // A repeated answer changed nothing, whatever an attempt before it did.
  if (run.ok() && run->repeated) edits->Begin();
  edits->End(run.status()).IgnoreError();
  return run;
}

struct ErasureState {
  // Keys that are neither there nor destroyed, of fields that should be readable.
  std::set<std::string> lost;
  // Keys that were destroyed only now.
  int finished = 0;
};

// Destroys, and retires as of `now`, what the head of `store` says is to be destroyed and is not,
// as after a crash between a commit and the destruction that follows it, or where an older copy of
// the keys was put back. To be called before anything else is done with the keys.
absl::StatusOr<ErasureState> FinishErasures(const store::Store& store, keys::KeyStore* keys,
                                            absl::Time now);

// Destroys the keys that were retired at `until` or before; at most `limit`. Those that the head of
// `store` uses, as after an older backup of it was put back, are reinstated. Returns how many it
// destroyed.
absl::StatusOr<int> DestroyRetired(const store::Store& store, keys::KeyStore* keys,
                                   absl::Time until, int limit);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PERSON_REPOSITORY_H_
