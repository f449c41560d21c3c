#include "common/store/projection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

// Records read at once.
constexpr int kPage = 256;

// Between one try and the next; each pause is twice the one before.
constexpr absl::Duration kFirstPause = absl::Milliseconds(10);
constexpr absl::Duration kLongestPause = absl::Seconds(1);

// Whether the same may succeed later. Damage does not heal.
bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status);
}

}  // namespace

FeedFollower::FeedFollower(const Store* store, std::vector<Projection*> projections,
                           std::function<void()> on_change)
    : store_(store), projections_(std::move(projections)), on_change_(std::move(on_change)) {}

FeedFollower::~FeedFollower() { Stop(); }

absl::Status FeedFollower::Start() {
  const CommitNumber head = store_->Head();
  for (Projection* projection : projections_) {
    ABSL_RETURN_IF_ERROR(projection->Load(*store_, head));
  }
  {
    MutexLock lock(&mu_);
    applied_ = head;
    changed_.NotifyAll();
  }
  thread_ = std::jthread([this](std::stop_token stop) { Run(std::move(stop)); });
  return absl::OkStatus();
}

void FeedFollower::Stop() {
  thread_.request_stop();
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

CommitNumber FeedFollower::applied_commit() const {
  MutexLock lock(&mu_);
  return applied_;
}

absl::Status FeedFollower::WaitUntil(CommitNumber commit, absl::Duration timeout) const {
  using SteadyClock = std::chrono::steady_clock;
  const SteadyClock::time_point start = SteadyClock::now();
  MutexLock lock(&mu_);
  while (applied_ < commit) {
    if (ended_) return health_;
    if (stopped_) {
      return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_STORE_UNAVAILABLE,
                   "the server is stopping");
    }
    const absl::Duration left = timeout - absl::FromChrono(SteadyClock::now() - start);
    if (left <= absl::ZeroDuration()) {
      return Error(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_DEADLINE_EXCEEDED,
                   "the commit asked for has not been seen yet");
    }
    changed_.WaitFor(&mu_, left);
  }
  return absl::OkStatus();
}

absl::Status FeedFollower::Health() const {
  MutexLock lock(&mu_);
  return health_;
}

void FeedFollower::Run(std::stop_token stop) {
  absl::Duration pause = kFirstPause;
  while (!stop.stop_requested()) {
    const CommitNumber next = applied_commit() + 1;
    store_->WaitForCommit(next, absl::InfiniteDuration(), stop);
    const absl::Status applied = ApplyNext(next, stop);
    const bool ended = !applied.ok() && !IsTransient(applied);
    Note(applied, ended);
    if (ended) return;
    if (applied.ok()) {
      pause = kFirstPause;
    } else {
      if (!Pause(pause)) return;
      pause = std::min(2 * pause, kLongestPause);
    }
  }
}

void FeedFollower::Note(const absl::Status& status, bool ended) {
  {
    MutexLock lock(&mu_);
    health_ = status;
    ended_ = ended;
    changed_.NotifyAll();
  }
  if (on_change_) on_change_();
}

// False: it was stopped meanwhile.
bool FeedFollower::Pause(absl::Duration pause) {
  using SteadyClock = std::chrono::steady_clock;
  const SteadyClock::time_point start = SteadyClock::now();
  MutexLock lock(&mu_);
  while (!stopped_) {
    const absl::Duration left = pause - absl::FromChrono(SteadyClock::now() - start);
    if (left <= absl::ZeroDuration()) return true;
    changed_.WaitFor(&mu_, left);
  }
  return false;
}

// Applies what the feed has from `from` on, up to a page.
absl::Status FeedFollower::ApplyNext(CommitNumber from, const std::stop_token& stop) {
  ABSL_ASSIGN_OR_RETURN(const auto page, store_->ReadFeed(from, kPage));
  for (const storage::v1::CommitRecord& record : page) {
    if (stop.stop_requested()) return absl::OkStatus();
    ABSL_RETURN_IF_ERROR(ApplyToAll(record));
    MutexLock lock(&mu_);
    applied_ = record.number();
    changed_.NotifyAll();
  }
  return absl::OkStatus();
}

// Goes on after an error with the projection that failed: the others have seen the commit.
absl::Status FeedFollower::ApplyToAll(const storage::v1::CommitRecord& record) {
  for (; seen_by_ < projections_.size(); ++seen_by_) {
    ABSL_RETURN_IF_ERROR(projections_[seen_by_]->Apply(record, *store_));
  }
  seen_by_ = 0;
  return absl::OkStatus();
}

}  // namespace trialgate::store
