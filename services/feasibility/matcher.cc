#include "services/feasibility/matcher.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/civil_date.h"
#include "services/feasibility/criteria.h"
#include "services/feasibility/forecast.h"
#include "services/feasibility/forecast_curve.h"
#include "services/feasibility/levers.h"
#include "services/feasibility/match_query.h"
#include "services/feasibility/sample_use.h"
#include "services/feasibility/score.h"

namespace trialgate::feasibility {
namespace {

struct ScoredSite {
  std::int64_t nano_score;
  v1::EligibleSite site;
};

// What the sites that fail a criterion come to.
struct FailureSum {
  int sites = 0;
  int near_misses = 0;
  NanoPatients near_miss_patients = 0;
};

// What the eligible sites of a region come to.
struct RegionSum {
  int sites = 0;
  NanoPatients expected_patients = 0;
  ForecastTotal total;
  absl::CivilDay earliest_start;
};

// Fills a report site by site, in the order of their names.
class ReportBuilder {
 public:
  ReportBuilder(const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
                absl::CivilDay today)
      : request_(request),
        directory_(directory),
        query_(PrepareQuery(request, directory, today)),
        curve_(query_.window) {}

  v1::FeasibilityReport Build(int revision);

 private:
  void AddSite(const directory::SiteEntry& entry);
  void AddEligible(const SiteView& view, const SiteContribution& contribution);
  void AddNearMiss(const SiteView& view, CriterionSet failed, double expected_patients);
  void AddEligibleInOrder();
  void AddFailures();
  void AddRegions();

  const v1::TrialRequest& request_;
  const directory::DirectorySnapshot& directory_;
  const MatchQuery query_;

  v1::FeasibilityReport report_;
  std::vector<ScoredSite> eligible_;
  std::vector<SiteOutcome> outcomes_;  // of every site
  std::array<FailureSum, kLastCriterion + 1> failures_{};
  std::map<std::string, RegionSum> regions_;
  ForecastTotal total_;
  RecruitmentCurve curve_;
  SampleUse sample_use_;
};

v1::FeasibilityReport ReportBuilder::Build(int revision) {
  *report_.mutable_inputs() = InputsOf(query_, revision, directory_);
  if (MatchesSites(query_.kind)) {
    outcomes_.reserve(directory_.sites().size());
    for (const auto& entry : directory_.sites()) AddSite(*entry);
    report_.set_sites_considered(static_cast<int>(directory_.sites().size()));
    for (v1::Lever& lever : FindLevers(request_, query_, directory_, outcomes_)) {
      *report_.add_levers() = std::move(lever);
    }
  }
  AddEligibleInOrder();
  AddFailures();
  AddRegions();
  *report_.mutable_forecast() = total_.Forecast(query_.patients_wanted);
  curve_.SetDates(query_.patients_wanted, report_.mutable_forecast());
  report_.set_rests_on_sample(sample_use_.any());
  for (std::string& caveat : sample_use_.Caveats()) report_.add_caveats(std::move(caveat));
  return std::move(report_);
}

void ReportBuilder::AddSite(const directory::SiteEntry& entry) {
  const SiteView view = ViewSite(query_, entry);
  const CriterionSet failed = FailedCriteria(query_, view);
  for (int criterion = kFirstCriterion; criterion <= kLastCriterion; ++criterion) {
    if (failed.test(criterion)) ++failures_[criterion].sites;
  }
  if (failed.count() > 1) {
    outcomes_.push_back({failed, 0});
    return;
  }
  const SiteContribution contribution = ContributionOf(query_, view);
  outcomes_.push_back({failed, ToNanoPatients(contribution.expected_patients)});
  if (failed.none()) {
    AddEligible(view, contribution);
  } else {
    AddNearMiss(view, failed, contribution.expected_patients);
  }
}

void ReportBuilder::AddEligible(const SiteView& view, const SiteContribution& contribution) {
  const absl::CivilDay start = std::max(query_.earliest, view.ready);
  v1::EligibleSite site;
  site.set_site(view.site->name());
  site.set_display_name(view.site->display_name());
  site.set_region(*view.region);
  *site.mutable_parts() = PartsOf(query_, view, contribution.expected_patients);
  const std::int64_t nano_score = NanoScore(site.parts());
  site.set_score(static_cast<double>(nano_score) / 1e9);
  site.set_expected_patients(contribution.expected_patients);
  site.set_earliest_start(FormatDate(start));
  site.set_rests_on_sample(sample_use_.Add(query_, view));
  eligible_.push_back({nano_score, std::move(site)});

  RegionSum& region = regions_[*view.region];
  region.earliest_start = region.sites == 0 ? start : std::min(region.earliest_start, start);
  ++region.sites;
  region.expected_patients += outcomes_.back().expected_patients;
  region.total.Add(contribution);
  total_.Add(contribution);
  curve_.Add(view.ready, RateOf(query_, *view.site));
}

void ReportBuilder::AddNearMiss(const SiteView& view, CriterionSet failed,
                                double expected_patients) {
  auto criterion = kFirstCriterion;
  while (!failed.test(criterion)) criterion = static_cast<v1::Criterion>(criterion + 1);
  v1::NearMiss* near_miss = report_.add_near_misses();
  near_miss->set_site(view.site->name());
  near_miss->set_display_name(view.site->display_name());
  near_miss->set_region(view.region == nullptr ? view.site->region() : *view.region);
  near_miss->set_criterion(criterion);
  near_miss->set_expected_patients(expected_patients);
  DescribeFailure(query_, view, criterion, near_miss);
  ++failures_[criterion].near_misses;
  failures_[criterion].near_miss_patients += outcomes_.back().expected_patients;
  sample_use_.Add(query_, view);
}

void ReportBuilder::AddEligibleInOrder() {
  // Sites came by name, and a stable sort keeps them so where scores are equal.
  std::stable_sort(
      eligible_.begin(), eligible_.end(),
      [](const ScoredSite& a, const ScoredSite& b) { return a.nano_score > b.nano_score; });
  for (ScoredSite& scored : eligible_) *report_.add_eligible() = std::move(scored.site);
  report_.set_eligible_count(report_.eligible_size());
  report_.set_near_miss_count(report_.near_misses_size());
}

void ReportBuilder::AddFailures() {
  for (int criterion = kFirstCriterion; criterion <= kLastCriterion; ++criterion) {
    v1::CriterionCount* count = report_.add_failed();
    count->set_criterion(static_cast<v1::Criterion>(criterion));
    count->set_sites(failures_[criterion].sites);
    count->set_near_misses(failures_[criterion].near_misses);
    count->set_near_miss_patients(FromNanoPatients(failures_[criterion].near_miss_patients));
  }
}

void ReportBuilder::AddRegions() {
  std::vector<std::pair<std::string, RegionSum>> regions(regions_.begin(), regions_.end());
  std::stable_sort(regions.begin(), regions.end(), [](const auto& a, const auto& b) {
    return a.second.expected_patients > b.second.expected_patients;
  });
  for (const auto& [name, sum] : regions) {
    const v1::Region* region = directory_.FindRegion(name);
    const v1::Forecast forecast = sum.total.Forecast(0);
    v1::RegionSummary* summary = report_.add_regions();
    summary->set_region(name);
    if (region != nullptr) summary->set_display_name(region->display_name());
    summary->set_eligible_sites(sum.sites);
    summary->set_expected_patients(FromNanoPatients(sum.expected_patients));
    summary->set_p10(forecast.p10());
    summary->set_p90(forecast.p90());
    summary->set_earliest_start(FormatDate(sum.earliest_start));
  }
}

}  // namespace

v1::MatchInputs InputsOf(const MatchQuery& query, int revision,
                         const directory::DirectorySnapshot& directory) {
  v1::MatchInputs inputs;
  inputs.set_request_revision(revision);
  inputs.set_directory_commit(directory.commit());
  inputs.set_policy_version(directory.settings().policy().version());
  inputs.set_today(FormatDate(query.today));
  inputs.set_engine_version(kEngineVersion);
  return inputs;
}

v1::FeasibilityReport Match(const v1::TrialRequest& request, int revision,
                            const directory::DirectorySnapshot& directory, absl::CivilDay today) {
  return ReportBuilder(request, directory, today).Build(revision);
}

}  // namespace trialgate::feasibility
