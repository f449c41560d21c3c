#include "services/server/readiness.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace trialgate::server {

void Readiness::Watch(const store::Store* store, const store::FeedFollower* follower,
                      std::function<void(bool)> told) {
  MutexLock lock(&mu_);
  store_ = store;
  follower_ = follower;
  told_ = std::move(told);
  ready_ = LooksReady();
  told_(ready_);
}

void Readiness::Unwatch() {
  MutexLock lock(&mu_);
  store_ = nullptr;
  follower_ = nullptr;
  told_ = nullptr;
}

void Readiness::Update() {
  MutexLock lock(&mu_);
  TellChange();
}

bool Readiness::Drain() {
  MutexLock lock(&mu_);
  const bool already = std::exchange(draining_, true);
  TellChange();
  return already;
}

bool Readiness::draining() const {
  MutexLock lock(&mu_);
  return draining_;
}

std::vector<obs::ReadinessCheck> Readiness::Checks() const {
  MutexLock lock(&mu_);
  return Look();
}

void Readiness::TellChange() {
  if (store_ == nullptr) return;
  const bool ready = LooksReady();
  if (ready == ready_) return;
  ready_ = ready;
  told_(ready);
}

bool Readiness::LooksReady() const {
  const std::vector<obs::ReadinessCheck> checks = Look();
  return std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.ok; });
}

std::vector<obs::ReadinessCheck> Readiness::Look() const {
  if (store_ == nullptr) return {{"serving", false, "the server is starting or ending"}};
  std::vector<obs::ReadinessCheck> checks;
  const absl::Status store = store_->Health();
  checks.push_back({"store", store.ok(), std::string(store.message())});
  const absl::Status followed = follower_->Health();
  const store::CommitNumber applied = follower_->applied_commit();
  const store::CommitNumber lag = store_->Head() - applied;
  checks.push_back(
      {"derived data", followed.ok() && lag <= kMaxLag,
       followed.ok() ? absl::StrCat(lag, " commits behind") : std::string(followed.message())});
  checks.push_back({"serving", !draining_, draining_ ? "the server is draining" : ""});
  return checks;
}

}  // namespace trialgate::server
