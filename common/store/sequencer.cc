#include "common/store/sequencer.h"

#include <bit>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/chain.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

// What a client waits that was turned away by a full queue; about the time to work half of it off.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(100);

absl::Status QueueFull(std::size_t waiting) {
  return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
               absl::StrCat(waiting, " commits wait already; try again later"))
      .WithRetryAfter(kRetryAfter);
}

absl::Status FailedForGood(const absl::Status& cause) {
  return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_STORE_UNAVAILABLE,
               absl::StrCat("the store takes no commits since a write failed: ", cause.message()));
}

std::size_t BytesOf(const CommitRequest& request) {
  std::size_t bytes = request.id.size() + request.event.size();
  for (const Write& write : request.writes) {
    bytes += write.key.size() + (write.value.has_value() ? write.value->size() : 0);
  }
  return bytes;
}

bool Holds(const Precondition& precondition, CommitNumber version) {
  switch (precondition.kind) {
    case Precondition::Kind::kAbsent:
      return version == 0;
    case Precondition::Kind::kExists:
      return version != 0;
    case Precondition::Kind::kAtVersion:
      return version == precondition.version;
  }
  return false;
}

}  // namespace

// The batch under way.
struct Sequencer::Batch {
  std::vector<Pending*> members;         // those with a number
  std::vector<SequencedCommit> commits;  // theirs
  // Present version of every key that the batch tests or writes, moved on by the batch itself.
  std::unordered_map<std::string, CommitNumber> versions;
  std::unordered_map<std::string, Pending*> ids;
  // Those whose id another member of the batch bears: they get its answer.
  std::vector<std::pair<Pending*, Pending*>> twins;
  CommitNumber head = 0;
  std::string head_hash;
};

Sequencer::Sequencer(Backend* backend, HeadSignal* head, const StoreOptions& options)
    : backend_(backend),
      head_signal_(head),
      options_(options),
      clock_(options.clock != nullptr ? options.clock : &system_clock_) {}

Sequencer::~Sequencer() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    work_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Sequencer::Start() {
  ABSL_ASSIGN_OR_RETURN(const storage::v1::Head head, backend_->LoadHead());
  head_ = head.number();
  head_hash_ = head.hash();
  head_signal_->Set(head_);
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

absl::StatusOr<CommitOutcome> Sequencer::Commit(CommitRequest request) {
  // All that needs no order is done on the caller's thread.
  Pending pending;
  pending.bytes = BytesOf(request);
  pending.preconditions = std::move(request.preconditions);
  storage::v1::CommitRecord& record = pending.commit.record;
  record.set_id(std::move(request.id));
  record.set_event(std::move(request.event));
  for (const Write& write : request.writes) record.add_keys(write.key);
  record.set_writes_digest(WritesDigest(request.writes));
  pending.commit.writes = std::move(request.writes);

  MutexLock lock(&mu_);
  if (!health_.ok()) return health_;
  const bool too_big = !queue_.empty() && queue_bytes_ + pending.bytes > options_.queue_bytes;
  if (queue_.size() >= options_.queue_capacity || too_big) return QueueFull(queue_.size());
  queue_.push_back(&pending);
  queue_bytes_ += pending.bytes;
  work_.NotifyOne();
  while (!pending.answered) pending.done.Wait(&mu_);
  return std::move(pending.answer);
}

absl::Status Sequencer::Health() const {
  MutexLock lock(&mu_);
  return health_;
}

StoreStats Sequencer::Stats() const {
  MutexLock lock(&mu_);
  StoreStats stats = stats_;
  stats.waiting = static_cast<std::int64_t>(queue_.size());
  return stats;
}

void Sequencer::Run() {
  while (true) {
    const std::vector<Pending*> taken = TakeBatch();
    if (taken.empty()) return;
    Process(taken);
    Answer(taken);
  }
}

// Waits for commits; returns none when it is to end and nothing is left.
std::vector<Sequencer::Pending*> Sequencer::TakeBatch() {
  std::vector<Pending*> taken;
  std::size_t bytes = 0;
  MutexLock lock(&mu_);
  while (queue_.empty() && !stopping_) work_.Wait(&mu_);
  while (!queue_.empty() && taken.size() < options_.max_batch_commits) {
    Pending* const next = queue_.front();
    if (!taken.empty() && bytes + next->bytes > options_.max_batch_bytes) break;
    bytes += next->bytes;
    taken.push_back(next);
    queue_.pop_front();
    queue_bytes_ -= next->bytes;
  }
  return taken;
}

void Sequencer::Process(const std::vector<Pending*>& taken) {
  if (const absl::Status health = Health(); !health.ok()) {
    for (Pending* pending : taken) pending->answer = health;
    return;
  }
  Batch batch;
  batch.head = head_;
  batch.head_hash = head_hash_;
  if (const absl::Status read = ReadVersions(taken, &batch); !read.ok()) {
    for (Pending* pending : taken) pending->answer = read;
    return;
  }
  for (Pending* pending : taken) {
    const absl::Status sequenced = Sequence(pending, &batch);
    if (!sequenced.ok()) pending->answer = sequenced;
  }
  if (!batch.members.empty()) Apply(&batch);
  for (const auto& [twin, first] : batch.twins) twin->answer = first->answer;
}

// Reads the present versions of all keys that the batch tests, at once.
absl::Status Sequencer::ReadVersions(const std::vector<Pending*>& taken, Batch* batch) const {
  std::vector<absl::string_view> keys;
  for (const Pending* pending : taken) {
    for (const Precondition& precondition : pending->preconditions) {
      const auto [it, is_new] = batch->versions.try_emplace(precondition.key, 0);
      if (is_new) keys.push_back(it->first);
    }
  }
  if (keys.empty()) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const std::vector<CommitNumber> versions, backend_->Versions(keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    batch->versions[std::string(keys[i])] = versions[i];
  }
  return absl::OkStatus();
}

// Answers `pending`, or makes it a member of the batch. An error: its id could not be looked up.
absl::Status Sequencer::Sequence(Pending* pending, Batch* batch) {
  storage::v1::CommitRecord& record = pending->commit.record;
  if (const auto it = batch->ids.find(record.id()); it != batch->ids.end()) {
    batch->twins.emplace_back(pending, it->second);
    return absl::OkStatus();
  }
  ABSL_ASSIGN_OR_RETURN(const std::optional<CommitNumber> known, backend_->FindCommit(record.id()));
  CommitOutcome outcome;
  if (known.has_value()) {
    outcome.kind = CommitOutcome::Kind::kCommitted;
    outcome.number = *known;
    pending->answer = outcome;
    return absl::OkStatus();
  }
  for (std::size_t i = 0; i < pending->preconditions.size(); ++i) {
    const Precondition& precondition = pending->preconditions[i];
    if (Holds(precondition, batch->versions[precondition.key])) continue;
    outcome.kind = CommitOutcome::Kind::kRefused;
    outcome.refused = i;
    pending->answer = outcome;
    return absl::OkStatus();
  }
  record.set_number(++batch->head);
  record.set_time_unix_nanos(absl::ToUnixNanos(clock_->Now()));
  record.set_prev_hash(batch->head_hash);
  record.set_hash(CommitHash(record));
  batch->head_hash = record.hash();
  for (const Write& write : pending->commit.writes) {
    batch->versions[write.key] = write.value.has_value() ? batch->head : 0;
  }
  batch->ids.emplace(record.id(), pending);
  outcome.kind = CommitOutcome::Kind::kCommitted;
  outcome.number = batch->head;
  pending->answer = outcome;
  batch->members.push_back(pending);
  batch->commits.push_back(std::move(pending->commit));
  return absl::OkStatus();
}

void Sequencer::Apply(Batch* batch) {
  const auto start = std::chrono::steady_clock::now();
  const absl::Status applied = backend_->Apply(batch->commits);
  const absl::Duration duration = absl::FromChrono(std::chrono::steady_clock::now() - start);
  if (applied.ok()) {
    head_ = batch->head;
    head_hash_ = batch->head_hash;
    head_signal_->Set(head_);
  } else {
    Recover(applied, batch);
  }
  Count(*batch, duration, applied.ok());
}

// After a failed write: tells everyone of the batch, and finds out where the store stands.
void Sequencer::Recover(const absl::Status& cause, Batch* batch) {
  for (Pending* pending : batch->members) {
    CommitOutcome outcome;
    outcome.kind = CommitOutcome::Kind::kUnknown;
    outcome.cause = cause;
    pending->answer = outcome;
  }
  const absl::StatusOr<storage::v1::Head> head = backend_->LoadHead();
  if (!head.ok()) {
    MutexLock lock(&mu_);
    health_ = FailedForGood(cause);
    return;
  }
  head_ = head->number();
  head_hash_ = head->hash();
  head_signal_->Set(head_);
}

void Sequencer::Answer(const std::vector<Pending*>& taken) {
  MutexLock lock(&mu_);
  for (Pending* pending : taken) {
    if (pending->answer.ok()) {
      stats_.refused += pending->answer->kind == CommitOutcome::Kind::kRefused ? 1 : 0;
      stats_.unknown += pending->answer->kind == CommitOutcome::Kind::kUnknown ? 1 : 0;
    }
    pending->answered = true;
    // Under the lock: the waiter cannot leave its wait, and destroy `done`, before this returns.
    pending->done.NotifyOne();
  }
}

void Sequencer::Count(const Batch& batch, absl::Duration duration, bool ok) {
  const std::size_t commits = batch.members.size();
  if (ok) {
    const auto bucket = static_cast<std::size_t>(std::bit_width(commits)) - 1;
    MutexLock lock(&mu_);
    stats_.commits += static_cast<std::int64_t>(commits);
    ++stats_.syncs;
    if (stats_.commits_per_sync.size() <= bucket) stats_.commits_per_sync.resize(bucket + 1);
    ++stats_.commits_per_sync[bucket];
  }
  if (options_.on_batch) options_.on_batch({static_cast<int>(commits), duration, ok});
}

}  // namespace trialgate::store
