// The ten criteria of all sites of a block, by operations on sets.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_BLOCK_CRITERIA_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_BLOCK_CRITERIA_H_

#include <array>
#include <cstddef>

#include "services/feasibility/criteria.h"
#include "services/feasibility/index/bits.h"
#include "services/feasibility/index/index_query.h"
#include "services/feasibility/index/site_block.h"

namespace trialgate::feasibility {

// What a block's sites meet and fail. Sets hold sites of the block only.
struct BlockOutcome {
  std::array<Bits, kLastCriterion + 1> failed;
  Bits eligible;   // fail none
  Bits near_miss;  // fail exactly one
  // Those that would be eligible with each of the query's timings but the first.
  std::array<Bits, 3> later;
};

// Tests block number `number` of the index.
void TestBlock(const IndexQuery& query, const SiteBlock& block, std::size_t number,
               BlockOutcome* outcome);

// The sites that run all the phases, or have any (all) of the specialities, as `query` wants.
Bits RunsPhases(const MatchQuery& query, const SiteBlock& block);
Bits HasAnySpeciality(const IndexQuery& query, const SiteBlock& block);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_BLOCK_CRITERIA_H_
