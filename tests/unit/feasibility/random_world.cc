#include "tests/unit/feasibility/random_world.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/civil_date.h"

namespace trialgate::feasibility {
namespace {

const std::vector<std::string> kSpecialities = {"heart", "brain", "skin", "unheard-of"};
const std::vector<std::string> kCapabilities = {"mri", "freezer", "robot", "pump"};
const std::vector<std::string> kRegions = {"regions/hills", "regions/coast", "regions/shore",
                                           "regions/marsh", "regions/nowhere"};
const std::vector<v1::AgeGroup> kAges = {v1::AGE_GROUP_CHILD, v1::AGE_GROUP_ADULT,
                                         v1::AGE_GROUP_OLDER_ADULT};
constexpr int kMostSites = 5000;

}  // namespace

void RandomWorld::MaybeSample(v1::Source* source) {
  source->set_kind(Maybe(0.1) ? v1::SOURCE_KIND_SAMPLE : v1::SOURCE_KIND_DECLARED);
}

void RandomWorld::AddHistory(v1::Site* site) {
  for (int i = Int(0, 5); i > 0; --i) {
    v1::RecruitmentHistory* row = site->add_history();
    row->set_speciality(kSpecialities[static_cast<std::size_t>(Int(0, 3))]);
    row->set_claimed(Int(0, 40));
    row->set_actual(Int(0, 40));
    row->set_site_months(Maybe(0.1) ? 0 : Int(0, 240) / 10.0);
    MaybeSample(row->mutable_source());
  }
}

v1::Site RandomWorld::Site(int number) {
  v1::Site site;
  site.set_name(absl::StrFormat("sites/s%05d", number));
  site.set_display_name(absl::StrCat("Site ", number));
  site.set_region(kRegions[static_cast<std::size_t>(Maybe(0.7) ? 0 : Int(0, 4))]);
  if (Maybe(0.1)) site.set_valid_to(FormatDate(kToday + Int(0, 400)));
  if (Maybe(0.1)) site.set_valid_from(FormatDate(kToday + Int(-100, 200)));
  if (Maybe(0.01)) site.set_valid_to("2026-13-99");
  if (Maybe(0.9)) site.add_kinds(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  if (Maybe(0.5)) site.add_kinds(v1::TRIAL_KIND_MEDICAL_DEVICE);
  for (const int phase : {2, 3, 5, 7, 8}) {
    if (!Maybe(0.8)) continue;
    v1::PhaseExperience* run = site.add_phases();
    run->set_phase(static_cast<v1::Phase>(phase));
    run->set_trials_five_years(Int(0, 8));
    MaybeSample(run->mutable_source());
  }
  Some(kSpecialities, 0.7, [&](const auto& id) { site.add_specialities(id); });
  Some(kAges, 0.85, [&](v1::AgeGroup group) { site.add_age_groups(group); });
  Some(kCapabilities, 0.8, [&](const auto& id) { site.add_capabilities(id); });
  if (Maybe(0.8)) {
    site.mutable_start_up()->set_median_days(Int(0, 200));
    MaybeSample(site.mutable_start_up()->mutable_source());
  }
  AddHistory(&site);
  if (Maybe(0.7)) site.mutable_review()->set_date(FormatDate(kToday - Int(0, 450)));
  MaybeSample(site.mutable_source());
  return site;
}

v1::SiteCapacity RandomWorld::Capacity(int number) {
  v1::SiteCapacity capacity;
  capacity.set_name(absl::StrFormat("sites/s%05d/capacity", number));
  capacity.set_slots(Maybe(0.02) ? 1000 : Int(0, 9));
  for (int month = 0; month < 24; ++month) {
    if (!Maybe(0.1)) continue;
    Use(&capacity, absl::StrFormat("%04d-%02d", 2026 + month / 12, 1 + month % 12), Int(0, 3), 0,
        Int(0, 1));
  }
  for (int i = Maybe(0.2) ? Int(1, 2) : 0; i > 0; --i) {
    v1::CapacityHold* hold = capacity.add_holds();
    hold->set_referral(absl::StrCat("trialRequests/t/referrals/", i));
    hold->set_first_month(absl::StrFormat("2026-%02d", Int(1, 12)));
    hold->set_months(Int(1, 14));
    hold->set_state(Maybe(0.5) ? v1::HOLD_STATE_HELD : v1::HOLD_STATE_CONFIRMED);
  }
  MaybeSample(capacity.mutable_source());
  return capacity;
}

std::shared_ptr<const directory::DirectorySnapshot> RandomWorld::Directory(int sites) {
  directory::DirectorySnapshotBuilder builder = Country();
  for (int i = 0; i < sites; ++i) {
    const int number = Int(0, kMostSites - 1);
    builder.Put(Site(number));
    if (Maybe(0.95)) builder.Put(Capacity(number));
  }
  return builder.Build(9);
}

std::shared_ptr<const directory::DirectorySnapshot> RandomWorld::Changed(
    const directory::DirectorySnapshot& directory) {
  directory::DirectorySnapshotBuilder builder(directory);
  for (int i = Int(1, 3); i > 0; --i) {
    const std::size_t size = directory.sites().size();
    int number = Int(0, kMostSites - 1);
    if (size > 0 && Maybe(0.7)) {
      const std::string& name =
          directory.sites()[static_cast<std::size_t>(Int(0, static_cast<int>(size) - 1))]
              ->site.name();
      number = std::stoi(name.substr(sizeof("sites/s") - 1));
    }
    const std::string name = absl::StrFormat("sites/s%05d", number);
    if (Maybe(0.4)) {
      builder.Put(Site(number));
    } else if (Maybe(0.5)) {
      builder.Put(Capacity(number));
    } else {
      builder.Erase(Maybe(0.8) ? name : name + "/capacity");
    }
  }
  if (Maybe(0.2)) {
    v1::Region region;
    region.set_name("regions/nowhere");
    region.set_valid_from(FormatDate(kToday + Int(0, 300)));
    builder.Put(region);
  }
  if (Maybe(0.2)) {
    v1::Pack settings = Settings();
    settings.mutable_policy()->set_default_start_up_days(Int(0, 250));
    v1::RatePrior* prior = settings.mutable_policy()->add_priors();
    prior->set_speciality("heart");
    prior->set_alpha(1.25);
    prior->set_beta(0.5);
    builder.PutSettings(settings);
  }
  return builder.Build(directory.commit() + 1);
}

void RandomWorld::SetTiming(absl::CivilDay today, v1::TrialRequest* request) {
  const absl::CivilDay earliest = today + Int(0, 400);
  request->set_first_patient_in_earliest(FormatDate(earliest));
  request->clear_first_patient_in_latest();
  if (Maybe(0.6)) request->set_first_patient_in_latest(FormatDate(earliest + Int(0, 100)));
  request->set_recruitment_months(Maybe(0.7) ? Int(1, 12) : Int(1, 60));
  if (Maybe(0.01)) request->set_recruitment_months(0);
}

v1::TrialRequest RandomWorld::Request(absl::CivilDay today) {
  v1::TrialRequest request;
  request.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  if (Maybe(0.05)) request.set_kind(static_cast<v1::TrialKind>(Int(0, 9)));
  request.set_phase(static_cast<v1::Phase>(Int(0, 8)));
  Some(kSpecialities, 0.35, [&](const auto& id) { request.add_specialities(id); });
  request.set_speciality_mode(static_cast<v1::SpecialityMode>(Int(0, 2)));
  Some(kAges, 0.4, [&](v1::AgeGroup g) { request.mutable_population()->add_age_groups(g); });
  Some(kCapabilities, 0.3, [&](const auto& id) { request.add_required_capabilities(id); });
  Some(kCapabilities, 0.3, [&](const auto& id) { request.add_preferred_capabilities(id); });
  if (Maybe(0.02)) request.add_required_capabilities("of no site");
  if (Maybe(0.4)) {
    Some(kRegions, 0.6, [&](const auto& name) { request.add_regions_wanted(name); });
  }
  Some(kRegions, 0.2, [&](const auto& name) { request.add_regions_preferred(name); });
  SetTiming(today, &request);
  request.set_patients_wanted(Int(0, 3) * 20);
  request.set_sites_wanted(Int(0, 4));
  for (int i = Maybe(0.3) ? Int(1, 200) : 0; i > 0; --i) {
    request.add_sites_already_contacted(absl::StrFormat("sites/s%05d", Int(0, kMostSites - 1)));
  }
  return request;
}

}  // namespace trialgate::feasibility
