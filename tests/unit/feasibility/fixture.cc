#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

v1::Region Region(const std::string& id, const std::string& from, const std::string& to,
                  const std::string& successor) {
  v1::Region region;
  region.set_name("regions/" + id);
  region.set_display_name("Region " + id);
  region.set_valid_from(from);
  region.set_valid_to(to);
  if (!successor.empty()) region.set_successor("regions/" + successor);
  return region;
}

void SetWeights(v1::ScoreWeights* weights) {
  weights->set_speciality(20);
  weights->set_experience(15);
  weights->set_patients(20);
  weights->set_headroom(10);
  weights->set_start_up(10);
  weights->set_track_record(10);
  weights->set_preferences(10);
  weights->set_freshness(5);
}

}  // namespace

v1::Pack Settings() {
  v1::Pack settings;
  settings.set_country("ZZ");
  settings.set_time_zone("UTC");
  for (const char* id : {"heart", "brain", "skin"}) settings.add_specialities()->set_id(id);
  for (const char* id : {"mri", "freezer", "robot"}) settings.add_capabilities()->set_id(id);
  v1::Policy* policy = settings.mutable_policy();
  policy->set_version(7);
  policy->set_default_start_up_days(45);
  SetWeights(policy->mutable_weights());
  v1::RatePrior* prior = policy->add_priors();
  prior->set_alpha(0.86);
  prior->set_beta(0.607);
  return settings;
}

directory::DirectorySnapshotBuilder Country() {
  directory::DirectorySnapshotBuilder builder;
  builder.PutSettings(Settings());
  builder.Put(Region("hills", "", "", ""));
  builder.Put(Region("coast", "2000-01-01", "2026-12-31", "shore"));
  builder.Put(Region("shore", "2027-01-01", "", ""));
  builder.Put(Region("marsh", "", "2020-12-31", ""));
  v1::Organization acme;
  acme.set_name("organizations/acme");
  builder.Put(acme);
  return builder;
}

v1::Site FittingSite(const std::string& id) {
  v1::Site site;
  site.set_name("sites/" + id);
  site.set_display_name("Site " + id);
  site.set_region("regions/hills");
  site.add_kinds(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  v1::PhaseExperience* run = site.add_phases();
  run->set_phase(v1::PHASE_PHASE2);
  run->set_trials_five_years(2);
  site.add_specialities("heart");
  site.add_age_groups(v1::AGE_GROUP_ADULT);
  site.add_capabilities("mri");
  site.mutable_start_up()->set_median_days(30);
  site.mutable_review()->set_date("2026-03-05");
  return site;
}

v1::SiteCapacity Capacity(const std::string& id, int slots) {
  v1::SiteCapacity capacity;
  capacity.set_name("sites/" + id + "/capacity");
  capacity.set_slots(slots);
  return capacity;
}

v1::TrialRequest FittingRequest() {
  v1::TrialRequest request;
  request.set_requester("organizations/acme");
  request.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  request.set_intent(v1::INTENT_SPONSOR);
  request.set_title("A trial");
  request.set_phase(v1::PHASE_PHASE2);
  request.add_conditions()->set_text("Heart failure");
  request.add_specialities("heart");
  request.mutable_population()->add_age_groups(v1::AGE_GROUP_ADULT);
  request.set_first_patient_in_earliest("2026-06-01");
  request.set_first_patient_in_latest("2026-08-01");
  request.set_recruitment_months(6);
  request.add_required_capabilities("mri");
  request.mutable_contact()->set_display_name("Clinical operations");
  request.mutable_contact()->set_email("trials@acme.example");
  return request;
}

std::shared_ptr<const directory::DirectorySnapshot> CountryWith(const v1::Site& site) {
  v1::SiteCapacity capacity;
  capacity.set_name(site.name() + "/capacity");
  capacity.set_slots(2);
  return CountryWith(site, capacity);
}

std::shared_ptr<const directory::DirectorySnapshot> CountryWith(const v1::Site& site,
                                                                const v1::SiteCapacity& capacity) {
  directory::DirectorySnapshotBuilder builder = Country();
  builder.Put(site);
  builder.Put(capacity);
  return builder.Build(1);
}

void Use(v1::SiteCapacity* capacity, const std::string& month, int declared, int confirmed,
         int held) {
  v1::MonthUse* use = capacity->add_months();
  use->set_month(month);
  use->set_occupied_declared(declared);
  for (int i = 0; i < confirmed + held; ++i) {
    v1::CapacityHold* hold = capacity->add_holds();
    hold->set_referral("trialRequests/t/referrals/" + std::to_string(capacity->holds_size()));
    hold->set_first_month(month);
    hold->set_months(1);
    hold->set_state(i < confirmed ? v1::HOLD_STATE_CONFIRMED : v1::HOLD_STATE_HELD);
  }
}

}  // namespace trialgate::feasibility
