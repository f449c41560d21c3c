#include "services/feasibility/variants.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/forecast.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

constexpr std::size_t kLabelBytes = 64;
constexpr int kMaxTopSites = 100;
constexpr int kDefaultTopSites = 5;

NanoPatients ExpectedPatients(const v1::FeasibilityReport& report) {
  NanoPatients sum = 0;
  for (const v1::EligibleSite& site : report.eligible()) {
    sum += ToNanoPatients(site.expected_patients());
  }
  return sum;
}

// Empty without an eligible site. ISO dates are in the order of their texts.
std::string EarliestStart(const v1::FeasibilityReport& report) {
  std::string earliest;
  for (const v1::RegionSummary& region : report.regions()) {
    if (earliest.empty() || region.earliest_start() < earliest) earliest = region.earliest_start();
  }
  return earliest;
}

std::set<std::string> SitesOf(const v1::FeasibilityReport& report) {
  std::set<std::string> sites;
  for (const v1::EligibleSite& site : report.eligible()) sites.insert(site.site());
  return sites;
}

int DaysBetween(const std::string& from, const std::string& to) {
  const auto first = ParseDate(from);
  const auto second = ParseDate(to);
  return first.ok() && second.ok() ? static_cast<int>(*second - *first) : 0;
}

v1::VariantSummary Summarize(const v1::RequestVariant& variant, const v1::FeasibilityReport& report,
                             int top_sites) {
  v1::VariantSummary summary;
  summary.set_label(variant.label());
  summary.set_eligible_count(report.eligible_size());
  summary.set_near_miss_count(report.near_misses_size());
  summary.set_expected_patients(FromNanoPatients(ExpectedPatients(report)));
  *summary.mutable_forecast() = report.forecast();
  summary.set_earliest_start(EarliestStart(report));
  *summary.mutable_failed() = report.failed();
  for (int i = 0; i < std::min(top_sites, report.eligible_size()); ++i) {
    *summary.add_top_sites() = report.eligible(i);
  }
  summary.set_rests_on_sample(report.rests_on_sample());
  *summary.mutable_caveats() = report.caveats();
  return summary;
}

v1::VariantDifference Difference(const v1::FeasibilityReport& first,
                                 const v1::FeasibilityReport& other) {
  const std::set<std::string> before = SitesOf(first);
  const std::set<std::string> after = SitesOf(other);
  const auto lacking = [](const std::set<std::string>& some, const std::set<std::string>& in) {
    return static_cast<int>(std::count_if(
        some.begin(), some.end(), [&](const std::string& site) { return in.count(site) == 0; }));
  };
  v1::VariantDifference difference;
  difference.set_sites_gained(lacking(after, before));
  difference.set_sites_lost(lacking(before, after));
  difference.set_expected_patients(
      FromNanoPatients(ExpectedPatients(other) - ExpectedPatients(first)));
  difference.set_p10(other.forecast().p10() - first.forecast().p10());
  difference.set_p50(other.forecast().p50() - first.forecast().p50());
  difference.set_p90(other.forecast().p90() - first.forecast().p90());
  difference.set_probability(other.forecast().probability() - first.forecast().probability());
  difference.set_start_days(DaysBetween(EarliestStart(first), EarliestStart(other)));
  return difference;
}

}  // namespace

FieldFaults CheckVariants(const v1::CompareTrialRequestsRequest& request) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  if (request.variants_size() < kFewestVariants) {
    faults.Add("variants", v1::ERROR_REASON_OUT_OF_RANGE,
               absl::StrCat("must be ", kFewestVariants, " to ", kMostVariants, ", not ",
                            request.variants_size()));
  }
  std::set<std::string> labels;
  const int count = rules.Count("variants", request.variants_size(), kMostVariants);
  for (int i = 0; i < count; ++i) {
    const std::string field = Element("variants", i) + ".label";
    const std::string& label = request.variants(i).label();
    rules.Text(field, label, kLabelBytes, Presence::kRequired);
    if (!labels.insert(label).second) rules.Duplicate(field, label);
  }
  rules.Range("page_size", request.page_size(), 0, kMaxTopSites);
  return faults;
}

v1::CompareTrialRequestsResponse CompareReports(const v1::CompareTrialRequestsRequest& request,
                                                const std::vector<v1::FeasibilityReport>& reports) {
  const int top_sites = request.page_size() == 0 ? kDefaultTopSites : request.page_size();
  v1::CompareTrialRequestsResponse response;
  *response.mutable_inputs() = reports.front().inputs();
  for (std::size_t i = 0; i < reports.size(); ++i) {
    v1::VariantSummary* summary = response.add_variants();
    *summary = Summarize(request.variants(static_cast<int>(i)), reports[i], top_sites);
    if (i > 0) *summary->mutable_difference() = Difference(reports.front(), reports[i]);
  }
  return response;
}

}  // namespace trialgate::feasibility
