#include "common/identity/token_cache.h"

#include <utility>

namespace trialgate::identity {

std::optional<TokenCache::Entry> TokenCache::Find(const std::string& digest) {
  MutexLock lock(&mu_);
  const auto found = index_.find(digest);
  if (found == index_.end()) return std::nullopt;
  items_.splice(items_.begin(), items_, found->second);
  return found->second->entry;
}

void TokenCache::Put(const std::string& digest, Entry entry) {
  MutexLock lock(&mu_);
  const auto found = index_.find(digest);
  if (found != index_.end()) {
    found->second->entry = std::move(entry);
    items_.splice(items_.begin(), items_, found->second);
    return;
  }
  if (items_.size() == capacity_) {
    index_.erase(items_.back().digest);
    items_.pop_back();
  }
  items_.push_front({digest, std::move(entry)});
  index_.emplace(digest, items_.begin());
}

void TokenCache::Remove(const std::string& digest) {
  MutexLock lock(&mu_);
  const auto found = index_.find(digest);
  if (found == index_.end()) return;
  items_.erase(found->second);
  index_.erase(found);
}

std::size_t TokenCache::size() const {
  MutexLock lock(&mu_);
  return items_.size();
}

}  // namespace trialgate::identity
