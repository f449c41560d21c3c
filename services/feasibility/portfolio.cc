#include "services/feasibility/portfolio.h"

#include "services/feasibility/portfolio_limits.h"

namespace trialgate::feasibility {
namespace {

// Walks over the sets of each size, the least indices first, so that of equal ones the first stays.
class Enumeration {
 public:
  Enumeration(const std::vector<PortfolioCandidate>& candidates, const PortfolioGoal& goal)
      : candidates_(candidates), goal_(goal), limits_(candidates, goal) {}

  PortfolioChoice Run();

 private:
  void Extend(std::size_t from, std::size_t size);

  const std::vector<PortfolioCandidate>& candidates_;
  const PortfolioGoal& goal_;
  const PortfolioLimits limits_;
  std::vector<std::size_t> sites_;
  PortfolioChoice best_;
  bool any_ = false;
};

PortfolioChoice Enumeration::Run() {
  for (std::size_t size = 0; size <= candidates_.size(); ++size) {
    Extend(0, size);
    if (any_ && best_.probability >= goal_.probability) {
      best_.reached = limits_.all_coverable();
      break;
    }
  }
  best_.optimal = true;
  return best_;
}

void Enumeration::Extend(std::size_t from, std::size_t size) {
  if (!limits_.MayHold(sites_)) return;
  if (sites_.size() == size) {
    if (!limits_.Covers(sites_)) return;
    const double probability = PortfolioProbability(candidates_, sites_, goal_.patients_wanted);
    if (any_ && probability <= best_.probability) return;
    any_ = true;
    best_.sites = sites_;
    best_.probability = probability;
    return;
  }
  const std::size_t missing = size - sites_.size();
  for (std::size_t next = from; next + missing <= candidates_.size(); ++next) {
    sites_.push_back(next);
    Extend(next + 1, size);
    sites_.pop_back();
  }
}

}  // namespace

double PortfolioProbability(const std::vector<PortfolioCandidate>& candidates,
                            const std::vector<std::size_t>& sites, std::int64_t patients_wanted) {
  double mean = 0;
  double variance = 0;
  for (const std::size_t site : sites) {
    mean += candidates[site].contribution.expected_patients;
    variance += candidates[site].contribution.variance;
  }
  return ProbabilityOf(mean, variance, patients_wanted);
}

PortfolioChoice ChooseExhaustively(const std::vector<PortfolioCandidate>& candidates,
                                   const PortfolioGoal& goal) {
  return Enumeration(candidates, goal).Run();
}

PortfolioChoice ChoosePortfolio(const std::vector<PortfolioCandidate>& candidates,
                                const PortfolioGoal& goal) {
  return candidates.size() <= kExhaustiveCandidates ? ChooseExhaustively(candidates, goal)
                                                    : ChooseByExchange(candidates, goal);
}

}  // namespace trialgate::feasibility
