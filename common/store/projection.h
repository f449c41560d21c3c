// Projections: what is derived in memory from the store, and follows its feed.
//
//   SiteIndex index;
//   FeedFollower follower(&store, {&index});
//   ABSL_RETURN_IF_ERROR(follower.Start());
//   ...
//   ABSL_RETURN_IF_ERROR(follower.WaitUntil(commit, absl::Seconds(2)));
#ifndef TRIALGATE_COMMON_STORE_PROJECTION_H_
#define TRIALGATE_COMMON_STORE_PROJECTION_H_

#include <cstddef>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/store/store.h"

namespace trialgate::store {

// Called from one thread at a time. What it offers to readers it guards itself.
class Projection {
 public:
  virtual ~Projection() = default;

  // Takes the whole state as of commit `as_of`, in place of what it had.
  virtual absl::Status Load(const Store& store, CommitNumber as_of) = 0;

  // Takes one further commit, the next one. The record names the keys written; their values are in
  // `store` as of its number. An error leaves the projection as it was: the commit may come again.
  virtual absl::Status Apply(const storage::v1::CommitRecord& commit, const Store& store) = 0;
};

// Follows the feed with one thread and applies each commit to every projection, in their order.
// What fails with UNAVAILABLE, RESOURCE_EXHAUSTED or DEADLINE_EXCEEDED is tried again, at first
// after 10 ms, in the end every second, until it succeeds; any other error, such as DATA_LOSS, ends
// the following. Thread-safe.
class FeedFollower {
 public:
  // Nothing is owned; all outlive the follower. `on_change`, unless null, is called on the
  // follower's thread when applied_commit() or Health() may have changed: quick, and it may call
  // these two, but neither Start nor Stop.
  FeedFollower(const Store* store, std::vector<Projection*> projections,
               std::function<void()> on_change = nullptr);
  // Stops.
  ~FeedFollower();
  FeedFollower(const FeedFollower&) = delete;
  FeedFollower& operator=(const FeedFollower&) = delete;

  // Loads every projection as of the head, then follows from there. Call once. An error is that of
  // a Load, and nothing is followed.
  absl::Status Start();

  // Ends the following and wakes those who wait. May be called again.
  void Stop();

  // The last commit that every projection has seen; 0 before Start.
  CommitNumber applied_commit() const;

  // Blocks until every projection has seen `commit`. DEADLINE_EXCEEDED when `timeout` is over
  // first; UNAVAILABLE when it was stopped; the error of the projection or the feed that ended the
  // following.
  absl::Status WaitUntil(CommitNumber commit, absl::Duration timeout) const;

  // OK, or the error of a projection or the feed: the one that ended the following, or one that is
  // being tried again.
  absl::Status Health() const;

 private:
  void Run(std::stop_token stop);
  absl::Status ApplyNext(CommitNumber from, const std::stop_token& stop);
  absl::Status ApplyToAll(const storage::v1::CommitRecord& record);
  void Note(const absl::Status& status, bool ended);
  bool Pause(absl::Duration pause);

  const Store* const store_;
  const std::vector<Projection*> projections_;
  const std::function<void()> on_change_;
  // Those that have seen the next commit already; only the follower's thread.
  std::size_t seen_by_ = 0;

  mutable Mutex mu_;
  mutable CondVar changed_;
  CommitNumber applied_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status health_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;    // by the error in health_
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;  // by Stop
  std::jthread thread_;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_PROJECTION_H_
