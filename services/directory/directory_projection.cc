#include "services/directory/directory_projection.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_repository.h"

namespace trialgate::directory {

std::shared_ptr<const DirectorySnapshot> DirectoryCache::Snapshot() const {
  MutexLock lock(&mu_);
  return snapshot_;
}

store::CommitNumber DirectoryCache::seen() const {
  MutexLock lock(&mu_);
  return seen_;
}

bool DirectoryCache::WaitUntilSeen(store::CommitNumber commit, absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  MutexLock lock(&mu_);
  while (seen_ < commit) {
    if (changed_.WaitFor(&mu_, deadline - absl::Now())) return seen_ >= commit;
  }
  return true;
}

absl::Status DirectoryCache::Load(const store::Store& store, store::CommitNumber as_of) {
  ABSL_ASSIGN_OR_RETURN(auto snapshot, ReadDirectory(store, *keys_, as_of));
  Publish(std::move(snapshot), as_of);
  return absl::OkStatus();
}

absl::Status DirectoryCache::Apply(const storage::v1::CommitRecord& commit,
                                   const store::Store& store) {
  const std::vector<std::string> keys(commit.keys().begin(), commit.keys().end());
  ABSL_ASSIGN_OR_RETURN(auto snapshot,
                        ReadChanges(Snapshot(), keys, store, *keys_, commit.number()));
  Publish(std::move(snapshot), commit.number());
  return absl::OkStatus();
}

void DirectoryCache::Publish(std::shared_ptr<const DirectorySnapshot> snapshot,
                             store::CommitNumber seen) {
  MutexLock lock(&mu_);
  snapshot_.swap(snapshot);  // the earlier one ends outside of the lock
  seen_ = seen;
  changed_.NotifyAll();
}

}  // namespace trialgate::directory
