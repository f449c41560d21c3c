#include "common/store/watch_hub.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"

namespace trialgate::store {

WatchHub::Subscription::~Subscription() { hub_->End(*this); }

std::unique_ptr<WatchHub::Subscription> WatchHub::Watch(std::vector<std::string> topics,
                                                        std::function<void()> wake) {
  auto shared = std::make_shared<const std::function<void()>>(std::move(wake));
  std::unique_ptr<Subscription> subscription(
      new Subscription(this, std::move(topics), std::move(shared)));
  MutexLock lock(&mu_);
  ++watchers_;
  for (const std::string& topic : subscription->topics_) {
    by_topic_[topic].push_back(subscription->wake_);
  }
  return subscription;
}

void WatchHub::End(const Subscription& subscription) {
  MutexLock lock(&mu_);
  --watchers_;
  for (const std::string& topic : subscription.topics_) {
    const auto found = by_topic_.find(topic);
    std::vector<Wake>& wakes = found->second;
    // Their order does not matter.
    *std::find(wakes.begin(), wakes.end(), subscription.wake_) = wakes.back();
    wakes.pop_back();
    if (wakes.empty()) by_topic_.erase(found);
  }
}

std::size_t WatchHub::watchers() const {
  MutexLock lock(&mu_);
  return watchers_;
}

// Nobody waits for what was there before.
absl::Status WatchHub::Load(const Store&, CommitNumber) { return absl::OkStatus(); }

absl::Status WatchHub::Apply(const storage::v1::CommitRecord& commit, const Store& store) {
  if (watchers() == 0) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> topics, topics_of_(commit, store));
  std::vector<Wake> wakes;
  {
    MutexLock lock(&mu_);
    for (const std::string& topic : topics) {
      const auto found = by_topic_.find(topic);
      if (found == by_topic_.end()) continue;
      wakes.insert(wakes.end(), found->second.begin(), found->second.end());
    }
  }
  std::sort(wakes.begin(), wakes.end());
  wakes.erase(std::unique(wakes.begin(), wakes.end()), wakes.end());
  for (const Wake& wake : wakes) (*wake)();
  return absl::OkStatus();
}

}  // namespace trialgate::store
