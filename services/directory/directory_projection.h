// The newest directory in memory: follows the store's feed.
//
//   DirectoryCache cache(&keys);
//   store::FeedFollower follower(&store, {&cache});
//   ABSL_RETURN_IF_ERROR(follower.Start());
//   std::shared_ptr<const DirectorySnapshot> directory = cache.Snapshot();
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_PROJECTION_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_PROJECTION_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/keys/key_store.h"
#include "common/store/projection.h"
#include "services/directory/directory_snapshot.h"

namespace trialgate::directory {

// Thread-safe.
class DirectoryCache final : public store::Projection {
 public:
  // `keys` open what is stored of persons; not owned, outlives this.
  explicit DirectoryCache(const keys::KeyStore* keys) : keys_(keys) {}

  // The directory as of the last commit seen that changed it; empty before the first Load. Never
  // null.
  std::shared_ptr<const DirectorySnapshot> Snapshot() const;

  // The last commit seen, whether it changed the directory or not.
  store::CommitNumber seen() const;

  // Blocks until `commit` is seen. False when `timeout` is over first.
  bool WaitUntilSeen(store::CommitNumber commit, absl::Duration timeout) const;

  absl::Status Load(const store::Store& store, store::CommitNumber as_of) override;
  absl::Status Apply(const storage::v1::CommitRecord& commit, const store::Store& store) override;

 private:
  void Publish(std::shared_ptr<const DirectorySnapshot> snapshot, store::CommitNumber seen);

  const keys::KeyStore* const keys_;
  mutable Mutex mu_;
  mutable CondVar changed_;
  std::shared_ptr<const DirectorySnapshot> snapshot_ ABSL_GUARDED_BY(mu_) =
      std::make_shared<const DirectorySnapshot>();
  store::CommitNumber seen_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_PROJECTION_H_
