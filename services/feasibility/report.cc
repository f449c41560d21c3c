#include "services/feasibility/report.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/feasibility/forecast.h"
#include "services/feasibility/score.h"

namespace trialgate::feasibility {
namespace {

bool BetterSite(const v1::EligibleSite& a, const v1::EligibleSite& b) {
  if (a.score() != b.score()) return a.score() > b.score();
  return a.site() < b.site();
}

// The sites of each referral planned are in the order of the report.
void SortReferralSites(v1::FeasibilityReport* report) {
  std::map<std::string, std::size_t> place;
  for (const v1::EligibleSite& site : report->eligible()) place.emplace(site.site(), place.size());
  for (v1::PlannedReferral& referral : *report->mutable_referrals()) {
    std::stable_sort(referral.mutable_sites()->begin(), referral.mutable_sites()->end(),
                     [&](const std::string& a, const std::string& b) {
                       const auto at_a = place.find(a);
                       const auto at_b = place.find(b);
                       if (at_b == place.end()) return at_a != place.end();
                       return at_a != place.end() && at_a->second < at_b->second;
                     });
  }
}

// By id, each with its description.
void SortRules(v1::PlannedReferral* referral) {
  if (referral->rules_size() != referral->rule_descriptions_size()) return;
  std::vector<std::pair<std::string, std::string>> rules;
  for (int i = 0; i < referral->rules_size(); ++i) {
    rules.emplace_back(referral->rules(i), referral->rule_descriptions(i));
  }
  std::sort(rules.begin(), rules.end());
  for (int i = 0; i < referral->rules_size(); ++i) {
    referral->set_rules(i, rules[static_cast<std::size_t>(i)].first);
    referral->set_rule_descriptions(i, rules[static_cast<std::size_t>(i)].second);
  }
}

// Counts anew from the sites that are left: totals over all would tell of the others.
void CountOwn(v1::FeasibilityReport* report) {
  report->set_eligible_count(report->eligible_size());
  report->set_near_miss_count(report->near_misses_size());
  for (v1::CriterionCount& count : *report->mutable_failed()) {
    int near_misses = 0;
    NanoPatients patients = 0;
    for (const v1::NearMiss& miss : report->near_misses()) {
      if (miss.criterion() != count.criterion()) continue;
      ++near_misses;
      patients += ToNanoPatients(miss.expected_patients());
    }
    count.set_near_misses(near_misses);
    count.set_near_miss_patients(FromNanoPatients(patients));
    if (count.criterion() == v1::CRITERION_NOT_CONTACTED) count.set_sites(near_misses);
  }
}

}  // namespace

std::string SerializeReport(const v1::FeasibilityReport& report) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream output(&stream);
    output.SetSerializationDeterministic(true);
    report.SerializeToCodedStream(&output);
  }
  return bytes;
}

void HideCapacity(v1::FeasibilityReport* report) {
  for (v1::NearMiss& near_miss : *report->mutable_near_misses()) {
    if (near_miss.criterion() == v1::CRITERION_CAPACITY) near_miss.clear_missing();
  }
  for (v1::EligibleSite& site : *report->mutable_eligible()) {
    site.mutable_parts()->set_headroom(0);
    site.set_score(static_cast<double>(NanoScore(site.parts())) / 1e9);
  }
  std::sort(report->mutable_eligible()->begin(), report->mutable_eligible()->end(), BetterSite);
  SortReferralSites(report);
  for (v1::PlannedReferral& referral : *report->mutable_referrals()) SortRules(&referral);
}

void KeepOwnReferrals(const std::set<std::string>& desks, v1::FeasibilityReport* report) {
  auto* const planned = report->mutable_referrals();
  const auto foreign = [&](const v1::PlannedReferral& p) { return desks.count(p.desk()) == 0; };
  planned->erase(std::remove_if(planned->begin(), planned->end(), foreign), planned->end());
}

void KeepOwnSites(absl::FunctionRef<bool(const std::string&)> is_own,
                  v1::FeasibilityReport* report) {
  std::set<std::string> asked;
  for (const v1::PlannedReferral& planned : report->referrals()) {
    asked.insert(planned.sites().begin(), planned.sites().end());
  }
  const auto foreign = [&](const auto& told) {
    return asked.count(told.site()) == 0 && !is_own(told.site());
  };
  auto* const eligible = report->mutable_eligible();
  eligible->erase(std::remove_if(eligible->begin(), eligible->end(), foreign), eligible->end());
  auto* const misses = report->mutable_near_misses();
  misses->erase(std::remove_if(misses->begin(), misses->end(), foreign), misses->end());
  std::set<std::string> regions;
  for (const v1::EligibleSite& site : *eligible) regions.insert(site.region());
  auto* const summaries = report->mutable_regions();
  const auto elsewhere = [&](const auto& summary) { return regions.count(summary.region()) == 0; };
  summaries->erase(std::remove_if(summaries->begin(), summaries->end(), elsewhere),
                   summaries->end());
  report->clear_levers();
  report->clear_forecast();
  CountOwn(report);
}

void KeepPage(int eligible, int near_misses, v1::FeasibilityReport* report) {
  const auto keep = [](int count, auto* list) {
    if (list->size() > count) list->DeleteSubrange(count, list->size() - count);
  };
  keep(eligible, report->mutable_eligible());
  keep(near_misses, report->mutable_near_misses());
}

void FillContactNames(const directory::DirectorySnapshot& directory,
                      v1::FeasibilityReport* report) {
  for (v1::PlannedReferral& planned : *report->mutable_referrals()) {
    const v1::Contact* contact = directory.FindContact(planned.contact());
    if (contact != nullptr) planned.set_contact_display_name(contact->display_name());
  }
}

}  // namespace trialgate::feasibility
