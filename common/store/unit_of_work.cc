#include "common/store/unit_of_work.h"

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

std::string DigestOf(const std::optional<std::string>& payload) {
  return payload.has_value() ? Sha256(*payload) : std::string();
}

absl::Status Conflict(int attempts) {
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT,
               absl::StrCat("others changed the same resources at the same time, ", attempts,
                            " times over; try again"))
      .WithRetryAfter(absl::Milliseconds(100));
}

absl::Status OutcomeUnknown(const absl::Status& cause) {
  return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_OUTCOME_UNKNOWN,
               absl::StrCat("whether the change was stored is not known; retry with the same "
                            "request id: ",
                            cause.message()));
}

// Pauses that grow, with jitter so that those who met once do not meet again. Seeded by the commit
// id, so that a test with known ids repeats.
class Pauses {
 public:
  Pauses(const UnitOfWorkOptions& options, absl::string_view seed)
      : options_(options),
        next_(options.first_pause),
        random_(std::hash<std::string>()(std::string(seed))) {}

  void Pause() {
    const absl::Duration pause = next_ * std::uniform_real_distribution<double>(0.5, 1)(random_);
    next_ = std::min(next_ * 2, options_.max_pause);
    if (options_.sleep) {
      options_.sleep(pause);
    } else {
      absl::SleepFor(pause);
    }
  }

 private:
  const UnitOfWorkOptions& options_;
  absl::Duration next_;
  std::mt19937_64 random_;
};

// Finds out what became of a commit whose outcome is unknown: committing the same once more does
// nothing if it was committed before. Answers committed or refused; an error if it stays unknown.
absl::StatusOr<CommitOutcome> Settle(Store* store, const CommitRequest& request,
                                     CommitOutcome unknown, int attempts, Pauses* pauses) {
  absl::Status cause = unknown.cause;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (attempt > 0) pauses->Pause();
    const auto found = store->LookupCommit(request.id);
    if (!found.ok()) {
      cause = found.status();
      continue;
    }
    CommitOutcome outcome;
    if (found->has_value()) {
      outcome.kind = CommitOutcome::Kind::kCommitted;
      outcome.number = **found;
      return outcome;
    }
    const auto again = store->Commit(request);
    if (again.ok() && again->kind != CommitOutcome::Kind::kUnknown) return *again;
    cause = again.ok() ? again->cause : again.status();
  }
  return OutcomeUnknown(cause);
}

}  // namespace

UnitOfWork::UnitOfWork(const Store* store, CommitNumber read_at)
    : store_(store), read_at_(read_at) {}

// The cells of `keys`, read from the store where they were not before.
absl::StatusOr<std::vector<UnitOfWork::Cell*>> UnitOfWork::Load(
    const TableBase& table, absl::Span<const std::string> keys) {
  std::vector<std::string> missing;
  for (const std::string& key : keys) {
    if (!cells_.contains(table.Key(key))) missing.push_back(key);
  }
  if (!missing.empty()) {
    ABSL_ASSIGN_OR_RETURN(auto rows, internal::ReadRaw(*store_, table.id(), missing, read_at_));
    for (std::size_t i = 0; i < missing.size(); ++i) {
      Cell cell;
      cell.table = &table;
      cell.key = missing[i];
      if (rows[i].has_value()) {
        cell.version = rows[i]->version;
        cell.before = rows[i]->payload;
        cell.after = std::move(rows[i]->payload);
      }
      cells_.emplace(table.Key(missing[i]), std::move(cell));
    }
  }
  std::vector<Cell*> cells;
  cells.reserve(keys.size());
  for (const std::string& key : keys) cells.push_back(&cells_.at(table.Key(key)));
  return cells;
}

absl::StatusOr<UnitOfWork::Cell*> UnitOfWork::LoadOne(const TableBase& table,
                                                      absl::string_view key) {
  const std::string keys[] = {std::string(key)};
  ABSL_ASSIGN_OR_RETURN(const std::vector<Cell*> cells, Load(table, keys));
  return cells.front();
}

absl::Status UnitOfWork::PutRaw(const TableBase& table, absl::string_view key,
                                std::string payload) {
  ABSL_ASSIGN_OR_RETURN(Cell * cell, LoadOne(table, key));
  cell->after = std::move(payload);
  cell->written = true;
  return absl::OkStatus();
}

absl::Status UnitOfWork::Delete(const TableBase& table, absl::string_view key) {
  ABSL_ASSIGN_OR_RETURN(Cell * cell, LoadOne(table, key));
  cell->after.reset();
  cell->written = cell->before.has_value();
  return absl::OkStatus();
}

absl::StatusOr<bool> UnitOfWork::RequireExists(const TableBase& table, absl::string_view key) {
  const std::string store_key = table.Key(key);
  // A key that was read is guarded more strictly already.
  if (const auto it = cells_.find(store_key); it != cells_.end()) {
    return it->second.after.has_value();
  }
  const std::string keys[] = {std::string(key)};
  ABSL_ASSIGN_OR_RETURN(const auto rows, internal::ReadRaw(*store_, table.id(), keys, read_at_));
  if (!rows.front().has_value()) return false;
  required_.insert(store_key);
  return true;
}

void UnitOfWork::AddTold(const Cell& cell, std::vector<Change>* changes) {
  const auto tell = [&](const std::optional<std::string>& payload) -> std::optional<Told> {
    if (!payload.has_value()) return std::nullopt;
    // What is no message any more is found by whoever reads it; here it must not be told otherwise.
    return cell.table->tell_(*payload).value_or(Told());
  };
  const std::optional<Told> before = tell(cell.before);
  const std::optional<Told> after = tell(cell.after);
  const auto add = [&](const std::string& name, std::string before_hash, std::string after_hash) {
    changes->push_back(
        {cell.table->id(), cell.key, std::move(before_hash), std::move(after_hash), name});
  };
  if (before.has_value() && after.has_value() && before->name == after->name) {
    add(after->name, before->hash, after->hash);
    return;
  }
  if (before.has_value()) add(before->name, before->hash, "");
  if (after.has_value()) add(after->name, "", after->hash);
}

std::vector<Change> UnitOfWork::Changes() const {
  std::vector<Change> changes;
  for (const auto& [store_key, cell] : cells_) {
    if (!cell.written) continue;
    if (cell.table->tell_ != nullptr) {
      AddTold(cell, &changes);
      continue;
    }
    changes.push_back({cell.table->id(), cell.key, DigestOf(cell.before), DigestOf(cell.after)});
  }
  return changes;
}

bool UnitOfWork::HasEffect() const {
  return event_.has_value() || std::any_of(cells_.begin(), cells_.end(),
                                           [](const auto& cell) { return cell.second.written; });
}

// The writes of a cell: its row, and the index entries that differ between before and after.
absl::Status UnitOfWork::AddWrites(const Cell& cell, std::vector<Write>* writes) const {
  Write row{cell.table->Key(cell.key), std::nullopt};
  if (cell.after.has_value()) row.value = internal::EncodeRecord(*cell.after);
  writes->push_back(std::move(row));
  for (const TableBase::Index& index : cell.table->indexes_) {
    std::set<std::string> before;
    std::set<std::string> after;
    for (const auto& [payload, values] :
         {std::pair(&cell.before, &before), {&cell.after, &after}}) {
      if (!payload->has_value()) continue;
      ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> found, index.values(**payload));
      values->insert(found.begin(), found.end());
    }
    for (const std::string& value : before) {
      if (after.contains(value)) continue;
      writes->push_back({internal::IndexKey(index.id, value, cell.key), std::nullopt});
    }
    for (const std::string& value : after) {
      ABSL_RETURN_IF_ERROR(internal::CheckKeyText(value, /*may_be_empty=*/true));
      if (before.contains(value)) continue;
      writes->push_back({internal::IndexKey(index.id, value, cell.key), std::string()});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CommitRequest> UnitOfWork::ToCommit(std::string id) const {
  CommitRequest request;
  request.id = std::move(id);
  for (const auto& [store_key, cell] : cells_) {
    request.preconditions.push_back(Precondition::AtVersion(store_key, cell.version));
    if (cell.written) ABSL_RETURN_IF_ERROR(AddWrites(cell, &request.writes));
  }
  for (const std::string& store_key : required_) {
    if (cells_.contains(store_key)) continue;
    request.preconditions.push_back(Precondition::Exists(store_key));
  }
  if (!event_.has_value() && !request.writes.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_INTERNAL,
                 "a unit of work writes without an audit event");
  }
  request.event = event_.value_or("");
  return request;
}

absl::StatusOr<CommitNumber> RunUnitOfWork(Store* store, absl::string_view commit_id,
                                           const UnitOfWorkOptions& options,
                                           absl::FunctionRef<absl::Status(UnitOfWork&)> work) {
  Pauses pauses(options, commit_id);
  for (int attempt = 1; attempt <= options.max_attempts; ++attempt) {
    if (attempt > 1) pauses.Pause();
    UnitOfWork unit(store, store->Head());
    ABSL_RETURN_IF_ERROR(work(unit));
    if (!unit.HasEffect()) return unit.read_at();
    ABSL_ASSIGN_OR_RETURN(const CommitRequest request, unit.ToCommit(std::string(commit_id)));
    ABSL_ASSIGN_OR_RETURN(CommitOutcome outcome, store->Commit(request));
    if (outcome.kind == CommitOutcome::Kind::kUnknown) {
      ABSL_ASSIGN_OR_RETURN(outcome,
                            Settle(store, request, outcome, options.max_settle_attempts, &pauses));
    }
    if (outcome.kind == CommitOutcome::Kind::kCommitted) return outcome.number;
  }
  return Conflict(options.max_attempts);
}

}  // namespace trialgate::store
