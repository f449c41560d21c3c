// Match (matcher.h) over the columns of an index: the same reports, byte for byte, at a fraction of
// the work.
//
//   const auto index = SiteIndex::Of(*directory, nullptr);
//   v1::FeasibilityReport report = FastMatch(request, 0, *directory, *index, today, {});
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_FAST_MATCH_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_FAST_MATCH_H_

#include <limits>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/index/site_index.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// How much of what is found is listed, 0 and up.
struct MatchPage {
  int eligible = std::numeric_limits<int>::max();
  int near_misses = std::numeric_limits<int>::max();
  // Which sites are the best: as HideCapacity (report.h) will rank those that are listed.
  bool rank_without_headroom = false;
};

// What KeepPage(page, Match(...)) gives, or after HideCapacity, where sites are ranked without
// headroom and HideCapacity follows. `index` is SiteIndex::Of(directory).
v1::FeasibilityReport FastMatch(const v1::TrialRequest& request, int revision,
                                const directory::DirectorySnapshot& directory,
                                const SiteIndex& index, absl::CivilDay today,
                                const MatchPage& page);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_FAST_MATCH_H_
