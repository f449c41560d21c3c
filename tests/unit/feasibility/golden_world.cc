#include "tests/unit/feasibility/golden_world.h"

#include <string>

#include "absl/strings/str_format.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

// Site `n` lacks what its number's remainders say.
v1::Site GoldenSite(int n) {
  v1::Site site = FittingSite(absl::StrFormat("g%02d", n));
  if (n % 7 == 1) site.set_region("regions/coast");
  if (n % 19 == 2) site.set_region("regions/marsh");
  if (n % 11 == 3) site.clear_kinds();
  if (n % 5 != 4) {
    v1::PhaseExperience* run = site.add_phases();
    run->set_phase(v1::PHASE_PHASE3);
    run->set_trials_five_years(n % 9);
  }
  if (n % 6 != 5) site.add_specialities("brain");
  if (n % 8 != 6) site.add_age_groups(v1::AGE_GROUP_CHILD);
  if (n % 9 != 7) site.add_capabilities("freezer");
  if (n % 4 == 0) site.add_capabilities("robot");
  site.mutable_start_up()->set_median_days(10 + 37 * n % 190);
  for (int row = 0; row < n % 4; ++row) {
    v1::RecruitmentHistory* history = site.add_history();
    history->set_speciality(row == 0 ? "heart" : (row == 1 ? "brain" : "skin"));
    history->set_claimed(20 + n);
    history->set_actual(5 + 3 * n % 31);
    history->set_site_months(4.5 + n * 0.3);
    if (n % 10 == 3) history->mutable_source()->set_kind(v1::SOURCE_KIND_SAMPLE);
  }
  site.mutable_review()->set_date(n % 3 == 0 ? "2025-09-01" : "2026-02-01");
  return site;
}

v1::SiteCapacity GoldenCapacity(int n) {
  v1::SiteCapacity capacity = Capacity(absl::StrFormat("g%02d", n), 1 + n % 4);
  if (n % 5 == 0) Use(&capacity, "2026-06", 1 + n % 4);
  if (n % 3 == 0) Use(&capacity, "2026-09", 0, 1);
  return capacity;
}

}  // namespace

std::shared_ptr<const directory::DirectorySnapshot> GoldenDirectory() {
  directory::DirectorySnapshotBuilder builder = Country();
  for (int n = 0; n < 60; ++n) {
    builder.Put(GoldenSite(n));
    builder.Put(GoldenCapacity(n));
  }
  return builder.Build(42);
}

v1::TrialRequest GoldenRequest() {
  v1::TrialRequest request = FittingRequest();
  request.set_phase(v1::PHASE_PHASE2_PHASE3);
  request.add_specialities("brain");
  request.set_speciality_mode(v1::SPECIALITY_MODE_ALL);
  request.mutable_population()->add_age_groups(v1::AGE_GROUP_CHILD);
  request.add_required_capabilities("freezer");
  request.add_preferred_capabilities("robot");
  request.add_regions_wanted("regions/hills");
  request.add_sites_already_contacted("sites/g08");
  request.set_recruitment_months(9);
  request.set_patients_wanted(60);
  request.set_sites_wanted(4);
  return request;
}

}  // namespace trialgate::feasibility
