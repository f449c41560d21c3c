#include "tests/bench/synthetic_directory.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/civil_date.h"

namespace trialgate::bench {
namespace {

std::string Speciality(int number) { return absl::StrFormat("speciality-%02d", number); }
std::string Capability(int number) { return absl::StrFormat("capability-%03d", number); }
std::string RegionName(int number) { return absl::StrFormat("regions/r%02d", number); }

}  // namespace

int SyntheticRegions(int sites) {
  return std::clamp(static_cast<int>(std::lround(15 * std::log10(std::max(sites, 10))) - 40), 5,
                    50);
}

v1::Pack SyntheticSettings() {
  v1::Pack settings;
  settings.set_country("ZZ");
  settings.set_time_zone("UTC");
  for (int i = 0; i < kSyntheticSpecialities; ++i)
    settings.add_specialities()->set_id(Speciality(i));
  for (int i = 0; i < kSyntheticCapabilities; ++i)
    settings.add_capabilities()->set_id(Capability(i));
  v1::Policy* policy = settings.mutable_policy();
  policy->set_version(1);
  policy->set_default_start_up_days(90);
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

std::vector<v1::Region> SyntheticRegionList(int sites) {
  std::vector<v1::Region> regions;
  for (int i = 0; i < SyntheticRegions(sites); ++i) {
    v1::Region region;
    region.set_name(RegionName(i));
    region.set_display_name(absl::StrCat("Region ", i));
    region.set_country("ZZ");
    regions.push_back(region);
  }
  return regions;
}

void SyntheticSites::AddProfile(v1::Site* site) {
  site->add_kinds(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  if (Maybe(0.5)) site->add_kinds(v1::TRIAL_KIND_MEDICAL_DEVICE);
  if (Maybe(0.3)) site->add_kinds(v1::TRIAL_KIND_OBSERVATIONAL);
  std::set<int> specialities;
  for (int i = Int(1, 6); i > 0; --i) specialities.insert(Int(0, kSyntheticSpecialities - 1));
  for (const int id : specialities) site->add_specialities(Speciality(id));
  site->add_age_groups(v1::AGE_GROUP_ADULT);
  if (Maybe(0.8)) site->add_age_groups(v1::AGE_GROUP_OLDER_ADULT);
  if (Maybe(0.3)) site->add_age_groups(v1::AGE_GROUP_CHILD);
  // The first ten are common; of the others each site has a few.
  std::set<int> capabilities;
  for (int id = 0; id < 10; ++id) {
    if (Maybe(0.8)) capabilities.insert(id);
  }
  for (int i = Int(0, 10); i > 0; --i) capabilities.insert(Int(10, kSyntheticCapabilities - 1));
  for (const int id : capabilities) site->add_capabilities(Capability(id));
}

void SyntheticSites::AddRecord(v1::Site* site) {
  for (const v1::Phase phase :
       {v1::PHASE_PHASE1, v1::PHASE_PHASE2, v1::PHASE_PHASE3, v1::PHASE_PHASE4}) {
    if (!Maybe(0.7)) continue;
    v1::PhaseExperience* run = site->add_phases();
    run->set_phase(phase);
    run->set_trials_five_years(Int(0, 9));
  }
  for (const std::string& speciality : site->specialities()) {
    if (!Maybe(0.6)) continue;
    v1::RecruitmentHistory* row = site->add_history();
    row->set_speciality(speciality);
    row->set_claimed(Int(5, 40));
    row->set_actual(Int(0, 40));
    row->set_site_months(Int(30, 240) / 10.0);
  }
  site->mutable_start_up()->set_median_days(Int(20, 200));
  site->mutable_review()->set_date(FormatDate(kSyntheticToday - Int(0, 500)));
}

SyntheticSites::SiteWithCapacity SyntheticSites::Next() {
  SiteWithCapacity made;
  made.site.set_name(absl::StrFormat("sites/s%07d", number_));
  made.site.set_display_name(
      absl::StrFormat("Hospital %d, department %d", number_ / 20, number_ % 20));
  made.site.set_type(v1::SITE_TYPE_DEPARTMENT);
  made.site.set_region(RegionName(Int(0, regions_ - 1)));
  made.site.set_hospital(absl::StrCat("Hospital ", number_ / 20));
  made.site.set_department(absl::StrCat("Department ", number_ % 20));
  AddProfile(&made.site);
  AddRecord(&made.site);
  made.capacity.set_name(absl::StrCat(made.site.name(), "/capacity"));
  made.capacity.set_slots(Int(2, 8));
  // One site in ten is full for some months.
  const int full_from = Maybe(0.1) ? Int(0, kSyntheticMonths - 1) : kSyntheticMonths;
  for (int i = 0; i < kSyntheticMonths; ++i) {
    const absl::CivilMonth month = absl::CivilMonth(kSyntheticToday) + i;
    const bool full = i >= full_from && i < full_from + 6;
    v1::MonthUse* use = made.capacity.add_months();
    use->set_month(absl::StrFormat("%04d-%02d", month.year(), month.month()));
    use->set_occupied_declared(full ? made.capacity.slots() : Int(0, made.capacity.slots() - 1));
  }
  ++number_;
  return made;
}

std::shared_ptr<const directory::DirectorySnapshot> SyntheticDirectory(int sites) {
  directory::DirectorySnapshotBuilder builder;
  builder.PutSettings(SyntheticSettings());
  for (v1::Region& region : SyntheticRegionList(sites)) builder.Put(std::move(region));
  SyntheticSites draw(sites);
  for (int i = 0; i < sites; ++i) {
    SyntheticSites::SiteWithCapacity made = draw.Next();
    // Before its site: it waits for it, and the site is put once.
    builder.Put(std::move(made.capacity));
    builder.Put(std::move(made.site));
  }
  return builder.Build(1);
}

std::vector<SyntheticRequest> SyntheticRequests() {
  v1::TrialRequest broad;
  broad.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  broad.set_phase(v1::PHASE_PHASE2);
  broad.set_first_patient_in_earliest("2026-08-01");
  broad.set_first_patient_in_latest("2026-10-15");
  broad.set_recruitment_months(12);
  broad.set_patients_wanted(200);
  broad.set_sites_wanted(8);
  broad.mutable_population()->add_age_groups(v1::AGE_GROUP_ADULT);
  broad.add_preferred_capabilities(Capability(3));
  v1::TrialRequest usual = broad;
  for (int i = 0; i < 3; ++i) usual.add_specialities(Speciality(i));
  usual.add_required_capabilities(Capability(0));
  usual.add_required_capabilities(Capability(1));
  v1::TrialRequest narrow = usual;
  narrow.add_required_capabilities(Capability(17));
  return {{"0.2 %", narrow}, {"7 %", usual}, {"50 %", broad}};
}

}  // namespace trialgate::bench
