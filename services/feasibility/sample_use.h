// Which of a site's values are invented (source SAMPLE), so that a report that rests on one says
// so.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_SAMPLE_USE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_SAMPLE_USE_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "services/feasibility/match_query.h"

namespace trialgate::feasibility {

// Counts, kind of value by kind, the sites whose values are invented.
class SampleUse {
 public:
  // Profile, trials by phase, start-up days, recruitment history, capacity.
  static constexpr std::size_t kKinds = 5;

  // Looks at what matching reads of a site: profile, phases wanted, start-up, history, capacity.
  // Returns whether any of it is invented.
  bool Add(const MatchQuery& query, const SiteView& view);

  // So many sites at once, and of each kind of value how many have it invented.
  void AddCounted(int sites, const std::array<int, kKinds>& invented);

  // Whether any site added has an invented value.
  bool any() const { return any_; }

  // A sentence for each kind of value that is invented for some site; none where all is real.
  std::vector<std::string> Caveats() const;

 private:
  std::array<int, kKinds> sites_{};
  int added_ = 0;
  bool any_ = false;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_SAMPLE_USE_H_
