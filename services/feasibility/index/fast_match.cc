#include "services/feasibility/index/fast_match.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/civil_date.h"
#include "services/feasibility/criteria.h"
#include "services/feasibility/forecast.h"
#include "services/feasibility/forecast_curve.h"
#include "services/feasibility/index/block_criteria.h"
#include "services/feasibility/index/block_numbers.h"
#include "services/feasibility/index/index_query.h"
#include "services/feasibility/index/lever_gains.h"
#include "services/feasibility/index/top_sites.h"
#include "services/feasibility/levers.h"
#include "services/feasibility/match_query.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "services/feasibility/sample_use.h"

namespace trialgate::feasibility {
namespace {

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
  std::int32_t least_day = 0;  // start-up days less least_days
};

// The eligible sites that have the same start-up days.
struct Starters {
  double mean = 0;
  double variance = 0;
};

struct ListedNearMiss {
  const directory::SiteEntry* entry;
  v1::Criterion criterion;
  double expected_patients;
};

// Fills a report block by block.
class FastMatcher {
 public:
  FastMatcher(const IndexQuery& query, const directory::DirectorySnapshot& directory,
              const SiteIndex& index, const MatchPage& page)
      : query_(query),
        directory_(directory),
        index_(index),
        page_(page),
        gains_(query),
        top_(query, static_cast<std::size_t>(page.eligible), page.rank_without_headroom),
        regions_(query.regions_on_day.size()),
        starters_(query.now().open_months.size()),
        first_day_(static_cast<std::size_t>(
            std::clamp<std::int64_t>(query.query.earliest - query.query.today - query.least_days, 0,
                                     static_cast<std::int64_t>(starters_.size()) - 1))) {}

  // False where a site's patients are too many to be counted here.
  bool Run();
  v1::FeasibilityReport Report(int revision);

 private:
  bool AddBlock(const SiteBlock& block, std::size_t number);
  void CountSamples(const SiteBlock& block, const Bits& sites);
  void AddNearMisses(const SiteBlock& block);
  void AddEligible(const SiteBlock& block);

  void ReportEligible(v1::FeasibilityReport* report);
  void ReportNearMisses(v1::FeasibilityReport* report) const;
  void ReportFailures(v1::FeasibilityReport* report) const;
  void ReportRegions(v1::FeasibilityReport* report) const;
  void ReportForecast(v1::FeasibilityReport* report) const;

  const IndexQuery& query_;
  const directory::DirectorySnapshot& directory_;
  const SiteIndex& index_;
  const MatchPage& page_;

  BlockOutcome outcome_;  // of the block looked at
  BlockNumbers numbers_;

  std::array<FailureSum, kLastCriterion + 1> failures_{};
  int eligible_ = 0;
  int near_misses_ = 0;
  NanoPatients eligible_patients_ = 0;
  LeverGains gains_;
  TopSites top_;
  std::vector<ListedNearMiss> listed_;
  std::vector<RegionSum> regions_;  // by region on the day
  ForecastTotal total_;
  // By start-up days less least_days; whoever is ready on the first day or before counts there.
  std::vector<Starters> starters_;
  const std::size_t first_day_;
  std::array<int, SampleUse::kKinds> samples_{};
};

bool FastMatcher::Run() {
  for (std::size_t i = 0; i < index_.blocks().size(); ++i) {
    if (!AddBlock(*index_.blocks()[i], i)) return false;
  }
  return true;
}

bool FastMatcher::AddBlock(const SiteBlock& block, std::size_t number) {
  TestBlock(query_, block, number, &outcome_);
  for (int criterion = kFirstCriterion; criterion <= kLastCriterion; ++criterion) {
    const auto i = static_cast<std::size_t>(criterion);
    failures_[i].sites += outcome_.failed[i].Count();
  }
  const Bits reported = outcome_.eligible | outcome_.near_miss;
  Bits needed = reported;
  for (const Bits& later : outcome_.later) needed |= later;
  if (!needed.Any()) return true;
  FillRates(query_, block, needed, &numbers_);
  if (!FillExpected(query_.now(), reported, &numbers_)) return false;
  CountSamples(block, reported);
  AddNearMisses(block);
  AddEligible(block);
  top_.Add(block, number, outcome_.eligible, numbers_);
  gains_.AddNearMisses(block, outcome_, numbers_);
  return gains_.AddLaterStarts(outcome_, numbers_);
}

void FastMatcher::CountSamples(const SiteBlock& block, const Bits& sites) {
  Bits phases;
  for (const v1::Phase phase : query_.query.phases) phases |= block.sample_phases.Of(phase);
  const std::array<const Bits*, SampleUse::kKinds> kinds = {
      &block.sample_profile, &phases, &block.sample_start_up, &block.sample_history,
      &block.sample_capacity};
  for (std::size_t i = 0; i < kinds.size(); ++i) samples_[i] += (*kinds[i] & sites).Count();
}

void FastMatcher::AddNearMisses(const SiteBlock& block) {
  for (int criterion = kFirstCriterion; criterion <= kLastCriterion; ++criterion) {
    const auto i = static_cast<std::size_t>(criterion);
    const Bits sites = outcome_.near_miss & outcome_.failed[i];
    failures_[i].near_misses += sites.Count();
    failures_[i].near_miss_patients += SumOf(sites, numbers_);
  }
  near_misses_ += outcome_.near_miss.Count();
  const auto page = static_cast<std::size_t>(page_.near_misses);
  if (listed_.size() < page) {
    outcome_.near_miss.ForEach([&](int site) {
      if (listed_.size() == page) return;
      auto criterion = kFirstCriterion;
      while (!outcome_.failed[criterion].Test(site)) {
        criterion = static_cast<v1::Criterion>(criterion + 1);
      }
      const auto at = static_cast<std::size_t>(site);
      listed_.push_back({(*block.sites)[at].get(), criterion, numbers_.expected[at]});
    });
  }
}

void FastMatcher::AddEligible(const SiteBlock& block) {
  const Timing& now = query_.now();
  eligible_ += outcome_.eligible.Count();
  eligible_patients_ += SumOf(outcome_.eligible, numbers_);
  outcome_.eligible.ForEach([&](int place) {
    const auto site = static_cast<std::size_t>(place);
    const double expected = numbers_.expected[site];
    const auto day = static_cast<std::size_t>(numbers_.day[site]);
    const SiteContribution contribution{expected,
                                        expected * now.open_months[day] / numbers_.rate[site]};
    total_.Add(contribution);
    const auto region_number = now.region_on_day[static_cast<std::size_t>(block.region[site])];
    RegionSum& region = regions_[static_cast<std::size_t>(region_number)];
    region.least_day =
        region.sites == 0 ? numbers_.day[site] : std::min(region.least_day, numbers_.day[site]);
    ++region.sites;
    region.expected_patients += numbers_.nano[site];
    region.total.Add(contribution);
    Starters& starters = starters_[std::max(day, first_day_)];
    starters.mean += numbers_.mean[site];
    starters.variance += numbers_.mean[site] / numbers_.rate[site];
  });
}

void FastMatcher::ReportEligible(v1::FeasibilityReport* report) {
  for (const RankedSite& ranked : top_.Take()) {
    const SiteBlock& block = *index_.blocks()[ranked.place.block];
    const auto at = static_cast<std::size_t>(ranked.place.site);
    const SiteView view = ViewSite(query_.query, *(*block.sites)[at]);
    v1::EligibleSite* site = report->add_eligible();
    site->set_site(view.site->name());
    site->set_display_name(view.site->display_name());
    site->set_region(*view.region);
    *site->mutable_parts() = ToParts(ranked.points);
    site->set_score(static_cast<double>(NanoScore(ranked.points)) / 1e9);
    site->set_expected_patients(ranked.expected_patients);
    site->set_earliest_start(FormatDate(std::max(query_.query.earliest, view.ready)));
    site->set_rests_on_sample(SampleUse().Add(query_.query, view));
  }
  report->set_eligible_count(eligible_);
}

void FastMatcher::ReportNearMisses(v1::FeasibilityReport* report) const {
  for (const ListedNearMiss& listed : listed_) {
    const SiteView view = ViewSite(query_.query, *listed.entry);
    v1::NearMiss* near_miss = report->add_near_misses();
    near_miss->set_site(view.site->name());
    near_miss->set_display_name(view.site->display_name());
    near_miss->set_region(view.region == nullptr ? view.site->region() : *view.region);
    near_miss->set_criterion(listed.criterion);
    near_miss->set_expected_patients(listed.expected_patients);
    DescribeFailure(query_.query, view, listed.criterion, near_miss);
  }
  report->set_near_miss_count(near_misses_);
}

void FastMatcher::ReportFailures(v1::FeasibilityReport* report) const {
  for (int criterion = kFirstCriterion; criterion <= kLastCriterion; ++criterion) {
    const FailureSum& sum = failures_[static_cast<std::size_t>(criterion)];
    v1::CriterionCount* count = report->add_failed();
    count->set_criterion(static_cast<v1::Criterion>(criterion));
    count->set_sites(sum.sites);
    count->set_near_misses(sum.near_misses);
    count->set_near_miss_patients(FromNanoPatients(sum.near_miss_patients));
  }
}

void FastMatcher::ReportRegions(v1::FeasibilityReport* report) const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    if (regions_[i].sites > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (regions_[a].expected_patients != regions_[b].expected_patients) {
      return regions_[a].expected_patients > regions_[b].expected_patients;
    }
    return query_.regions_on_day[a] < query_.regions_on_day[b];
  });
  for (const std::size_t i : order) {
    const RegionSum& sum = regions_[i];
    const std::string& name = query_.regions_on_day[i];
    const v1::Region* region = directory_.FindRegion(name);
    v1::RegionSummary* summary = report->add_regions();
    summary->set_region(name);
    if (region != nullptr) summary->set_display_name(region->display_name());
    summary->set_eligible_sites(sum.sites);
    summary->set_expected_patients(FromNanoPatients(sum.expected_patients));
    summary->set_p10(sum.total.Quantile(0.1));
    summary->set_p90(sum.total.Quantile(0.9));
    const std::int64_t days = std::int64_t{query_.least_days} + sum.least_day;
    summary->set_earliest_start(
        FormatDate(std::max(query_.query.earliest, query_.query.today + days)));
  }
}

void FastMatcher::ReportForecast(v1::FeasibilityReport* report) const {
  *report->mutable_forecast() = total_.Forecast(query_.query.patients_wanted);
  RecruitmentCurve curve(query_.query.window);
  for (std::size_t day = 0; day < starters_.size(); ++day) {
    if (!(starters_[day].mean > 0)) continue;
    const std::int64_t days = query_.least_days + static_cast<std::int64_t>(day);
    curve.AddSums(query_.query.today + days, starters_[day].mean, starters_[day].variance);
  }
  curve.SetDates(query_.query.patients_wanted, report->mutable_forecast());
}

v1::FeasibilityReport FastMatcher::Report(int revision) {
  v1::FeasibilityReport report;
  *report.mutable_inputs() = InputsOf(query_.query, revision, directory_);
  report.set_sites_considered(static_cast<int>(index_.size()));
  for (v1::Lever& lever : BestFirst(gains_.Take(eligible_patients_))) {
    *report.add_levers() = std::move(lever);
  }
  ReportEligible(&report);
  ReportNearMisses(&report);
  ReportFailures(&report);
  ReportRegions(&report);
  ReportForecast(&report);
  SampleUse sample_use;
  sample_use.AddCounted(eligible_ + near_misses_, samples_);
  report.set_rests_on_sample(sample_use.any());
  for (std::string& caveat : sample_use.Caveats()) report.add_caveats(std::move(caveat));
  return report;
}

// Sorts as HideCapacity will.
void RankWithoutHeadroom(v1::FeasibilityReport* report) {
  const auto rank = [](const v1::EligibleSite& site) {
    v1::ScoreParts parts = site.parts();
    parts.set_headroom(0);
    return NanoScore(parts);
  };
  std::sort(report->mutable_eligible()->begin(), report->mutable_eligible()->end(),
            [&](const v1::EligibleSite& a, const v1::EligibleSite& b) {
              return rank(a) != rank(b) ? rank(a) > rank(b) : a.site() < b.site();
            });
}

// The plain way, for what tables cannot hold.
v1::FeasibilityReport PlainMatch(const v1::TrialRequest& request, int revision,
                                 const directory::DirectorySnapshot& directory,
                                 absl::CivilDay today, const MatchPage& page) {
  v1::FeasibilityReport report = Match(request, revision, directory, today);
  if (page.rank_without_headroom) RankWithoutHeadroom(&report);
  KeepPage(page.eligible, page.near_misses, &report);
  return report;
}

}  // namespace

v1::FeasibilityReport FastMatch(const v1::TrialRequest& request, int revision,
                                const directory::DirectorySnapshot& directory,
                                const SiteIndex& index, absl::CivilDay today,
                                const MatchPage& page) {
  if (MatchesSites(request.kind())) {
    const std::optional<IndexQuery> query =
        PrepareIndexQuery(PrepareQuery(request, directory, today), directory, request, index);
    if (query.has_value()) {
      const auto matcher = std::make_unique<FastMatcher>(*query, directory, index, page);
      if (matcher->Run()) return matcher->Report(revision);
    }
  }
  return PlainMatch(request, revision, directory, today, page);
}

}  // namespace trialgate::feasibility
