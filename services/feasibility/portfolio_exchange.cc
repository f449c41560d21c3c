// Portfolios among many candidates: greedy, then improved by exchange of up to two sites for up to
// two others.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "services/feasibility/portfolio.h"
#include "services/feasibility/portfolio_limits.h"

namespace trialgate::feasibility {
namespace {

using Sites = std::vector<std::size_t>;

// Of the changes to a set the exact probability is computed for so many, the best by the guess.
constexpr std::size_t kLookedAt = 96;
// Pairs are made of so many sites, the best by the guess.
constexpr std::size_t kPaired = 15;
// A set is exchanged at most so often.
constexpr int kExchanges = 100;

struct Rated {
  Sites sites;
  SiteContribution sum{0, 0};
  double probability = 0;
  double guess = 0;
};

// Higher probability, then (where it is too small for a number) the guess, then least indices.
bool Better(const Rated& a, const Rated& b) {
  if (a.probability != b.probability) return a.probability > b.probability;
  if (a.probability == 0 && a.guess != b.guess) return a.guess > b.guess;
  return a.sites < b.sites;
}

// What leaves a set and what comes in its place.
struct Change {
  double guess = 0;
  Sites out;
  Sites in;
};

// By how much a change makes a set larger.
struct Growth {
  int least;
  int most;
};
constexpr Growth kSameSize = {0, 0};
constexpr Growth kAnySize = {-2, 2};

class ExchangeSearch {
 public:
  ExchangeSearch(const std::vector<PortfolioCandidate>& candidates, const PortfolioGoal& goal)
      : candidates_(candidates), goal_(goal), limits_(candidates, goal) {}

  PortfolioChoice Run();

 private:
  bool Reaches(const Rated& set) const { return set.probability >= goal_.probability; }
  const SiteContribution& Of(std::size_t site) const { return candidates_[site].contribution; }
  double Guess(const SiteContribution& sum) const;
  double GuessAfter(const Rated& set, const Sites& out, const Sites& in) const;
  Rated Rate(Sites sites) const;
  Sites Others(const Sites& sites) const;

  // The changes of one site for another, or of none.
  std::vector<Change> SingleChanges(const Rated& set, Growth growth) const;
  // Those of which two sites are part on either side.
  std::vector<Change> PairChanges(const Rated& set, Growth growth) const;
  // Up to `kPaired` sites, ascending, whose leaving (or coming) is the best by the guess.
  Sites Likeliest(const Rated& set, const Sites& sites, bool leave) const;
  // The best set that one of `changes` makes of `set`, within the limits; nullopt: none is.
  std::optional<Rated> Best(const Rated& set, std::vector<Change> changes) const;

  Rated CoverNeeded() const;
  Rated Grow(Rated set) const;
  Rated Exchange(Rated set, Growth growth) const;
  Rated OneFewer(const Rated& larger) const;

  const std::vector<PortfolioCandidate>& candidates_;
  const PortfolioGoal& goal_;
  const PortfolioLimits limits_;
};

// By how many standard deviations a normal total lies above the patients wanted.
double ExchangeSearch::Guess(const SiteContribution& sum) const {
  const double above = sum.expected_patients - static_cast<double>(goal_.patients_wanted) + 0.5;
  return above / std::sqrt(std::max(sum.expected_patients + sum.variance, 1e-9));
}

double ExchangeSearch::GuessAfter(const Rated& set, const Sites& out, const Sites& in) const {
  SiteContribution sum = set.sum;
  for (const std::size_t site : out) {
    sum.expected_patients -= Of(site).expected_patients;
    sum.variance -= Of(site).variance;
  }
  for (const std::size_t site : in) {
    sum.expected_patients += Of(site).expected_patients;
    sum.variance += Of(site).variance;
  }
  return Guess(sum);
}

Rated ExchangeSearch::Rate(Sites sites) const {
  Rated rated;
  for (const std::size_t site : sites) {
    rated.sum.expected_patients += Of(site).expected_patients;
    rated.sum.variance += Of(site).variance;
  }
  rated.probability =
      ProbabilityOf(rated.sum.expected_patients, rated.sum.variance, goal_.patients_wanted);
  rated.guess = Guess(rated.sum);
  rated.sites = std::move(sites);
  return rated;
}

Sites ExchangeSearch::Others(const Sites& sites) const {
  Sites others;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (!std::binary_search(sites.begin(), sites.end(), i)) others.push_back(i);
  }
  return others;
}

// Every way to take up to `most` (1 or 2) of some sites, each once.
std::vector<Sites> Picks(const Sites& sites, int most) {
  std::vector<Sites> picks = {{}};
  for (std::size_t i = 0; i < sites.size(); ++i) {
    picks.push_back({sites[i]});
    for (std::size_t j = i + 1; most == 2 && j < sites.size(); ++j) {
      picks.push_back({sites[i], sites[j]});
    }
  }
  return picks;
}

std::vector<Change> ExchangeSearch::SingleChanges(const Rated& set, Growth growth) const {
  std::vector<Change> changes;
  const std::vector<Sites> ins = Picks(Others(set.sites), 1);
  for (const Sites& out : Picks(set.sites, 1)) {
    for (const Sites& in : ins) {
      const int grows = static_cast<int>(in.size()) - static_cast<int>(out.size());
      if (in.size() + out.size() == 0 || grows < growth.least || grows > growth.most) continue;
      changes.push_back({GuessAfter(set, out, in), out, in});
    }
  }
  return changes;
}

Sites ExchangeSearch::Likeliest(const Rated& set, const Sites& sites, bool leave) const {
  std::vector<std::pair<double, std::size_t>> order;
  for (const std::size_t site : sites) {
    const double guess = leave ? GuessAfter(set, {site}, {}) : GuessAfter(set, {}, {site});
    order.emplace_back(-guess, site);
  }
  std::sort(order.begin(), order.end());
  Sites likeliest;
  for (std::size_t i = 0; i < std::min(order.size(), kPaired); ++i) {
    likeliest.push_back(order[i].second);
  }
  std::sort(likeliest.begin(), likeliest.end());
  return likeliest;
}

std::vector<Change> ExchangeSearch::PairChanges(const Rated& set, Growth growth) const {
  std::vector<Change> changes;
  const std::vector<Sites> ins = Picks(Likeliest(set, Others(set.sites), false), 2);
  for (const Sites& out : Picks(Likeliest(set, set.sites, true), 2)) {
    for (const Sites& in : ins) {
      const int grows = static_cast<int>(in.size()) - static_cast<int>(out.size());
      if (std::max(in.size(), out.size()) < 2) continue;
      if (grows < growth.least || grows > growth.most) continue;
      changes.push_back({GuessAfter(set, out, in), out, in});
    }
  }
  return changes;
}

std::optional<Rated> ExchangeSearch::Best(const Rated& set, std::vector<Change> changes) const {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.guess > b.guess; });
  const std::size_t uncovered = limits_.Uncovered(set.sites).size();
  std::optional<Rated> best;
  std::size_t looked_at = 0;
  for (const Change& change : changes) {
    Sites sites;
    std::set_difference(set.sites.begin(), set.sites.end(), change.out.begin(), change.out.end(),
                        std::back_inserter(sites));
    sites.insert(sites.end(), change.in.begin(), change.in.end());
    std::sort(sites.begin(), sites.end());
    if (sites.size() > kMaxPortfolioSites || !limits_.MayHold(sites)) continue;
    // What is covered stays so.
    if (limits_.Uncovered(sites).size() > uncovered) continue;
    Rated rated = Rate(std::move(sites));
    if (!best.has_value() || Better(rated, *best)) best = std::move(rated);
    if (++looked_at == kLookedAt) break;
  }
  return best;
}

// One site for each region needed, the one with most expected patients.
Rated ExchangeSearch::CoverNeeded() const {
  Sites sites;
  for (const int region : limits_.Uncovered({})) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (candidates_[i].region != region) continue;
      if (!best.has_value() || Of(i).expected_patients > Of(*best).expected_patients) best = i;
    }
    sites.push_back(*best);
  }
  std::sort(sites.begin(), sites.end());
  return Rate(std::move(sites));
}

// Adds what helps most until the probability is reached; else the best set on the way, which may
// lead through worse ones: a site of which little is known helps only where few are chosen.
Rated ExchangeSearch::Grow(Rated set) const {
  Rated best = set;
  while (!Reaches(set)) {
    std::optional<Rated> larger = Best(set, SingleChanges(set, {1, 1}));
    if (!larger.has_value()) break;
    set = *std::move(larger);
    if (Better(set, best)) best = set;
  }
  return best;
}

// Improves the probability until no change does.
Rated ExchangeSearch::Exchange(Rated set, Growth growth) const {
  for (int i = 0; i < kExchanges; ++i) {
    std::optional<Rated> other = Best(set, SingleChanges(set, growth));
    if (!other.has_value() || !Better(*other, set)) other = Best(set, PairChanges(set, growth));
    if (!other.has_value() || !Better(*other, set)) break;
    set = *std::move(other);
  }
  return set;
}

// The best set that was found with one site less than `larger`; `larger` where there is none.
Rated ExchangeSearch::OneFewer(const Rated& larger) const {
  std::vector<Change> changes = SingleChanges(larger, {-1, -1});
  const std::vector<Change> pairs = PairChanges(larger, {-1, -1});
  changes.insert(changes.end(), pairs.begin(), pairs.end());
  std::optional<Rated> smaller = Best(larger, std::move(changes));
  return smaller.has_value() ? Exchange(*std::move(smaller), kSameSize) : larger;
}

PortfolioChoice ExchangeSearch::Run() {
  Rated best = Grow(CoverNeeded());
  if (!Reaches(best)) best = Exchange(std::move(best), kAnySize);
  if (Reaches(best)) best = Exchange(std::move(best), kSameSize);
  while (Reaches(best) && !best.sites.empty()) {
    Rated smaller = OneFewer(best);
    if (smaller.sites.size() >= best.sites.size() || !Reaches(smaller)) break;
    best = std::move(smaller);
  }
  PortfolioChoice choice;
  choice.reached = Reaches(best) && limits_.all_coverable();
  choice.probability = best.probability;
  choice.sites = std::move(best.sites);
  return choice;
}

}  // namespace

PortfolioChoice ChooseByExchange(const std::vector<PortfolioCandidate>& candidates,
                                 const PortfolioGoal& goal) {
  return ExchangeSearch(candidates, goal).Run();
}

}  // namespace trialgate::feasibility
