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

// By site; at least of those that were asked for. Big: one of them is used for all blocks.
struct BlockNumbers {
  template <typename Value>
  using BySite = std::array<Value, static_cast<std::size_t>(Bits::kSites)>;

  BySite<double> mean;       // patients a month
  BySite<double> rate;       // of the Gamma, in months
  BySite<std::int32_t> day;  // start-up days less IndexQuery::least_days: a place in its tables
  // The sites asked for whose own history counts; the others have the rate of the prior.
  Bits own_rate;

  BySite<double> expected;    // patients in the window
  BySite<std::int64_t> nano;  // the same by SmallNanoPatients
};

// Sets what is in `numbers` but the patients: as RateOf (forecast.h) has it, to the last bit.
void FillRates(const IndexQuery& query, const SiteBlock& block, const Bits& sites,
               BlockNumbers* numbers);

// Sets the patients for that timing, as ContributionOf (forecast.h) has it. False where those of a
// site are too many for SmallNanoPatients. Requires FillRates.
bool FillExpected(const Timing& timing, const Bits& sites, BlockNumbers* numbers);

// The sum of `nano` over the sites.
std::int64_t SumOf(const Bits& sites, const BlockNumbers& numbers);

// Of a number of patients, not negative, as ToNanoPatients (forecast.h) has it; -1 where it is no
// number, or so large that the sum over a block's sites may be too large for that type.
inline std::int64_t SmallNanoPatients(double patients) {
  const double nano = patients * 1e9;
  if (!(nano < 9e15)) return -1;
  const auto whole = static_cast<std::int64_t>(nano);
  return whole + (nano - static_cast<double>(whole) >= 0.5 ? 1 : 0);
}

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_BLOCK_NUMBERS_H_
