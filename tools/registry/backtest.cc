#include "tools/registry/backtest.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/status_macros.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/region_short_list.h"
#include "services/intake/study_record.h"
#include "services/routing/open_referrals.h"
#include "services/routing/routing_plan.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/organization.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::registry {
namespace {

constexpr int kRecruitmentMonths = 12;

template <typename Records>
void PutAll(const Records& records, directory::DirectorySnapshotBuilder* builder) {
  for (const auto& record : records) builder->Put(record);
}

// The directory of `pack` with sites that differ in nothing that somebody would have to invent.
std::shared_ptr<const directory::DirectorySnapshot> NeutralDirectory(const v1::Pack& pack) {
  directory::DirectorySnapshotBuilder builder;
  PutAll(pack.regions(), &builder);
  PutAll(pack.desks(), &builder);
  PutAll(pack.contacts(), &builder);
  PutAll(pack.calendars(), &builder);
  for (v1::Site site : pack.sites()) {
    site.clear_history();
    site.clear_start_up();
    site.clear_review();
    v1::SiteCapacity capacity;
    capacity.set_name(absl::StrCat(site.name(), "/capacity"));
    capacity.set_slots(1);
    builder.Put(std::move(site));
    builder.Put(std::move(capacity));
  }
  builder.PutSettings(pack);
  return builder.Build(1);
}

void SetTrials(v1::Phase phase, int trials, v1::Site* site) {
  for (v1::PhaseExperience& known : *site->mutable_phases()) {
    if (known.phase() == phase) return known.set_trials_five_years(trials);
  }
  v1::PhaseExperience* added = site->add_phases();
  added->set_phase(phase);
  added->set_trials_five_years(trials);
}

}  // namespace

Backtest::Backtest(const v1::Pack& pack, const Places& places,
                   const std::vector<RegisteredTrial>& known)
    : pack_(pack),
      places_(places),
      placing_(PlaceTrials(known, pack_, places)),
      directory_(NeutralDirectory(pack_)) {
  for (const v1::Region& region : pack_.regions()) {
    for (const v1::Code& code : region.codes()) regions_[code.code()] = region.name();
  }
  for (const HospitalNames& hospital : places_.hospitals()) {
    const auto region = regions_.find(hospital.region_code);
    if (region != regions_.end()) region_of_hospital_[hospital.hospital] = region->second;
  }
}

std::shared_ptr<const directory::DirectorySnapshot> Backtest::DirectoryWith(
    const Experience& experience) const {
  directory::DirectorySnapshotBuilder builder(*directory_);
  for (const auto& entry : directory_->sites()) {
    const auto counted = experience.find(entry->site.name());
    if (counted == experience.end()) continue;
    v1::Site site = entry->site;
    for (const auto& [phase, trials] : counted->second) {
      if (phase != v1::PHASE_NOT_APPLICABLE) SetTrials(phase, trials, &site);
    }
    builder.Put(std::move(site));
  }
  return builder.Build(1);
}

void Backtest::FindReal(const RegisteredTrial& trial, Outcome* outcome) const {
  for (const TrialPlace& place : trial.places) {
    std::string region;
    const auto code = regions_.find(place.region_code);
    if (code != regions_.end()) {
      region = code->second;
    } else if (const auto found = places_.Find(place); found.ok()) {
      region = region_of_hospital_.at(found->hospital);
    }
    if (region.empty()) continue;
    if (trial.has_lead && &place == &trial.places.front()) outcome->lead = region;
    outcome->real.insert(region);
  }
}

absl::StatusOr<Outcome> Backtest::Ask(const RegisteredTrial& trial) const {
  const auto day = trial.registered.has_value() ? trial.registered : trial.started;
  if (!day.has_value()) return absl::InvalidArgumentError("neither registered nor started");
  ABSL_ASSIGN_OR_RETURN(const v1::ImportStudyRecordResponse drafted,
                        intake::DeriveDraft(trial.record, pack_, *day));
  v1::TrialRequest request = drafted.draft();
  request.set_intent(v1::INTENT_CONDUCT);
  request.set_first_patient_in_earliest(FormatDate(*day));
  request.set_recruitment_months(kRecruitmentMonths);
  if (request.kind() == v1::TRIAL_KIND_UNSPECIFIED) request.set_kind(v1::TRIAL_KIND_PROCEDURE);
  if (request.phase() == v1::PHASE_UNSPECIFIED) request.set_phase(v1::PHASE_NOT_APPLICABLE);
  for (const v1::Region& region : pack_.regions()) {
    if (region.country() == pack_.country()) request.add_regions_wanted(region.name());
  }

  const Experience experience = CountExperience(placing_.trials, *day, trial.ids);
  const auto directory = DirectoryWith(experience);
  const v1::FeasibilityReport report = feasibility::Match(request, 0, *directory, *day);
  v1::Organization requester;
  requester.set_type(v1::ORGANIZATION_TYPE_RESEARCH_INSTITUTION);
  ABSL_ASSIGN_OR_RETURN(const std::vector<v1::PlannedReferral> plan,
                        routing::PlanReferrals(request, requester, report.eligible(), *directory,
                                               routing::OpenReferrals(), *day));
  Outcome outcome;
  outcome.trial = &trial;
  outcome.specialities.assign(request.specialities().begin(), request.specialities().end());
  outcome.referrals = static_cast<int>(plan.size());
  const auto trials = [&experience](const std::string& site) {
    std::int64_t sum = 0;
    const auto counted = experience.find(site);
    if (counted == experience.end()) return sum;
    for (const auto& [phase, number] : counted->second) sum += number;
    return sum;
  };
  for (const auto& region : feasibility::ShortListRegions(report, *directory, *day, trials)) {
    outcome.named.push_back(region.region);
  }
  FindReal(trial, &outcome);
  return outcome;
}

void Score::Add(const std::set<std::string>& real, const std::vector<std::string>& named) {
  ++trials;
  regions_named += static_cast<int>(named.size());
  for (const std::string& region : real) {
    Counts& counts = by_region[region];
    const auto at = std::find(named.begin(), named.end(), region) - named.begin();
    const bool is_named = at < static_cast<std::ptrdiff_t>(named.size());
    ++counts.asked;
    counts.first += is_named && at < 1 ? 1 : 0;
    counts.first_two += is_named && at < 2 ? 1 : 0;
    counts.named += is_named ? 1 : 0;
  }
}

double Score::Overall(int Counts::*count) const {
  int asked = 0;
  int found = 0;
  for (const auto& [region, counts] : by_region) {
    asked += counts.asked;
    found += counts.*count;
  }
  return asked == 0 ? 0 : static_cast<double>(found) / asked;
}

double Score::Macro(int Counts::*count) const {
  double sum = 0;
  for (const auto& [region, counts] : by_region) {
    sum += static_cast<double>(counts.*count) / counts.asked;
  }
  return by_region.empty() ? 0 : sum / static_cast<double>(by_region.size());
}

double Score::NamedOnAverage() const {
  return trials == 0 ? 0 : static_cast<double>(regions_named) / trials;
}

}  // namespace trialgate::registry
