#include "services/feasibility/index/block_criteria.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "services/directory/validity.h"

namespace trialgate::feasibility {
namespace {

// The sites whose region stands for a valid one on the date, and of them those that stand in a
// wanted one (none, where no regions are wanted).
struct RegionSets {
  Bits valid;
  Bits wanted;
};

RegionSets StandingIn(const IndexQuery& query, const Timing& timing, const SiteBlock& block) {
  RegionSets sets;
  if (timing.all_valid && !query.query.wants_regions) {
    sets.valid = block.all;
    return sets;
  }
  const std::vector<std::int32_t>& terms = block.regions.values();
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto term = static_cast<std::size_t>(terms[i]);
    if (timing.region_on_day[term] == Timing::kNoRegion) continue;
    sets.valid |= block.regions.sets()[i];
    if (timing.wanted[term]) sets.wanted |= block.regions.sets()[i];
  }
  return sets;
}

// The sites that are valid on the date themselves.
Bits ValidOn(const Timing& timing, const SiteBlock& block) {
  Bits valid = block.all;
  if (block.has_valid_from.Any()) {
    valid = valid.AndNot(block.has_valid_from.AndNot(block.valid_from.AtMost(timing.earliest_day)));
  }
  if (block.has_valid_to.Any()) {
    valid = valid.AndNot(block.has_valid_to & block.valid_to.AtMost(timing.earliest_day - 1));
  }
  for (const int site : block.odd_validity) {
    const v1::Site& record = (*block.sites)[static_cast<std::size_t>(site)]->site;
    Bits one;
    one.Set(site);
    valid = directory::ValidityOn(record.valid_from(), record.valid_to(), timing.earliest) ==
                    directory::Validity::kValid
                ? valid | one
                : valid.AndNot(one);
  }
  return valid;
}

Bits ReadyInTime(const IndexQuery& query, const Timing& timing, const SiteBlock& block) {
  if (!timing.most_start_up.has_value()) return block.all;
  Bits ready = block.declares_start_up & block.start_up.AtMost(*timing.most_start_up);
  if (query.query.default_start_up_days <= *timing.most_start_up) {
    ready |= block.all.AndNot(block.declares_start_up);
  }
  return ready;
}

// The sites with a free slot in each of the months from..to of the block's own months that are
// among those wanted.
Bits FreeInAll(const Timing& timing, const SiteBlock& block) {
  if (timing.months.empty()) return block.all;
  const std::vector<std::int32_t>& months = block.free.months.values();
  const auto first = std::lower_bound(months.begin(), months.end(), timing.months.front());
  const auto last = std::upper_bound(first, months.end(), timing.months.back());
  Bits free = block.all;
  for (auto at = first; at != last; ++at) {
    free &= block.free.months.sets()[static_cast<std::size_t>(at - months.begin())];
  }
  // In a month in which nobody uses any, all slots are free.
  if (last - first < static_cast<std::ptrdiff_t>(timing.months.size())) free &= block.free.any_slot;
  return free;
}

Bits Specialists(const IndexQuery& query, const SiteBlock& block) {
  if (query.query.specialities.empty()) return block.all;
  if (!query.query.all_specialities) return HasAnySpeciality(query, block);
  Bits met = block.all;
  for (const std::int32_t term : query.specialities) met &= block.specialities.Of(term);
  return met;
}

Bits TreatsAges(const IndexQuery& query, const SiteBlock& block) {
  Bits met = block.all;
  for (const v1::AgeGroup group : query.query.age_groups) met &= block.age_groups.Of(group);
  return met;
}

Bits HasRequired(const IndexQuery& query, const SiteBlock& block) {
  Bits met = block.all;
  for (const std::int32_t term : query.required) met &= block.capabilities.Of(term);
  return met;
}

Bits Contacted(const IndexQuery& query, std::size_t number) {
  Bits contacted;
  const auto first = std::lower_bound(
      query.contacted.begin(), query.contacted.end(), number,
      [](const SiteIndex::Place& place, std::size_t n) { return place.block < n; });
  for (auto at = first; at != query.contacted.end() && at->block == number; ++at) {
    contacted.Set(at->site);
  }
  return contacted;
}

// The sites that meet what depends on the timing.
Bits MeetsTiming(const IndexQuery& query, const Timing& timing, const SiteBlock& block,
                 const RegionSets& regions_now) {
  const RegionSets regions = timing.same_regions ? regions_now : StandingIn(query, timing, block);
  Bits met = ValidOn(timing, block) & regions.valid;
  if (query.query.wants_regions) met &= regions.wanted;
  met &= ReadyInTime(query, timing, block);
  return met & FreeInAll(timing, block);
}

}  // namespace

Bits RunsPhases(const MatchQuery& query, const SiteBlock& block) {
  Bits met = block.all;
  for (const v1::Phase phase : query.phases) met &= block.phases.Of(phase);
  return met;
}

Bits HasAnySpeciality(const IndexQuery& query, const SiteBlock& block) {
  Bits met;
  for (const std::int32_t term : query.specialities) met |= block.specialities.Of(term);
  return met;
}

void TestBlock(const IndexQuery& query, const SiteBlock& block, std::size_t number,
               BlockOutcome* outcome) {
  const Timing& now = query.now();
  const RegionSets regions = StandingIn(query, now, block);
  auto& failed = outcome->failed;
  const auto met = [&](v1::Criterion criterion, const Bits& bits) {
    failed[criterion] = block.all.AndNot(bits);
  };
  met(v1::CRITERION_ACTIVE, ValidOn(now, block) & regions.valid);
  failed[v1::CRITERION_NOT_CONTACTED] = Contacted(query, number);
  met(v1::CRITERION_REGION, query.query.wants_regions ? regions.wanted : block.all);
  met(v1::CRITERION_KIND, block.kinds.Of(query.query.kind));
  met(v1::CRITERION_PHASE, RunsPhases(query.query, block));
  met(v1::CRITERION_SPECIALITY, Specialists(query, block));
  met(v1::CRITERION_AGE, TreatsAges(query, block));
  met(v1::CRITERION_CAPABILITY, HasRequired(query, block));
  met(v1::CRITERION_START_UP, ReadyInTime(query, now, block));
  met(v1::CRITERION_CAPACITY, FreeInAll(now, block));

  OnesAndTwos failures;
  for (int criterion = kFirstCriterion; criterion <= kLastCriterion; ++criterion) {
    failures.Add(failed[static_cast<std::size_t>(criterion)]);
  }
  outcome->eligible = block.all.AndNot(failures.ones);
  outcome->near_miss = failures.ExactlyOne();

  Bits always = block.all;
  for (const v1::Criterion criterion :
       {v1::CRITERION_NOT_CONTACTED, v1::CRITERION_KIND, v1::CRITERION_PHASE,
        v1::CRITERION_SPECIALITY, v1::CRITERION_AGE, v1::CRITERION_CAPABILITY}) {
    always = always.AndNot(failed[criterion]);
  }
  for (std::size_t i = 0; i < outcome->later.size(); ++i) {
    outcome->later[i] = Bits();
    if (!always.Any()) continue;
    outcome->later[i] = always & MeetsTiming(query, query.timings[i + 1], block, regions);
  }
}

}  // namespace trialgate::feasibility
