#include "services/feasibility/engine_version.h"

#include <algorithm>

#include "services/feasibility/matcher.h"

namespace trialgate::feasibility {
namespace {

void ToVersion1(v1::FeasibilityReport* report) {
  auto* const levers = report->mutable_levers();
  levers->erase(std::remove_if(levers->begin(), levers->end(),
                               [](const v1::Lever& lever) {
                                 return lever.kind() != v1::LEVER_KIND_DROP_CAPABILITY;
                               }),
                levers->end());
  for (v1::CriterionCount& count : *report->mutable_failed()) {
    count.clear_near_misses();
    count.clear_near_miss_patients();
  }
  report->clear_eligible_count();
  report->clear_near_miss_count();
  report->mutable_forecast()->clear_date_p50();
  report->mutable_forecast()->clear_date_p90();
}

}  // namespace

bool ToEngineVersion(int version, v1::FeasibilityReport* report) {
  if (version < 1 || version > kEngineVersion) return false;
  if (version < 2) ToVersion1(report);
  report->mutable_inputs()->set_engine_version(version);
  return true;
}

}  // namespace trialgate::feasibility
