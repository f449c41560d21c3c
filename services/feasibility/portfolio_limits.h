// Which sets of sites a portfolio may be, by region.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_LIMITS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_LIMITS_H_

#include <cstddef>
#include <set>
#include <vector>

#include "services/feasibility/portfolio.h"

namespace trialgate::feasibility {

// Points into candidates and goal, which outlive it.
class PortfolioLimits {
 public:
  PortfolioLimits(const std::vector<PortfolioCandidate>& candidates, const PortfolioGoal& goal);

  // Whether no region has more of `sites` than it may.
  bool MayHold(const std::vector<std::size_t>& sites) const;

  // Whether each needed region that has a candidate has one of `sites`.
  bool Covers(const std::vector<std::size_t>& sites) const;

  // The needed regions that have a candidate, and none of `sites`.
  std::set<int> Uncovered(const std::vector<std::size_t>& sites) const;

  // Whether each needed region has a candidate.
  bool all_coverable() const { return all_coverable_; }

 private:
  const std::vector<PortfolioCandidate>& candidates_;
  const PortfolioGoal& goal_;
  std::set<int> coverable_;
  bool all_coverable_ = true;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_LIMITS_H_
