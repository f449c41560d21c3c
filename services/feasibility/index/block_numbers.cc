#include "services/feasibility/index/block_numbers.h"

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

}  // namespace

void FillRates(const IndexQuery& query, const SiteBlock& block, const Bits& sites,
               BlockNumbers* numbers) {
  const Histories& histories = block.histories;
  const bool all_rows = query.query.specialities.empty();
  const double alpha = query.query.prior_alpha;
  const double beta = query.query.prior_beta;
  const int undeclared = query.query.default_start_up_days;
  sites.ForEach([&](int place) {
    const auto site = static_cast<std::size_t>(place);
    const Recruited sum =
        all_rows ? Recruited{histories.actual_sum[site], histories.site_months_sum[site]}
                 : CountedOf(query, histories, site);
    const double rate = beta + sum.site_months;
    numbers->rate[site] = rate;
    numbers->mean[site] = (alpha + static_cast<double>(sum.actual)) / rate;
    const int days = block.declares_start_up.Test(place) ? block.start_up_days[site] : undeclared;
    numbers->day[site] = days - query.least_days;
  });
}

void FillExpected(const Timing& timing, const Bits& sites, BlockNumbers* numbers) {
  sites.ForEach([&](int place) {
    const auto site = static_cast<std::size_t>(place);
    numbers->expected[site] =
        numbers->mean[site] * timing.open_months[static_cast<std::size_t>(numbers->day[site])];
  });
}

}  // namespace trialgate::feasibility
