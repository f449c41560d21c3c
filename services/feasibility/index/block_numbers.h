// Rates and expected patients of the sites of a block.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_BLOCK_NUMBERS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_BLOCK_NUMBERS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "services/feasibility/index/bits.h"
#include "services/feasibility/index/index_query.h"
#include "services/feasibility/index/site_block.h"

namespace trialgate::feasibility {

// By site; only of those that were asked for. Big: one of them is used for all blocks.
struct BlockNumbers {
  template <typename Value>
  using BySite = std::array<Value, static_cast<std::size_t>(Bits::kSites)>;

  BySite<double> mean;       // patients a month
  BySite<double> rate;       // of the Gamma, in months
  BySite<std::int32_t> day;  // start-up days less IndexQuery::least_days: a place in its tables
  BySite<double> expected;   // patients in the window
};

// Sets what is in `numbers` but `expected`: as RateOf (forecast.h) has it, to the last bit.
void FillRates(const IndexQuery& query, const SiteBlock& block, const Bits& sites,
               BlockNumbers* numbers);

// Sets `expected` for that timing, as ContributionOf (forecast.h) has it. Requires FillRates.
void FillExpected(const Timing& timing, const Bits& sites, BlockNumbers* numbers);

// Of a number of patients, not negative, as ToNanoPatients (forecast.h) has it; -1 where it is too
// large for that type, or no number.
inline std::int64_t SmallNanoPatients(double patients) {
  const double nano = patients * 1e9;
  if (!(nano < 9e18)) return -1;
  const auto whole = static_cast<std::int64_t>(nano);
  return whole + (nano - static_cast<double>(whole) >= 0.5 ? 1 : 0);
}

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_BLOCK_NUMBERS_H_
