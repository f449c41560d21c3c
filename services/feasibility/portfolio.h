// The fewest sites that reach a probability of the patients wanted, within limits by region.
//
//   const PortfolioChoice choice = ChoosePortfolio(candidates, goal);
#ifndef TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_H_
#define TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/feasibility/forecast.h"

namespace trialgate::feasibility {

// Up to so many candidates every set is looked at.
inline constexpr std::size_t kExhaustiveCandidates = 15;
// A portfolio has no more sites.
inline constexpr std::size_t kMaxPortfolioSites = 200;

struct PortfolioCandidate {
  int region;  // any number: equal ones are the same region
  SiteContribution contribution;
};

struct PortfolioGoal {
  std::int64_t patients_wanted = 0;
  double probability = 0.8;         // to be reached, > 0 and < 1
  int most_per_region = 0;          // 0: any number
  std::vector<int> regions_needed;  // each with a site; those without a candidate are not reached
};

struct PortfolioChoice {
  std::vector<std::size_t> sites;  // ascending indices of candidates
  double probability = 0;          // of at least the patients wanted
  bool reached = false;            // probability and regions
  bool optimal = false;            // every set within the limits was looked at
};

// Fewest sites first, then the highest probability, then the least indices, compared one by one.
// Where the probability cannot be reached: the set of the highest within the limits. A needed
// region without a candidate is left out of account, but then the goal is not reached. `candidates`
// are in the order of their names, and not more than a few hundred; contributions are finite and
// not negative.
PortfolioChoice ChoosePortfolio(const std::vector<PortfolioCandidate>& candidates,
                                const PortfolioGoal& goal);

// The two ways to it. The first looks at every set: 2^n of them. The second adds what helps most,
// and improves by exchange.
PortfolioChoice ChooseExhaustively(const std::vector<PortfolioCandidate>& candidates,
                                   const PortfolioGoal& goal);
PortfolioChoice ChooseByExchange(const std::vector<PortfolioCandidate>& candidates,
                                 const PortfolioGoal& goal);

// The probability of at least the patients wanted over the candidates with these ascending indices.
double PortfolioProbability(const std::vector<PortfolioCandidate>& candidates,
                            const std::vector<std::size_t>& sites, std::int64_t patients_wanted);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_H_
