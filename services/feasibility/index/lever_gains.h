// What each lever would bring, summed block by block: near misses of one criterion that the change
// makes good, or other sites at another time.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_LEVER_GAINS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_LEVER_GAINS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "services/feasibility/forecast.h"
#include "services/feasibility/index/block_criteria.h"
#include "services/feasibility/index/block_numbers.h"
#include "services/feasibility/index/index_query.h"
#include "services/feasibility/levers.h"

namespace trialgate::feasibility {

class LeverGains {
 public:
  // `query` outlives this.
  explicit LeverGains(const IndexQuery& query);

  // A block's near misses with their expected patients. Requires those of them in `numbers`.
  void AddNearMisses(const SiteBlock& block, const BlockOutcome& outcome,
                     const BlockNumbers& numbers);

  // What later starts bring and cost. Requires rates of all sites in `outcome.later`. False where a
  // site's patients are too many to be counted here.
  bool AddLaterStarts(const BlockOutcome& outcome, const BlockNumbers& numbers);

  // Every change tried, in no order. `eligible` are the expected patients as the request stands.
  std::vector<NetGain> Take(NanoPatients eligible) const;

 private:
  struct Gain {
    int gained = 0;
    int lost = 0;
    NanoPatients patients = 0;
  };

  void Take(v1::LeverKind kind, const std::string& value, const Gain& gain,
            std::vector<NetGain>* gains) const;
  void TakeLatestDates(std::vector<NetGain>* gains) const;
  // Each of the sites that lacks exactly one of what is wanted counts for that.
  void AddLackingOne(const std::vector<Bits>& lacking, const Bits& sites,
                     const BlockNumbers& numbers, std::vector<Gain>* gains);
  static void Add(const Bits& sites, const BlockNumbers& numbers, Gain* gain);

  const IndexQuery& query_;
  std::vector<Gain> capabilities_;
  std::vector<Gain> age_groups_;
  std::vector<Gain> phases_;
  Gain any_speciality_;
  std::vector<Gain> regions_;  // by region on the day
  std::vector<Gain> late_;     // by start-up days less least_days
  std::array<Gain, 3> later_starts_;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_LEVER_GAINS_H_
