// Wakes those who wait for changes: follows the feed, and tells each only of the commits that
// concern what it watches.
//
//   WatchHub hub(&TopicsOf);
//   FeedFollower follower(&store, {&caches, &hub});   // last: who is woken sees all others' state
//   const auto watch = hub.Watch({"desks/oslo"}, [this] { Schedule(); });
#ifndef TRIALGATE_COMMON_STORE_WATCH_HUB_H_
#define TRIALGATE_COMMON_STORE_WATCH_HUB_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/store/projection.h"
#include "common/store/store.h"

namespace trialgate::store {

// Thread-safe. A commit costs what its topics cost, however many wait for others.
class WatchHub final : public Projection {
 public:
  // The topics, texts that watchers know, that a commit is about; what it needs besides the keys it
  // reads as of the commit. Pure.
  using TopicsOf = std::function<absl::StatusOr<std::vector<std::string>>(
      const storage::v1::CommitRecord& commit, const Store& store)>;

  // Ends when it is destroyed; the hub outlives it.
  class Subscription {
   public:
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    friend class WatchHub;
    Subscription(WatchHub* hub, std::vector<std::string> topics,
                 std::shared_ptr<const std::function<void()>> wake)
        : hub_(hub), topics_(std::move(topics)), wake_(std::move(wake)) {}

    WatchHub* const hub_;
    const std::vector<std::string> topics_;
    const std::shared_ptr<const std::function<void()>> wake_;
  };

  explicit WatchHub(TopicsOf topics_of) : topics_of_(std::move(topics_of)) {}

  // Has `wake` called after each commit from now on that is about one of `topics` (each once), once
  // for a commit, on the follower's thread and without a lock held: quick. It may still be called
  // once while the subscription ends.
  [[nodiscard]] std::unique_ptr<Subscription> Watch(std::vector<std::string> topics,
                                                    std::function<void()> wake);

  // Of all topics.
  std::size_t watchers() const;

  absl::Status Load(const Store& store, CommitNumber as_of) override;
  absl::Status Apply(const storage::v1::CommitRecord& commit, const Store& store) override;

 private:
  using Wake = std::shared_ptr<const std::function<void()>>;

  void End(const Subscription& subscription);

  const TopicsOf topics_of_;
  mutable Mutex mu_;
  std::unordered_map<std::string, std::vector<Wake>> by_topic_ ABSL_GUARDED_BY(mu_);
  std::size_t watchers_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_WATCH_HUB_H_
