#include "services/feasibility/site_index_projection.h"

#include <utility>

#include "absl/time/clock.h"

namespace trialgate::feasibility {

SiteIndexCache::SiteIndexCache(const directory::DirectoryCache* directory) : directory_(directory) {
  auto empty = std::make_shared<const directory::DirectorySnapshot>();
  auto index = SiteIndex::Of(*empty, nullptr);
  MutexLock lock(&mu_);
  newest_ = {std::move(empty), std::move(index)};
}

IndexedDirectory SiteIndexCache::Newest() const {
  MutexLock lock(&mu_);
  return newest_;
}

bool SiteIndexCache::WaitUntilSeen(store::CommitNumber commit, absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  MutexLock lock(&mu_);
  while (seen_ < commit) {
    if (changed_.WaitFor(&mu_, deadline - absl::Now())) return seen_ >= commit;
  }
  return true;
}

absl::Status SiteIndexCache::Load(const store::Store& /*store*/, store::CommitNumber as_of) {
  Follow(as_of);
  return absl::OkStatus();
}

absl::Status SiteIndexCache::Apply(const storage::v1::CommitRecord& commit,
                                   const store::Store& /*store*/) {
  Follow(commit.number());
  return absl::OkStatus();
}

// The directory has seen the same commit: its projection stands before this one.
void SiteIndexCache::Follow(store::CommitNumber seen) {
  IndexedDirectory next = Newest();
  auto directory = directory_->Snapshot();
  if (directory != next.directory) {
    next.index = SiteIndex::Of(*directory, next.index.get());
    next.directory = std::move(directory);
  }
  MutexLock lock(&mu_);
  std::swap(newest_, next);  // the earlier one ends outside of the lock
  seen_ = seen;
  changed_.NotifyAll();
}

}  // namespace trialgate::feasibility
