// A request made ready for testing blocks: texts as the index's numbers, dates as days, and the
// same once more for each later start that is tried as a lever.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_INDEX_QUERY_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_INDEX_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/index/site_index.h"
#include "services/feasibility/match_query.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// What of a query depends on the date from which a first patient is looked for.
struct Timing {
  static constexpr std::int32_t kNoRegion = -1;

  absl::CivilDay earliest;
  std::int64_t earliest_day = 0;              // from 1970 on
  std::optional<std::int64_t> most_start_up;  // days, with which a site is ready by the latest date
  std::vector<std::int32_t> months;           // of the window, as MonthNumber
  // By region term: which of `IndexQuery::regions_on_day` it stands for on the date, or kNoRegion.
  std::vector<std::int32_t> region_on_day;
  std::vector<bool> wanted;  // by region term; all false where none are wanted
  bool all_valid = false;    // each region term stands for one
  // Whether regions stand for the same as with the first timing.
  bool same_regions = false;
  // By start-up days less those of `IndexQuery::least_days`.
  std::vector<double> open_months;
  // The same: SmallNanoPatients (block_numbers.h) of a site with the rate of the prior.
  std::vector<std::int64_t> prior_nano;
  bool prior_countable = true;  // no -1 among those
};

struct IndexQuery {
  // As PrepareQuery gives it; not all of it is used here.
  MatchQuery query;

  // Names of regions on some date, each once.
  std::vector<std::string> regions_on_day;
  // As it stands, and 1, 2, … months later.
  std::vector<Timing> timings;

  std::vector<std::int32_t> specialities;  // terms; kUnknown where no site has it
  std::vector<std::int32_t> required;
  std::vector<std::int32_t> preferred;
  std::vector<char> counts_history;         // by speciality term: whether a row of it counts
  std::vector<bool> preferred_region;       // by region on the day as it stands
  std::vector<SiteIndex::Place> contacted;  // ascending
  int least_days = 0;
  int most_days = 0;

  const Timing& now() const { return timings.front(); }
};

// `query` is PrepareQuery of the request. nullopt where start-up days lie too far apart for tables.
std::optional<IndexQuery> PrepareIndexQuery(MatchQuery query,
                                            const directory::DirectorySnapshot& directory,
                                            const v1::TrialRequest& request,
                                            const SiteIndex& index);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_INDEX_QUERY_H_
