// The best of the eligible sites, found without scoring those that cannot be among them.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_TOP_SITES_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_TOP_SITES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/feasibility/index/block_numbers.h"
#include "services/feasibility/index/index_query.h"
#include "services/feasibility/index/site_block.h"
#include "services/feasibility/score.h"

namespace trialgate::feasibility {

struct RankedSite {
  std::int64_t nano_score;  // by which it is ranked
  SiteIndex::Place place;
  ScorePoints points;
  double expected_patients;
};

class TopSites {
 public:
  // Keeps the best `count`. `without_headroom`: ranked as HideCapacity (report.h) ranks. `query`
  // outlives this.
  TopSites(const IndexQuery& query, std::size_t count, bool without_headroom);

  // The block's eligible sites; blocks come in their order. Requires rates and expected patients.
  void Add(const SiteBlock& block, std::size_t number, const Bits& sites,
           const BlockNumbers& numbers);

  // The best first; ties in the order in which they came.
  std::vector<RankedSite> Take();

 private:
  // What of a block a score is made of.
  struct BlockSets {
    std::vector<const Bits*> specialities;
    std::vector<const Bits*> preferred;
    std::vector<const std::vector<std::uint8_t>*> trials;  // null: no site runs the phase
    std::vector<const std::vector<std::uint8_t>*> free;    // of months in which any site uses slots
  };

  BlockSets SetsOf(const SiteBlock& block) const;
  // With all slots free.
  ScoreFacts FactsOf(const SiteBlock& block, const BlockSets& sets, int site, int days) const;
  std::int64_t LeastFree(const SiteBlock& block, const BlockSets& sets, std::size_t site) const;
  std::int64_t RankOf(ScorePoints points) const;
  // No less than the points of the site.
  double Bound(const SiteBlock& block, std::size_t site, const BlockNumbers& numbers) const;
  void Keep(RankedSite site);

  const IndexQuery& query_;
  const std::size_t count_;
  const bool without_headroom_;
  const double patients_per_site_;
  double constant_bound_ = 0;            // of the parts that the bound does not look at
  std::vector<double> start_up_points_;  // by start-up days less least_days
  bool bounded_;                         // whether the bound holds
  std::vector<RankedSite> kept_;         // once full a heap, the worst at its head
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_TOP_SITES_H_
