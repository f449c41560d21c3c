// Which regions to turn to first: a short list of regions, made of a feasibility report and of what
// the sites have run.
//
// A report names every region with an eligible site, which of a common disease is every region
// there is; and sums over sites put the region with the most sites first, always. The short list
// says for which regions trials like this one are what they do.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REGION_SHORT_LIST_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REGION_SHORT_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

inline constexpr int kMaxShortListedRegions = 3;

// So many trials count for a region before any is counted: of them the share is taken for known
// that its sites, and the regions together, suggest.
inline constexpr double kAssumedTrials = 20;
// How much a region's size counts: 0 not at all, 1 as much as its focus.
inline constexpr double kSizeExponent = 0.15;

struct ShortListedRegion {
  std::string region;
  // Part of the region's trials that those of its sites ran that fit, 0 to 1: see ShortListRegions.
  double focus = 0;
  // What the list is ordered by.
  double rank = 0;
  // Its sites that fit; their trials, and those of all its sites.
  int sites = 0;
  std::int64_t trials = 0;
  std::int64_t all_trials = 0;
};

// The regions to turn to, the first of them first, at most `most`. A pure function. `report` tells
// all its sites, not a page of them. The sites that fit are the report's eligible ones; where there
// are none, its near misses, of which the secretariat is told then. `trials` gives the trials that
// a site has run, whatever the phase; 0 and up. `day` is the earliest first-patient-in date: a site
// stands in the region that its own stands for then.
//
//   focus = (trials of the region's sites that fit + kAssumedTrials × share) /
//           (trials of all its sites + kAssumedTrials)
//   share = half the region's sites that fit / all its sites, and half
//           (trials of the sites that fit in all these regions + 1) /
//           (trials of all sites of all these regions + kAssumedTrials)
//   rank  = focus × (trials of all its sites + 1) ^ kSizeExponent
//
// So a small region that does much of this goes before a large one that does little; without any
// trials its sites alone speak. Ties go to the region with more sites that fit, then to the name,
// bytewise.
std::vector<ShortListedRegion> ShortListRegions(
    const v1::FeasibilityReport& report, const directory::DirectorySnapshot& directory,
    absl::CivilDay day, absl::FunctionRef<std::int64_t(const std::string& site)> trials,
    int most = kMaxShortListedRegions);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REGION_SHORT_LIST_H_
