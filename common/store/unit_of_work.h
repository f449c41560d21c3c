// A unit of work: reads as of one commit, writes that become one commit, refused when anything that
// was read has changed since.
//
//   const std::string id = ids.NewId();   // id and time are drawn once, before the retries
//   const absl::Time now = clock.Now();
//   v1::Site updated;
//   ABSL_ASSIGN_OR_RETURN(
//       CommitNumber commit,
//       RunUnitOfWork(&store, id, {}, [&](UnitOfWork& work) -> absl::Status {
//         ABSL_ASSIGN_OR_RETURN(auto site, work.Get(Sites(), name));
//         if (!site.has_value()) return NotFound(name);
//         updated = Change(site->value, now);
//         ABSL_RETURN_IF_ERROR(work.Put(Sites(), name, updated));
//         work.SetEvent(Event(work.Changes()));
//         return absl::OkStatus();
//       }));
#ifndef TRIALGATE_COMMON_STORE_UNIT_OF_WORK_H_
#define TRIALGATE_COMMON_STORE_UNIT_OF_WORK_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/store/store.h"
#include "common/store/table.h"

namespace trialgate::store {

// One resource that a unit of work writes, for its audit event.
struct Change {
  TableId table;
  std::string key;  // the resource's
  // SHA-256 of the message before and after, raw; empty where there was or is none. Of a table with
  // a `tell` of its own, the hashes that this gives.
  std::string before_sha256;
  std::string after_sha256;
  // How it is to be named instead of by its key, where the table says so.
  std::string told_name = {};
};

// Not thread-safe. Tables outlive it. Errors of reads are those of Store::Get.
class UnitOfWork {
 public:
  // Reads `store` (not owned) as of commit `read_at`.
  UnitOfWork(const Store* store, CommitNumber read_at);
  UnitOfWork(const UnitOfWork&) = delete;
  UnitOfWork& operator=(const UnitOfWork&) = delete;

  // For reads that are not guarded: ReadRow(work.store(), table, key, work.read_at()), ScanIndex …
  // What they find may change before the commit.
  const Store& store() const { return *store_; }
  CommitNumber read_at() const { return read_at_; }

  // The row under a key, with what this unit wrote; guarded: the commit is refused if it changes
  // until then (also from absent to present).
  template <typename P>
  absl::StatusOr<std::optional<Row<P>>> Get(const Table<P>& table, absl::string_view key);

  // Get of several keys, in their order; one read of the store.
  template <typename P>
  absl::StatusOr<std::vector<std::optional<Row<P>>>> GetAll(const Table<P>& table,
                                                            absl::Span<const std::string> keys);

  // Writes the row under a key, in place of what is there. Reads the key first if it was not read
  // yet, so that it is guarded.
  template <typename P>
  absl::Status Put(const Table<P>& table, absl::string_view key, const P& value) {
    return PutRaw(table, key, internal::SerializePayload(value));
  }

  // Deletes the row under a key, guarded as Put; nothing happens where there is none.
  absl::Status Delete(const TableBase& table, absl::string_view key);

  // Whether there is a row under the key. If so, the commit is refused if there is none any more;
  // that it changes does no harm.
  absl::StatusOr<bool> RequireExists(const TableBase& table, absl::string_view key);

  // The audit event of the commit; the last one set holds.
  void SetEvent(std::string event) { event_ = std::move(event); }

  // What is written up to now, ascending by table and key. A row whose `tell` gives another name
  // than before is two changes: one name has gone, another has come.
  std::vector<Change> Changes() const;

  // Whether there is something to commit: a write or an event.
  bool HasEffect() const;

  // The commit of all this. FAILED_PRECONDITION: there are writes without an event.
  absl::StatusOr<CommitRequest> ToCommit(std::string id) const;

 private:
  struct Cell {
    const TableBase* table;
    std::string key;
    CommitNumber version = 0;
    std::optional<std::string> before;  // payload as of read_at
    std::optional<std::string> after;   // payload now
    bool written = false;
  };

  absl::StatusOr<std::vector<Cell*>> Load(const TableBase& table,
                                          absl::Span<const std::string> keys);
  absl::StatusOr<Cell*> LoadOne(const TableBase& table, absl::string_view key);
  absl::Status PutRaw(const TableBase& table, absl::string_view key, std::string payload);
  static void AddTold(const Cell& cell, std::vector<Change>* changes);
  absl::Status AddWrites(const Cell& cell, std::vector<Write>* writes) const;
  template <typename P>
  static absl::StatusOr<std::optional<Row<P>>> TypedRow(const Cell& cell);

  const Store* const store_;
  const CommitNumber read_at_;
  std::map<std::string, Cell> cells_;  // by the store's key
  std::set<std::string> required_;     // store keys that must exist
  std::optional<std::string> event_;
};

struct UnitOfWorkOptions {
  // Runs of the function at most.
  int max_attempts = 16;
  // Times that an unknown outcome is asked for at most.
  int max_settle_attempts = 5;
  // The pause after the first refusal; it doubles up to the maximum, and is drawn between half and
  // the whole of that.
  absl::Duration first_pause = absl::Milliseconds(1);
  absl::Duration max_pause = absl::Milliseconds(50);
  // How to pause; null sleeps.
  std::function<void(absl::Duration)> sleep;
};

// Runs `work` on a unit that reads as of the head, then commits it under `commit_id`; if that is
// refused, runs it again on a new unit. Returns the number of the commit; where nothing was to be
// committed, that which was read as of.
//   the error of `work`              nothing was committed;
//   ABORTED (CONFLICT)               every attempt was refused;
//   UNAVAILABLE (OUTCOME_UNKNOWN)    the commit may have happened or not;
//   those of Store::Commit           nothing was committed.
// What `work` captures by reference then holds what the committed attempt left there.
absl::StatusOr<CommitNumber> RunUnitOfWork(Store* store, absl::string_view commit_id,
                                           const UnitOfWorkOptions& options,
                                           absl::FunctionRef<absl::Status(UnitOfWork&)> work);

// Implementation from here on.

template <typename P>
absl::StatusOr<std::optional<Row<P>>> UnitOfWork::TypedRow(const Cell& cell) {
  if (!cell.after.has_value()) return std::optional<Row<P>>();
  return internal::TypedRow<P>(std::optional<internal::RawRow>(
      internal::RawRow{cell.key, *cell.after, cell.written ? 0 : cell.version}));
}

template <typename P>
absl::StatusOr<std::vector<std::optional<Row<P>>>> UnitOfWork::GetAll(
    const Table<P>& table, absl::Span<const std::string> keys) {
  ABSL_ASSIGN_OR_RETURN(std::vector<Cell*> cells, Load(table, keys));
  std::vector<std::optional<Row<P>>> rows;
  rows.reserve(cells.size());
  for (const Cell* cell : cells) {
    ABSL_ASSIGN_OR_RETURN(auto row, TypedRow<P>(*cell));
    rows.push_back(std::move(row));
  }
  return rows;
}

template <typename P>
absl::StatusOr<std::optional<Row<P>>> UnitOfWork::Get(const Table<P>& table,
                                                      absl::string_view key) {
  ABSL_ASSIGN_OR_RETURN(Cell * cell, LoadOne(table, key));
  return TypedRow<P>(*cell);
}

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_UNIT_OF_WORK_H_
