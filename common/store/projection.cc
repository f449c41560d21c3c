#include "common/store/projection.h"

#include <chrono>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

// Records read at once.
constexpr int kPage = 256;

}  // namespace

FeedFollower::FeedFollower(const Store* store, std::vector<Projection*> projections)
    : store_(store), projections_(std::move(projections)) {}

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
    if (!health_.ok()) return health_;
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
  while (!stop.stop_requested()) {
    const CommitNumber next = applied_commit() + 1;
    store_->WaitForCommit(next, absl::InfiniteDuration(), stop);
    if (const absl::Status applied = ApplyNext(next, stop); !applied.ok()) {
      MutexLock lock(&mu_);
      health_ = applied;
      changed_.NotifyAll();
      return;
    }
  }
}

// Applies what the feed has from `from` on, up to a page.
absl::Status FeedFollower::ApplyNext(CommitNumber from, std::stop_token stop) {
  ABSL_ASSIGN_OR_RETURN(const auto page, store_->ReadFeed(from, kPage));
  for (const storage::v1::CommitRecord& record : page) {
    if (stop.stop_requested()) return absl::OkStatus();
    for (Projection* projection : projections_) {
      ABSL_RETURN_IF_ERROR(projection->Apply(record, *store_));
    }
    MutexLock lock(&mu_);
    applied_ = record.number();
    changed_.NotifyAll();
  }
  return absl::OkStatus();
}

}  // namespace trialgate::store
