#include "services/feasibility/portfolio_limits.h"

#include <algorithm>
#include <map>

namespace trialgate::feasibility {

PortfolioLimits::PortfolioLimits(const std::vector<PortfolioCandidate>& candidates,
                                 const PortfolioGoal& goal)
    : candidates_(candidates), goal_(goal) {
  for (const int region : goal.regions_needed) {
    const bool has = std::any_of(candidates.begin(), candidates.end(),
                                 [&](const auto& c) { return c.region == region; });
    if (has) coverable_.insert(region);
    all_coverable_ = all_coverable_ && has;
  }
}

bool PortfolioLimits::MayHold(const std::vector<std::size_t>& sites) const {
  if (goal_.most_per_region <= 0) return true;
  std::map<int, int> count;
  return std::all_of(sites.begin(), sites.end(), [&](std::size_t site) {
    return ++count[candidates_[site].region] <= goal_.most_per_region;
  });
}

std::set<int> PortfolioLimits::Uncovered(const std::vector<std::size_t>& sites) const {
  std::set<int> uncovered = coverable_;
  if (uncovered.empty()) return uncovered;
  for (const std::size_t site : sites) uncovered.erase(candidates_[site].region);
  return uncovered;
}

bool PortfolioLimits::Covers(const std::vector<std::size_t>& sites) const {
  return Uncovered(sites).empty();
}

}  // namespace trialgate::feasibility
