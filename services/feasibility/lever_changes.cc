#include "services/feasibility/lever_changes.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"

namespace trialgate::feasibility {
namespace {

// Removes a value from a repeated field, wherever it stands.
template <typename List, typename Value>
void Drop(const Value& value, List* list) {
  list->erase(std::remove(list->begin(), list->end(), value), list->end());
}

// Collects changes to one request.
class Changes {
 public:
  Changes(const v1::TrialRequest& request, const MatchQuery& query)
      : request_(request), query_(query) {}

  void DropCapabilities();
  void DropAgeGroups();
  void AnySpeciality();
  void NarrowPhase();
  void AddRegions();
  void LaterLatest(std::vector<absl::CivilDay> late_sites);
  void LaterStart();

  std::vector<RequestChange> Take() { return std::move(changes_); }

 private:
  v1::TrialRequest& Add(v1::LeverKind kind, std::string value) {
    changes_.push_back({kind, std::move(value), request_});
    return changes_.back().request;
  }

  const v1::TrialRequest& request_;
  const MatchQuery& query_;
  std::vector<RequestChange> changes_;
};

void Changes::DropCapabilities() {
  for (const std::string& capability : query_.required_capabilities) {
    Drop(capability,
         Add(v1::LEVER_KIND_DROP_CAPABILITY, capability).mutable_required_capabilities());
  }
}

void Changes::DropAgeGroups() {
  for (const v1::AgeGroup group : query_.age_groups) {
    const std::string name(absl::StripPrefix(v1::AgeGroup_Name(group), "AGE_GROUP_"));
    v1::TrialRequest& changed = Add(v1::LEVER_KIND_DROP_AGE_GROUP, name);
    Drop(static_cast<int>(group), changed.mutable_population()->mutable_age_groups());
  }
}

void Changes::AnySpeciality() {
  if (!query_.all_specialities || query_.specialities.size() < 2) return;
  Add(v1::LEVER_KIND_ANY_SPECIALITY, "").set_speciality_mode(v1::SPECIALITY_MODE_ANY);
}

void Changes::NarrowPhase() {
  if (query_.phases.size() < 2) return;
  for (const v1::Phase phase : query_.phases) {
    const std::string name(absl::StripPrefix(v1::Phase_Name(phase), "PHASE_"));
    Add(v1::LEVER_KIND_NARROW_PHASE, name).set_phase(phase);
  }
}

void Changes::AddRegions() {
  if (!query_.wants_regions) return;
  std::set<std::string> others;
  for (const auto& [region, on_day] : query_.region_on_day) others.insert(on_day);
  for (const std::string& wanted : query_.regions_wanted) others.erase(wanted);
  for (const std::string& region : others) {
    Add(v1::LEVER_KIND_ADD_REGION, region).add_regions_wanted(region);
  }
}

void Changes::LaterLatest(std::vector<absl::CivilDay> late_sites) {
  if (!query_.latest.has_value()) return;
  std::sort(late_sites.begin(), late_sites.end());
  late_sites.erase(std::unique(late_sites.begin(), late_sites.end()), late_sites.end());
  for (std::size_t i = 0; i < std::min(late_sites.size(), kLatestDatesTried); ++i) {
    const std::string date = FormatDate(late_sites[i]);
    Add(v1::LEVER_KIND_LATER_LATEST_FIRST_PATIENT_IN, date).set_first_patient_in_latest(date);
  }
}

void Changes::LaterStart() {
  for (int months = 1; months <= kMonthsLaterTried; ++months) {
    const absl::CivilDay earliest = AddMonths(query_.earliest, months);
    v1::TrialRequest& changed = Add(v1::LEVER_KIND_LATER_START, absl::StrCat(months));
    changed.set_first_patient_in_earliest(FormatDate(earliest));
    if (!query_.latest.has_value()) continue;
    changed.set_first_patient_in_latest(FormatDate(std::max(*query_.latest, earliest)));
  }
}

}  // namespace

std::vector<RequestChange> ChangesTo(const v1::TrialRequest& request, const MatchQuery& query,
                                     std::vector<absl::CivilDay> late_sites) {
  Changes changes(request, query);
  changes.DropCapabilities();
  changes.DropAgeGroups();
  changes.AnySpeciality();
  changes.NarrowPhase();
  changes.AddRegions();
  changes.LaterLatest(std::move(late_sites));
  changes.LaterStart();
  return changes.Take();
}

}  // namespace trialgate::feasibility
