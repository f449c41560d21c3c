#include "services/feasibility/criteria.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/strip.h"
#include "services/directory/month.h"
#include "services/directory/validity.h"

namespace trialgate::feasibility {
namespace {

template <typename List, typename Value>
bool Contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool RunsPhase(const v1::Site& site, v1::Phase phase) {
  return std::any_of(site.phases().begin(), site.phases().end(),
                     [phase](const v1::PhaseExperience& run) { return run.phase() == phase; });
}

bool IsActive(const MatchQuery& query, const SiteView& view) {
  return view.region != nullptr &&
         directory::ValidityOn(view.site->valid_from(), view.site->valid_to(), query.earliest) ==
             directory::Validity::kValid;
}

bool IsNotContacted(const MatchQuery& query, const SiteView& view) {
  return !query.already_contacted.contains(view.site->name());
}

bool MeetsRegion(const MatchQuery& query, const SiteView& view) {
  return !query.wants_regions ||
         (view.region != nullptr && Contains(query.regions_wanted, *view.region));
}

bool MeetsKind(const MatchQuery& query, const SiteView& view) {
  return Contains(view.site->kinds(), query.kind);
}

bool MeetsPhase(const MatchQuery& query, const SiteView& view) {
  return std::all_of(query.phases.begin(), query.phases.end(),
                     [&](v1::Phase phase) { return RunsPhase(*view.site, phase); });
}

bool MeetsSpeciality(const MatchQuery& query, const SiteView& view) {
  if (query.specialities.empty()) return true;
  const auto has = [&](const std::string& id) { return Contains(view.site->specialities(), id); };
  return query.all_specialities
             ? std::all_of(query.specialities.begin(), query.specialities.end(), has)
             : std::any_of(query.specialities.begin(), query.specialities.end(), has);
}

bool MeetsAge(const MatchQuery& query, const SiteView& view) {
  return std::all_of(query.age_groups.begin(), query.age_groups.end(),
                     [&](v1::AgeGroup group) { return Contains(view.site->age_groups(), group); });
}

bool MeetsCapability(const MatchQuery& query, const SiteView& view) {
  return std::all_of(
      query.required_capabilities.begin(), query.required_capabilities.end(),
      [&](const std::string& id) { return Contains(view.site->capabilities(), id); });
}

bool MeetsStartUp(const MatchQuery& query, const SiteView& view) {
  return !query.latest.has_value() || view.ready <= *query.latest;
}

bool MeetsCapacity(const MatchQuery& query, const SiteView& view) {
  const auto free = FreeSlotsByMonth(query, *view.capacity);
  return std::all_of(free.begin(), free.end(), [](std::int64_t slots) { return slots >= 1; });
}

struct CriterionTest {
  v1::Criterion criterion;
  bool (*met)(const MatchQuery&, const SiteView&);
};

constexpr CriterionTest kTests[] = {
    {v1::CRITERION_ACTIVE, IsActive},       {v1::CRITERION_NOT_CONTACTED, IsNotContacted},
    {v1::CRITERION_REGION, MeetsRegion},    {v1::CRITERION_KIND, MeetsKind},
    {v1::CRITERION_PHASE, MeetsPhase},      {v1::CRITERION_SPECIALITY, MeetsSpeciality},
    {v1::CRITERION_AGE, MeetsAge},          {v1::CRITERION_CAPABILITY, MeetsCapability},
    {v1::CRITERION_START_UP, MeetsStartUp}, {v1::CRITERION_CAPACITY, MeetsCapacity},
};

// Adds the wanted ids that are not among those the site has.
template <typename List>
void AddLacking(const std::vector<std::string>& wanted, const List& has, v1::NearMiss* near_miss) {
  for (const std::string& id : wanted) {
    if (!Contains(has, id)) near_miss->add_missing(id);
  }
}

void AddMissingPhases(const MatchQuery& query, const SiteView& view, v1::NearMiss* near_miss) {
  for (const v1::Phase phase : query.phases) {
    if (RunsPhase(*view.site, phase)) continue;
    near_miss->add_missing(std::string(absl::StripPrefix(v1::Phase_Name(phase), "PHASE_")));
  }
}

void AddMissingAgeGroups(const MatchQuery& query, const SiteView& view, v1::NearMiss* near_miss) {
  for (const v1::AgeGroup group : query.age_groups) {
    if (Contains(view.site->age_groups(), group)) continue;
    near_miss->add_missing(std::string(absl::StripPrefix(v1::AgeGroup_Name(group), "AGE_GROUP_")));
  }
  // Ascending as text, not in the order of the enumeration.
  std::sort(near_miss->mutable_missing()->begin(), near_miss->mutable_missing()->end());
}

// A hold takes a slot of each of its months, be it confirmed or not.
void SubtractHold(const v1::CapacityHold& hold, const std::vector<std::string>& months,
                  absl::InlinedVector<std::int64_t, 64>* free) {
  const auto first = directory::ParseMonth(hold.first_month());
  if (!first.ok()) return;
  for (std::size_t i = 0; i < months.size(); ++i) {
    const auto month = directory::ParseMonth(months[i]);
    if (month.ok() && *month >= *first && *month - *first < hold.months()) --(*free)[i];
  }
}

void AddFullMonths(const MatchQuery& query, const SiteView& view, v1::NearMiss* near_miss) {
  const auto free = FreeSlotsByMonth(query, *view.capacity);
  for (std::size_t i = 0; i < free.size(); ++i) {
    if (free[i] < 1) near_miss->add_missing(query.window.months[i]);
  }
}

}  // namespace

CriterionSet FailedCriteria(const MatchQuery& query, const SiteView& view) {
  CriterionSet failed;
  for (const CriterionTest& test : kTests) {
    if (!test.met(query, view)) failed.set(test.criterion);
  }
  return failed;
}

bool MeetsAllCriteria(const MatchQuery& query, const SiteView& view) {
  return std::all_of(std::begin(kTests), std::end(kTests),
                     [&](const CriterionTest& test) { return test.met(query, view); });
}

void DescribeFailure(const MatchQuery& query, const SiteView& view, v1::Criterion criterion,
                     v1::NearMiss* near_miss) {
  switch (criterion) {
    case v1::CRITERION_PHASE:
      return AddMissingPhases(query, view, near_miss);
    case v1::CRITERION_SPECIALITY:
      return AddLacking(query.specialities, view.site->specialities(), near_miss);
    case v1::CRITERION_AGE:
      return AddMissingAgeGroups(query, view, near_miss);
    case v1::CRITERION_CAPABILITY:
      return AddLacking(query.required_capabilities, view.site->capabilities(), near_miss);
    case v1::CRITERION_START_UP:
      near_miss->set_days_late(static_cast<int>(view.ready - *query.latest));
      return;
    case v1::CRITERION_CAPACITY:
      return AddFullMonths(query, view, near_miss);
    default:
      return;
  }
}

absl::InlinedVector<std::int64_t, 64> FreeSlotsByMonth(const MatchQuery& query,
                                                       const v1::SiteCapacity& capacity) {
  const std::vector<std::string>& months = query.window.months;
  absl::InlinedVector<std::int64_t, 64> free(months.size(), capacity.slots());
  for (const v1::MonthUse& use : capacity.months()) {
    const auto month = std::lower_bound(months.begin(), months.end(), use.month());
    if (month == months.end() || *month != use.month()) continue;
    free[static_cast<std::size_t>(month - months.begin())] -= use.occupied_declared();
  }
  for (const v1::CapacityHold& hold : capacity.holds()) SubtractHold(hold, months, &free);
  return free;
}

}  // namespace trialgate::feasibility
