// What routing and metrics read of the present, consistent as of one commit: the directory, and how
// much work lies with whom.
//
//   directory::DirectoryCache directory(&keys);
//   feasibility::SiteIndexCache sites(&directory);
//   intake::WorldCache world(&directory, &sites);
//   store::FeedFollower follower(&store, {&directory, &sites, &world});  // in this order
#ifndef TRIALGATE_SERVICES_INTAKE_WORLD_PROJECTION_H_
#define TRIALGATE_SERVICES_INTAKE_WORLD_PROJECTION_H_

#include <cstdint>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/store/projection.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/site_index_projection.h"
#include "services/routing/open_referrals.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// Immutable; safe to read from any thread.
struct WorldView {
  // As of which everything here is.
  store::CommitNumber commit = 0;
  std::shared_ptr<const directory::DirectorySnapshot> directory;
  std::shared_ptr<const feasibility::SiteIndex> sites;  // of that directory
  routing::OpenReferrals open_referrals;
  std::map<v1::TrialRequestState, std::int64_t> requests_by_state;
};

// Thread-safe. Follows the feed after a DirectoryCache and a SiteIndexCache on the same follower.
class WorldCache final : public store::Projection {
 public:
  // Neither is owned; both outlive this.
  WorldCache(const directory::DirectoryCache* directory, const feasibility::SiteIndexCache* sites);

  // The newest view; never null, as are its directory and their index.
  std::shared_ptr<const WorldView> View() const;

  // The view as of a commit no earlier than the last that the DirectoryCache had seen when this was
  // called: what a client saw change before is in it. The newest there is, where the feed stands
  // still for seconds.
  std::shared_ptr<const WorldView> CaughtUpView() const;

  absl::Status Load(const store::Store& store, store::CommitNumber as_of) override;
  absl::Status Apply(const storage::v1::CommitRecord& commit, const store::Store& store) override;

 private:
  void Publish(std::shared_ptr<WorldView> view, store::CommitNumber commit);

  const directory::DirectoryCache* const directory_;
  const feasibility::SiteIndexCache* const sites_;
  mutable Mutex mu_;
  mutable CondVar changed_;
  std::shared_ptr<const WorldView> view_ ABSL_GUARDED_BY(mu_);
};

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_WORLD_PROJECTION_H_
