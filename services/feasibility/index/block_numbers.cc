#include "services/feasibility/index/block_numbers.h"

#include <algorithm>

namespace trialgate::feasibility {
namespace {

// Over the rows of the site that count: sums in their order, which is ascending by months.
struct Recruited {
  std::int64_t actual = 0;
  double site_months = 0;
};

Recruited CountedOf(const IndexQuery& query, const Histories& histories, std::size_t site) {
  Recruited sum;
  for (std::uint32_t row = histories.first_row[site]; row < histories.first_row[site + 1]; ++row) {
    if (query.counts_history[static_cast<std::size_t>(histories.speciality[row])] == 0) continue;
    sum.actual += histories.actual[row];
    sum.site_months += histories.site_months[row];
  }
  return sum;
}

// Of every site of the block: loops without a branch, which cost less than leaving sites out.
void FillDays(const IndexQuery& query, const SiteBlock& block, BlockNumbers* numbers) {
  for (std::size_t site = 0; site < block.start_up_days.size(); ++site) {
    numbers->day[site] = block.start_up_days[site] - query.least_days;
  }
  block.all.AndNot(block.declares_start_up).ForEach([&](int site) {
    numbers->day[static_cast<std::size_t>(site)] =
        query.query.default_start_up_days - query.least_days;
  });
}

void FillRatesOfAllRows(const IndexQuery& query, const Histories& histories,
                        BlockNumbers* numbers) {
  const double alpha = query.query.prior_alpha;
  const double beta = query.query.prior_beta;
  const double* const actual = histories.actual_sum.data();
  const double* const site_months = histories.site_months_sum.data();
  for (std::size_t site = 0; site < histories.actual_sum.size(); ++site) {
    const double rate = beta + site_months[site];
    numbers->rate[site] = rate;
    numbers->mean[site] = (alpha + actual[site]) / rate;
  }
}

}  // namespace

void FillRates(const IndexQuery& query, const SiteBlock& block, const Bits& sites,
               BlockNumbers* numbers) {
  FillDays(query, block, numbers);
  const Histories& histories = block.histories;
  if (query.query.specialities.empty()) {
    numbers->own_rate = sites;
    FillRatesOfAllRows(query, histories, numbers);
    return;
  }
  const double alpha = query.query.prior_alpha;
  const double beta = query.query.prior_beta;
  numbers->rate.fill(beta);
  numbers->mean.fill(alpha / beta);
  numbers->own_rate = Bits();
  for (const std::int32_t term : query.specialities) {
    numbers->own_rate |= histories.specialities.Of(term);
  }
  numbers->own_rate &= sites;
  numbers->own_rate.ForEach([&](int place) {
    const auto site = static_cast<std::size_t>(place);
    const Recruited sum = CountedOf(query, histories, site);
    const double rate = beta + sum.site_months;
    numbers->rate[site] = rate;
    numbers->mean[site] = (alpha + static_cast<double>(sum.actual)) / rate;
  });
}

bool FillExpected(const Timing& timing, const Bits& sites, BlockNumbers* numbers) {
  std::int64_t least = 0;
  sites.ForEach([&](int place) {
    const auto site = static_cast<std::size_t>(place);
    const double expected =
        numbers->mean[site] * timing.open_months[static_cast<std::size_t>(numbers->day[site])];
    const std::int64_t nano = SmallNanoPatients(expected);
    numbers->expected[site] = expected;
    numbers->nano[site] = nano;
    least = std::min(least, nano);
  });
  return least == 0;
}

std::int64_t SumOf(const Bits& sites, const BlockNumbers& numbers) {
  std::int64_t sum = 0;
  sites.ForEach([&](int site) { sum += numbers.nano[static_cast<std::size_t>(site)]; });
  return sum;
}

}  // namespace trialgate::feasibility
