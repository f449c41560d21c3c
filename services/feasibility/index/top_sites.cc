#include "services/feasibility/index/top_sites.h"

#include <algorithm>
#include <utility>

#include "absl/time/civil_time.h"
#include "services/feasibility/criteria.h"

namespace trialgate::feasibility {
namespace {

constexpr absl::CivilDay kEpoch(1970, 1, 1);
constexpr std::size_t kHeadroom = 3;
constexpr std::size_t kStartUp = 4;
// More than the parts' rounding can add up to.
constexpr double kRounding = 1e-6;

bool Earlier(const SiteIndex::Place& a, const SiteIndex::Place& b) {
  return a.block != b.block ? a.block < b.block : a.site < b.site;
}

bool Better(const RankedSite& a, const RankedSite& b) {
  if (a.nano_score != b.nano_score) return a.nano_score > b.nano_score;
  return Earlier(a.place, b.place);
}

bool NoneNegative(const v1::ScoreWeights& weights) {
  for (const double weight :
       {weights.speciality(), weights.experience(), weights.patients(), weights.headroom(),
        weights.start_up(), weights.track_record(), weights.preferences(), weights.freshness()}) {
    if (!(weight >= 0)) return false;
  }
  return true;
}

int Held(const std::vector<const Bits*>& wanted, int site) {
  return static_cast<int>(std::count_if(wanted.begin(), wanted.end(),
                                        [&](const Bits* bits) { return bits->Test(site); }));
}

}  // namespace

TopSites::TopSites(const IndexQuery& query, std::size_t count, bool without_headroom)
    : query_(query),
      count_(count),
      without_headroom_(without_headroom),
      patients_per_site_(static_cast<double>(query.query.patients_wanted) /
                         std::max(1, query.query.sites_wanted)),
      bounded_(NoneNegative(query.query.weights)) {
  const v1::ScoreWeights& weights = query.query.weights;
  constant_bound_ = weights.speciality() + weights.experience() + weights.preferences() +
                    weights.freshness() + (without_headroom ? 0 : weights.headroom());
  if (query.query.patients_wanted <= 0) constant_bound_ += weights.patients();
  for (int days = query.least_days; days <= query.most_days; ++days) {
    ScoreFacts facts;
    facts.start_up_days = days;
    start_up_points_.push_back(PointsOf(query.query, facts, 0)[kStartUp]);
  }
}

double TopSites::Bound(const SiteBlock& block, std::size_t site,
                       const BlockNumbers& numbers) const {
  const v1::ScoreWeights& weights = query_.query.weights;
  double bound = constant_bound_ + start_up_points_[static_cast<std::size_t>(numbers.day[site])] +
                 weights.track_record() * block.histories.track_record[site];
  if (query_.query.patients_wanted > 0) {
    bound += weights.patients() * std::min(1.0, numbers.expected[site] / patients_per_site_);
  }
  return bound;
}

TopSites::BlockSets TopSites::SetsOf(const SiteBlock& block) const {
  BlockSets sets;
  for (const std::int32_t term : query_.specialities) {
    sets.specialities.push_back(&block.specialities.Of(term));
  }
  for (const std::int32_t term : query_.preferred) {
    sets.preferred.push_back(&block.capabilities.Of(term));
  }
  const std::vector<std::int32_t>& phases = block.phases.values();
  for (const v1::Phase phase : query_.query.phases) {
    const auto found = std::lower_bound(phases.begin(), phases.end(), phase);
    const bool runs = found != phases.end() && *found == phase;
    sets.trials.push_back(runs ? &block.trials[static_cast<std::size_t>(found - phases.begin())]
                               : nullptr);
  }
  const std::vector<std::int32_t>& months = block.free.months.values();
  for (const std::int32_t month : query_.now().months) {
    const auto found = std::lower_bound(months.begin(), months.end(), month);
    if (found == months.end() || *found != month) continue;
    sets.free.push_back(&block.free.count[static_cast<std::size_t>(found - months.begin())]);
  }
  return sets;
}

std::int64_t TopSites::LeastFree(const SiteBlock& block, const BlockSets& sets,
                                 std::size_t site) const {
  std::uint8_t least = FreeSlots::kMany;
  for (const auto* free : sets.free) least = std::min(least, (*free)[site]);
  if (least < FreeSlots::kMany) return std::min<std::int64_t>(least, block.slots[site]);
  std::int64_t exactly = block.slots[site];
  for (const std::int64_t free : FreeSlotsByMonth(query_.query, (*block.sites)[site]->capacity)) {
    exactly = std::min(exactly, free);
  }
  return exactly;
}

std::int64_t TopSites::RankOf(ScorePoints points) const {
  if (without_headroom_) points[kHeadroom] = 0;
  return NanoScore(points);
}

ScoreFacts TopSites::FactsOf(const SiteBlock& block, const BlockSets& sets, int site,
                             int days) const {
  const auto at = static_cast<std::size_t>(site);
  ScoreFacts facts;
  facts.specialities_held = Held(sets.specialities, site);
  facts.least_trials = kTrialsForFullExperience;
  for (const auto* trials : sets.trials) {
    facts.least_trials = std::min<int>(facts.least_trials, trials == nullptr ? 0 : (*trials)[at]);
  }
  facts.slots = block.slots[at];
  facts.least_free = facts.slots;
  facts.start_up_days = days;
  facts.track_record = block.histories.track_record[at];
  facts.preferred_held = Held(sets.preferred, site);
  const std::int32_t region =
      query_.now().region_on_day[static_cast<std::size_t>(block.region[at])];
  facts.in_preferred_region =
      region != Timing::kNoRegion && query_.preferred_region[static_cast<std::size_t>(region)];
  if (block.reviewed[at] != SiteBlock::kNeverReviewed) {
    facts.days_since_review = query_.query.today - kEpoch - block.reviewed[at];
  }
  return facts;
}

void TopSites::Keep(RankedSite site) {
  if (kept_.size() < count_) {
    kept_.push_back(std::move(site));
    if (kept_.size() == count_) std::make_heap(kept_.begin(), kept_.end(), Better);
    return;
  }
  if (kept_.empty() || !Better(site, kept_.front())) return;
  std::pop_heap(kept_.begin(), kept_.end(), Better);
  kept_.back() = std::move(site);
  std::push_heap(kept_.begin(), kept_.end(), Better);
}

void TopSites::Add(const SiteBlock& block, std::size_t number, const Bits& sites,
                   const BlockNumbers& numbers) {
  const BlockSets sets = SetsOf(block);
  sites.ForEach([&](int site) {
    const auto at = static_cast<std::size_t>(site);
    if (bounded_ && kept_.size() == count_ &&
        (count_ == 0 || (Bound(block, at, numbers) + kRounding) * 1e9 <
                            static_cast<double>(kept_.front().nano_score))) {
      return;
    }
    ScoreFacts facts = FactsOf(block, sets, site, numbers.day[at] + query_.least_days);
    if (bounded_ && kept_.size() == count_ &&
        RankOf(PointsOf(query_.query, facts, numbers.expected[at])) < kept_.front().nano_score) {
      return;
    }
    facts.least_free = LeastFree(block, sets, at);
    RankedSite ranked{0,
                      {number, site},
                      PointsOf(query_.query, facts, numbers.expected[at]),
                      numbers.expected[at]};
    ranked.nano_score = RankOf(ranked.points);
    Keep(std::move(ranked));
  });
}

std::vector<RankedSite> TopSites::Take() {
  std::sort(kept_.begin(), kept_.end(), Better);
  return std::move(kept_);
}

}  // namespace trialgate::feasibility
