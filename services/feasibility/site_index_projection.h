// The newest directory with its index: follows the store's feed after the directory.
//
//   directory::DirectoryCache directory(&keys);
//   feasibility::SiteIndexCache sites(&directory);
//   store::FeedFollower follower(&store, {&directory, &sites});  // in this order
#ifndef TRIALGATE_SERVICES_FEASIBILITY_SITE_INDEX_PROJECTION_H_
#define TRIALGATE_SERVICES_FEASIBILITY_SITE_INDEX_PROJECTION_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/store/projection.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/index/site_index.h"

namespace trialgate::feasibility {

// A directory and the index of exactly that one; neither is null.
struct IndexedDirectory {
  std::shared_ptr<const directory::DirectorySnapshot> directory;
  std::shared_ptr<const SiteIndex> index;
};

// Thread-safe. Readers take a version and never wait for the next one.
class SiteIndexCache final : public store::Projection {
 public:
  // `directory` is not owned and outlives this.
  explicit SiteIndexCache(const directory::DirectoryCache* directory);

  IndexedDirectory Newest() const;

  // Blocks until `commit` is seen. False when `timeout` is over first.
  bool WaitUntilSeen(store::CommitNumber commit, absl::Duration timeout) const;

  absl::Status Load(const store::Store& store, store::CommitNumber as_of) override;
  absl::Status Apply(const storage::v1::CommitRecord& commit, const store::Store& store) override;

 private:
  void Follow(store::CommitNumber seen);

  const directory::DirectoryCache* const directory_;
  mutable Mutex mu_;
  mutable CondVar changed_;
  IndexedDirectory newest_ ABSL_GUARDED_BY(mu_);
  store::CommitNumber seen_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_SITE_INDEX_PROJECTION_H_
