#include "tests/conformance/match_case.h"

#include <cstdint>
#include <iostream>
#include <string>
#include <utility>

#include "common/base/civil_date.h"

namespace trialgate::conformance {
namespace {

using nlohmann::json;

[[noreturn]] void Stop(const std::string& why) {
  std::cerr << "conformance case: " << why << std::endl;
  std::abort();
}

// A list or object that may be absent or null.
json Part(const json& object, const char* key, json absent) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? std::move(absent) : *found;
}

std::string Text(const json& object, const char* key) {
  const json value = Part(object, key, "");
  if (!value.is_string()) Stop(std::string(key) + " is not a text");
  return value.get<std::string>();
}

double Number(const json& object, const char* key) {
  const json value = Part(object, key, 0);
  if (!value.is_number()) Stop(std::string(key) + " is not a number");
  return value.get<double>();
}

std::int64_t Integer(const json& object, const char* key) {
  return static_cast<std::int64_t>(Number(object, key));
}

template <typename Enum>
Enum Value(bool (*parse)(google::protobuf::ConstStringParam, Enum*), const std::string& prefix,
           const std::string& name) {
  Enum value;
  if (!parse(prefix + name, &value)) Stop("unknown value " + name);
  return value;
}

v1::Phase PhaseOf(const std::string& name) {
  return name.empty() || name == "NA" ? v1::PHASE_NOT_APPLICABLE
                                      : Value(&v1::Phase_Parse, "PHASE_", name);
}

v1::AgeGroup AgeGroupOf(const std::string& name) {
  return Value(&v1::AgeGroup_Parse, "AGE_GROUP_", name);
}

v1::TrialKind KindOf(const std::string& name) {
  return name.empty() ? v1::TRIAL_KIND_UNSPECIFIED
                      : Value(&v1::TrialKind_Parse, "TRIAL_KIND_", name);
}

v1::Region ToRegion(const json& from) {
  v1::Region region;
  region.set_name(Text(from, "name"));
  region.set_valid_from(Text(from, "valid_from"));
  region.set_valid_to(Text(from, "valid_to"));
  region.set_successor(Text(from, "successor"));
  return region;
}

void AddPhasesAndHistory(const json& from, v1::Site* site) {
  const json phases = Part(from, "phases", json::object());
  for (const auto& [phase, unused] : phases.items()) {
    v1::PhaseExperience* run = site->add_phases();
    run->set_phase(PhaseOf(phase));
    run->set_trials_five_years(static_cast<int>(Integer(phases, phase.c_str())));
  }
  for (const json& row : Part(from, "history", json::array())) {
    v1::RecruitmentHistory* history = site->add_history();
    history->set_speciality(Text(row, "speciality"));
    history->set_claimed(Integer(row, "claimed"));
    history->set_actual(Integer(row, "actual"));
    history->set_site_months(Number(row, "site_months"));
  }
}

v1::Site ToSite(const json& from) {
  v1::Site site;
  site.set_name(Text(from, "name"));
  site.set_region(Text(from, "region"));
  site.set_valid_from(Text(from, "valid_from"));
  site.set_valid_to(Text(from, "valid_to"));
  for (const std::string kind : Part(from, "kinds", json::array())) site.add_kinds(KindOf(kind));
  for (const std::string id : Part(from, "specialities", json::array())) site.add_specialities(id);
  for (const std::string group : Part(from, "age_groups", json::array())) {
    site.add_age_groups(AgeGroupOf(group));
  }
  for (const std::string id : Part(from, "capabilities", json::array())) site.add_capabilities(id);
  AddPhasesAndHistory(from, &site);
  site.mutable_start_up()->set_median_days(static_cast<int>(Integer(from, "start_up_days_median")));
  const std::string reviewed = Text(from, "reviewed");
  if (!reviewed.empty()) site.mutable_review()->set_date(reviewed);
  return site;
}

v1::SiteCapacity ToCapacity(const json& from) {
  v1::SiteCapacity capacity;
  capacity.set_name(Text(from, "name") + "/capacity");
  capacity.set_slots(static_cast<int>(Integer(from, "slots")));
  const json occupied = Part(from, "occupied", json::object());
  for (const auto& [month, unused] : occupied.items()) {
    v1::MonthUse* use = capacity.add_months();
    use->set_month(month);
    use->set_occupied_declared(static_cast<int>(Integer(occupied, month.c_str())));
  }
  return capacity;
}

v1::TrialRequest ToRequest(const json& from) {
  v1::TrialRequest request;
  request.set_kind(KindOf(Text(from, "kind")));
  request.set_phase(PhaseOf(Text(from, "phase")));
  for (const std::string id : Part(from, "specialities", json::array())) {
    request.add_specialities(id);
  }
  const std::string mode = Text(from, "speciality_mode");
  if (!mode.empty()) {
    request.set_speciality_mode(Value(&v1::SpecialityMode_Parse, "SPECIALITY_MODE_", mode));
  }
  for (const std::string group : Part(from, "age_groups", json::array())) {
    request.mutable_population()->add_age_groups(AgeGroupOf(group));
  }
  request.set_patients_wanted(Integer(from, "patients_wanted"));
  request.set_sites_wanted(static_cast<int>(Integer(from, "sites_wanted")));
  request.set_first_patient_in_earliest(Text(from, "first_patient_in_earliest"));
  request.set_first_patient_in_latest(Text(from, "first_patient_in_latest"));
  request.set_recruitment_months(static_cast<int>(Integer(from, "recruitment_months")));
  const auto add_all = [&from](const char* key, auto* to) {
    for (const std::string value : Part(from, key, json::array())) *to->Add() = value;
  };
  add_all("required_capabilities", request.mutable_required_capabilities());
  add_all("preferred_capabilities", request.mutable_preferred_capabilities());
  add_all("regions", request.mutable_regions_wanted());
  add_all("preferred_regions", request.mutable_regions_preferred());
  add_all("already_contacted", request.mutable_sites_already_contacted());
  return request;
}

// Weights, prior and days as the rules state them.
v1::Pack DefaultSettings() {
  v1::Pack settings;
  v1::Policy* policy = settings.mutable_policy();
  policy->set_version(1);
  v1::ScoreWeights* weights = policy->mutable_weights();
  weights->set_speciality(20);
  weights->set_experience(15);
  weights->set_patients(20);
  weights->set_headroom(10);
  weights->set_start_up(10);
  weights->set_track_record(10);
  weights->set_preferences(10);
  weights->set_freshness(5);
  v1::RatePrior* prior = policy->add_priors();
  prior->set_alpha(0.86);
  prior->set_beta(0.607);
  return settings;
}

}  // namespace

MatchCase ToMatchCase(const json& from) {
  if (!from.is_object()) Stop("the case is not a JSON object");
  const auto today = ParseDate(Text(from, "today"));
  if (!today.ok()) Stop("today is not a date");
  directory::DirectorySnapshotBuilder builder;
  builder.PutSettings(DefaultSettings());
  for (const json& region : Part(from, "regions", json::array())) builder.Put(ToRegion(region));
  for (const json& site : Part(from, "sites", json::array())) {
    builder.Put(ToSite(site));
    builder.Put(ToCapacity(site));
  }
  return {ToRequest(Part(from, "request", json::object())), builder.Build(1), *today};
}

}  // namespace trialgate::conformance
