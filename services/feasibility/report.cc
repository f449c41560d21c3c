#include "services/feasibility/report.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
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
}

}  // namespace trialgate::feasibility
