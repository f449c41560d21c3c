#include "tests/integration/lifecycle/small_country.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/store/memory_store.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"
#include "services/directory/month.h"
#include "services/directory/person_repository.h"
#include "services/intake/collated_answer.h"
#include "services/routing/referral_repository.h"
#include "tests/support/status_matchers.h"

namespace trialgate {

SmallCountry::SmallCountry() {
  store::StoreOptions options;
  options.clock = &clock_;
  store_ = store::NewMemoryStore(options);
  requests_ = std::make_unique<intake::TrialRequestApp>(store_.get(), &world_, keys_.get(), &clock_,
                                                        &ids_, intake::TrialRequestApp::Options());
  referrals_ = std::make_unique<routing::ReferralApp>(store_.get(), &directory_, &collation_,
                                                      keys_.get(), &clock_, &ids_);
  follower_ = std::make_unique<store::FeedFollower>(
      store_.get(), std::vector<store::Projection*>{&directory_, &sites_, &world_});
  EXPECT_OK(follower_->Start());
  PutPeople();
  PutSites();
  PutPack();
}

void SmallCountry::PutBytes(const std::function<absl::Status(store::UnitOfWork&)>& write) {
  const auto commit = store::RunUnitOfWork(store_.get(), ids_.NewId(), {},
                                           [&](store::UnitOfWork& work) -> absl::Status {
                                             work.SetEvent("test");
                                             return write(work);
                                           });
  ASSERT_OK(commit);
  ASSERT_OK(follower_->WaitUntil(*commit, absl::Seconds(30)));
}

void SmallCountry::PutPeople() {
  v1::Calendar calendar;
  calendar.set_name("calendars/c");
  Put(directory::Calendars(), calendar);
  for (const std::string id : {"a", "b", "secretariat", "ideas"}) {
    const std::string region = absl::StrCat("regions/", id);
    v1::Desk desk;
    desk.set_name(absl::StrCat("desks/", id));
    desk.set_display_name(absl::StrCat("Desk ", id));
    desk.set_kind(v1::DESK_KIND_SECRETARIAT);
    if (id == "ideas") desk.set_kind(v1::DESK_KIND_IDEA_CLINIC);
    desk.set_time_zone("Europe/Copenhagen");
    desk.set_calendar("calendars/c");
    desk.set_lead(absl::StrCat(desk.name(), "/contacts/lead"));
    if (id == "a" || id == "b") {
      desk.set_kind(v1::DESK_KIND_REGION);
      desk.add_regions(region);
      v1::Region record;
      record.set_name(region);
      Put(directory::Regions(), record);
    }
    Put(directory::Desks(), desk);
    v1::Contact lead;
    lead.set_name(desk.lead());
    Put(directory::Contacts(), lead);
    directory::PersonEdits persons(keys_.get(), directory::PersonEdits::kWrite);
    PutBytes([&](store::UnitOfWork& work) {
      storage::v1::PersonFields person;
      person.set_display_name(absl::StrCat("Lead ", id));
      return persons.Put(lead.name(), person, clock_.Now(), &work).status();
    });
  }
  for (const std::string id : {"acme", "other"}) {
    v1::Organization organization;
    organization.set_name(absl::StrCat("organizations/", id));
    organization.set_display_name(id);
    organization.set_type(v1::ORGANIZATION_TYPE_COMPANY);
    Put(directory::Organizations(), organization);
  }
}

void SmallCountry::PutSites() {
  for (const std::string id : {"a1", "a2", "a3", "b1"}) {
    v1::Site site;
    site.set_name(absl::StrCat("sites/", id));
    site.set_display_name(absl::StrCat("Site ", id));
    site.set_type(v1::SITE_TYPE_DEPARTMENT);
    site.set_region(absl::StrCat("regions/", id.substr(0, 1)));
    site.add_kinds(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
    auto* phase = site.add_phases();
    phase->set_phase(v1::PHASE_PHASE2);
    phase->set_trials_five_years(3);
    site.add_age_groups(v1::AGE_GROUP_ADULT);
    site.mutable_start_up()->set_median_days(30);
    Put(directory::Sites(), site);
    SetSlots(site.name(), 2);
  }
}

void SmallCountry::SetSlots(const std::string& site, int slots) {
  v1::SiteCapacity capacity = Capacity(site);
  capacity.set_name(absl::StrCat(site, "/capacity"));
  capacity.set_slots(slots);
  Put(directory::SiteCapacities(), capacity);
}

void SmallCountry::PutPack() {
  v1::Pack pack;
  pack.set_country("XX");
  pack.set_time_zone("Europe/Copenhagen");
  pack.set_secretariat("desks/secretariat");
  v1::Policy& policy = *pack.mutable_policy();
  policy.set_version(1);
  policy.mutable_weights()->set_patients(100);
  auto* prior = policy.add_priors();
  prior->set_alpha(0.86);
  prior->set_beta(0.607);
  policy.set_acknowledge_days(1);
  policy.set_answer_days_normal(5);
  policy.set_answer_days_expedited(3);
  policy.set_answer_days_rare_disease(10);
  auto* ideas = pack.add_routing_rules();
  ideas->set_id("ideas");
  ideas->add_kinds(v1::TRIAL_KIND_IDEA);
  ideas->set_desk("desks/ideas");
  auto* regional = pack.add_routing_rules();
  regional->set_id("regional");
  regional->set_regional_desk(true);
  PutBytes([&](store::UnitOfWork& work) {
    return work.Put(directory::PackSettings(), directory::kSettingsKey, pack);
  });
}

v1::Principal SmallCountry::Requester(const std::string& organization) {
  v1::Principal principal;
  principal.set_role(v1::ROLE_REQUESTER);
  principal.set_subject("rita");
  principal.set_organization(organization);
  return principal;
}

v1::Principal SmallCountry::Coordinator(const std::string& desk) {
  v1::Principal principal;
  principal.set_role(v1::ROLE_COORDINATOR);
  principal.set_subject(absl::StrCat("of-", desk.substr(desk.find('/') + 1)));
  principal.add_desks(desk);
  return principal;
}

v1::Principal SmallCountry::National() {
  v1::Principal principal;
  principal.set_role(v1::ROLE_NATIONAL);
  principal.set_subject("nina");
  return principal;
}

v1::TrialRequest SmallCountry::Trial() {
  v1::TrialRequest trial;
  trial.set_requester("organizations/acme");
  trial.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  trial.set_intent(v1::INTENT_SPONSOR);
  trial.set_title("A trial");
  trial.set_phase(v1::PHASE_PHASE2);
  trial.add_conditions()->set_text("a condition");
  trial.set_patients_wanted(20);
  trial.set_sites_wanted(2);
  trial.set_first_patient_in_earliest("2026-06-01");
  trial.set_recruitment_months(12);
  trial.mutable_contact()->set_display_name("Rita");
  trial.mutable_contact()->set_email("rita@acme.example");
  return trial;
}

v1::SubmitTrialRequestRequest SmallCountry::SubmitCall(const v1::TrialRequest& trial,
                                                       const std::string& request_id) {
  v1::SubmitTrialRequestRequest call;
  *call.mutable_trial_request() = trial;
  call.set_request_id(request_id.empty() ? NewRequestId() : request_id);
  return call;
}

v1::TrialRequest SmallCountry::Submit(const v1::TrialRequest& trial) {
  const auto response = requests_->Submit(Requester(trial.requester()), SubmitCall(trial));
  EXPECT_OK(response);
  return response.ok() ? response->trial_request() : v1::TrialRequest();
}

v1::Referral SmallCountry::At(const std::string& desk, const v1::TrialRequest& request) {
  for (const std::string& name : request.referrals()) {
    v1::GetReferralRequest call;
    call.set_name(name);
    const auto referral = referrals_->Get(National(), call);
    EXPECT_OK(referral);
    if (referral.ok() && referral->desk() == desk) return *referral;
  }
  ADD_FAILURE() << "no referral at " << desk;
  return {};
}

v1::TrialRequest SmallCountry::Stored(const std::string& request) {
  v1::GetTrialRequestRequest call;
  call.set_name(request);
  const auto stored = requests_->Get(National(), call);
  EXPECT_OK(stored);
  return stored.value_or(v1::TrialRequest());
}

v1::SiteCapacity SmallCountry::Capacity(const std::string& site) {
  const auto row = ReadRow(*store_, directory::SiteCapacities(), absl::StrCat(site, "/capacity"),
                           store_->Head());
  EXPECT_OK(row);
  return row.ok() && row->has_value() ? (*row)->value : v1::SiteCapacity();
}

int SmallCountry::Held(const std::string& site, const std::string& month) {
  return directory::UseIn(Capacity(site), *directory::ParseMonth(month)).held;
}

int SmallCountry::Confirmed(const std::string& site, const std::string& month) {
  return directory::UseIn(Capacity(site), *directory::ParseMonth(month)).confirmed;
}

int SmallCountry::CountRows(storage::v1::TableId table) {
  store::ScanRange range;
  range.start = store::internal::TablePrefix(table);
  range.end = range.start;
  ++range.end.back();
  range.limit = store::kMaxPage;
  const auto page = store_->Scan(range, store_->Head());
  EXPECT_OK(page);
  return page.ok() ? static_cast<int>(page->entries.size()) : -1;
}

v1::Offer SmallCountry::Offer(const std::string& site, v1::OfferFirmness firmness) {
  v1::Offer offer;
  offer.set_site(site);
  offer.set_patients_claimed(10);
  offer.set_earliest_start("2026-06-01");
  offer.set_firmness(firmness);
  return offer;
}

v1::Refusal SmallCountry::Refusal(const std::string& site) {
  v1::Refusal refusal;
  refusal.set_site(site);
  refusal.set_reason(v1::REFUSAL_REASON_NO_STAFF);
  return refusal;
}

v1::AnswerReferralRequest SmallCountry::AnswerCall(const v1::Referral& referral,
                                                   const std::vector<v1::Offer>& offers,
                                                   const std::vector<v1::Refusal>& refusals) {
  v1::AnswerReferralRequest call;
  call.set_name(referral.name());
  call.mutable_offers()->Assign(offers.begin(), offers.end());
  call.mutable_refusals()->Assign(refusals.begin(), refusals.end());
  call.set_request_id(NewRequestId());
  return call;
}

v1::DeclineReferralRequest SmallCountry::DeclineCall(const v1::Referral& referral) {
  v1::DeclineReferralRequest call;
  call.set_name(referral.name());
  call.mutable_decline()->set_reason(v1::REFUSAL_REASON_NO_CAPACITY);
  call.set_request_id(NewRequestId());
  return call;
}

v1::ConfirmTrialRequestRequest SmallCountry::ConfirmCall(const std::string& request,
                                                         const std::vector<std::string>& selected) {
  v1::GetCollatedAnswerRequest get;
  get.set_name(request);
  const auto answer = requests_->GetAnswer(National(), get);
  EXPECT_OK(answer);
  v1::ConfirmTrialRequestRequest call;
  call.set_name(request);
  call.set_request_id(NewRequestId());
  if (!answer.ok()) return call;
  for (const intake::OfferedSite& offer : intake::OffersOf(*answer)) {
    v1::OfferSelection* selection = call.add_selections();
    selection->set_site(offer.site);
    selection->set_referral(offer.referral);
    if (std::find(selected.begin(), selected.end(), offer.site) != selected.end()) {
      selection->set_selected(true);
    } else {
      selection->set_reason(v1::NOT_SELECTED_REASON_ENOUGH_SITES);
    }
  }
  return call;
}

v1::WithdrawTrialRequestRequest SmallCountry::WithdrawCall(const std::string& request) {
  v1::WithdrawTrialRequestRequest call;
  call.set_name(request);
  call.set_reason("the sponsor stopped the programme");
  call.set_request_id(NewRequestId());
  return call;
}

}  // namespace trialgate
