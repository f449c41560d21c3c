// Whether this server wants calls, and who is told when that changes.
#ifndef TRIALGATE_SERVICES_SERVER_READINESS_H_
#define TRIALGATE_SERVICES_SERVER_READINESS_H_

#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "common/obs/http_server.h"
#include "common/store/projection.h"
#include "common/store/store.h"

namespace trialgate::server {

// Ready: the store takes commits, what is derived from it is followed and not far behind, and the
// server is not ending. Thread-safe.
class Readiness {
 public:
  // What is derived may be so many commits behind before others should serve instead.
  static constexpr store::CommitNumber kMaxLag = 1000;

  Readiness() = default;
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // Tells `told` whether it is ready, now and whenever Update finds a change. One call at a time;
  // `told` must not call this object. Neither pointer is owned; both are used until Unwatch.
  void Watch(const store::Store* store, const store::FeedFollower* follower,
             std::function<void(bool)> told);

  // Tells nobody any more, and returns when nobody is being told.
  void Unwatch();

  // Looks again. To be called after whatever may change the answer: a batch of commits, a change of
  // the follower. Does nothing unless watching.
  void Update();

  // Not ready from now on. Whether that was so already.
  bool Drain();
  bool draining() const;

  // What it is made of; not ready unless watching.
  std::vector<obs::ReadinessCheck> Checks() const;

 private:
  std::vector<obs::ReadinessCheck> Look() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool LooksReady() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellChange() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  const store::Store* store_ ABSL_GUARDED_BY(mu_) = nullptr;
  const store::FeedFollower* follower_ ABSL_GUARDED_BY(mu_) = nullptr;
  std::function<void(bool)> told_ ABSL_GUARDED_BY(mu_);
  bool ready_ ABSL_GUARDED_BY(mu_) = false;
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_READINESS_H_
