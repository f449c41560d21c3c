#include "services/feasibility/match_query.h"

#include <algorithm>
#include <utility>

#include "common/base/civil_date.h"

namespace trialgate::feasibility {
namespace {

template <typename Value>
void SortUnique(std::vector<Value>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

template <typename List>
std::vector<std::string> Sorted(const List& list) {
  std::vector<std::string> values(list.begin(), list.end());
  SortUnique(&values);
  return values;
}

std::vector<v1::Phase> SinglePhases(v1::Phase phase) {
  switch (phase) {
    case v1::PHASE_PHASE1_PHASE2:
      return {v1::PHASE_PHASE1, v1::PHASE_PHASE2};
    case v1::PHASE_PHASE2_PHASE3:
      return {v1::PHASE_PHASE2, v1::PHASE_PHASE3};
    case v1::PHASE_EARLY_PHASE1:
    case v1::PHASE_PHASE1:
    case v1::PHASE_PHASE2:
    case v1::PHASE_PHASE3:
    case v1::PHASE_PHASE4:
      return {phase};
    default:
      return {};
  }
}

template <typename List>
std::vector<std::string> RegionsOnDay(const MatchQuery& query, const List& regions) {
  std::vector<std::string> on_day;
  for (const std::string& region : regions) {
    const auto found = query.region_on_day.find(region);
    if (found != query.region_on_day.end()) on_day.push_back(found->second);
  }
  SortUnique(&on_day);
  return on_day;
}

void PrepareDates(const v1::TrialRequest& request, absl::CivilDay today, MatchQuery* query) {
  query->today = today;
  query->earliest = ParseDate(request.first_patient_in_earliest()).value_or(today);
  const auto latest = ParseDate(request.first_patient_in_latest());
  if (latest.ok()) query->latest = *latest;
  query->window = RecruitmentWindow(query->earliest, request.recruitment_months());
}

void PrepareRegions(const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
                    MatchQuery* query) {
  for (const auto& [name, region] : directory.regions()) {
    std::optional<std::string> on_day = directory.RegionOn(name, query->earliest);
    if (on_day.has_value()) query->region_on_day.emplace(name, *std::move(on_day));
  }
  query->wants_regions = !request.regions_wanted().empty();
  query->regions_wanted = RegionsOnDay(*query, request.regions_wanted());
  query->prefers_regions = !request.regions_preferred().empty();
  query->regions_preferred = RegionsOnDay(*query, request.regions_preferred());
}

// A speciality's own prior holds where exactly that one is wanted; else the default.
void PreparePrior(const v1::Policy& policy, MatchQuery* query) {
  for (const v1::RatePrior& prior : policy.priors()) {
    const bool own = query->specialities.size() == 1 && !prior.speciality().empty() &&
                     prior.speciality() == query->specialities.front();
    if (!own && !(prior.speciality().empty() && query->prior_beta == 0)) continue;
    query->prior_alpha = prior.alpha();
    query->prior_beta = prior.beta();
    if (own) return;
  }
}

}  // namespace

MatchQuery PrepareQuery(const v1::TrialRequest& request,
                        const directory::DirectorySnapshot& directory, absl::CivilDay today) {
  MatchQuery query;
  PrepareDates(request, today, &query);
  PrepareRegions(request, directory, &query);
  query.kind = request.kind();
  query.phases = SinglePhases(request.phase());
  query.specialities = Sorted(request.specialities());
  query.all_specialities = request.speciality_mode() == v1::SPECIALITY_MODE_ALL;
  for (const int age_group : request.population().age_groups()) {
    query.age_groups.push_back(static_cast<v1::AgeGroup>(age_group));
  }
  SortUnique(&query.age_groups);
  query.required_capabilities = Sorted(request.required_capabilities());
  query.preferred_capabilities = Sorted(request.preferred_capabilities());
  query.already_contacted.insert(request.sites_already_contacted().begin(),
                                 request.sites_already_contacted().end());
  query.patients_wanted = request.patients_wanted();
  query.sites_wanted = request.sites_wanted();
  const v1::Policy& policy = directory.settings().policy();
  query.weights = policy.weights();
  query.default_start_up_days = policy.default_start_up_days();
  PreparePrior(policy, &query);
  return query;
}

SiteView ViewSite(const MatchQuery& query, const directory::SiteEntry& entry) {
  const auto region = query.region_on_day.find(entry.site.region());
  const int start_up_days =
      entry.site.has_start_up() ? entry.site.start_up().median_days() : query.default_start_up_days;
  return {&entry.site, &entry.capacity,
          region == query.region_on_day.end() ? nullptr : &region->second,
          query.today + start_up_days, start_up_days};
}

bool MatchesSites(v1::TrialKind kind) {
  return kind != v1::TRIAL_KIND_DATA_ACCESS && kind != v1::TRIAL_KIND_IDEA;
}

}  // namespace trialgate::feasibility
