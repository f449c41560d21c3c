#include "services/feasibility/forecast_sum.h"

#include <algorithm>
#include <map>
#include <string>

#include "services/feasibility/criteria.h"

namespace trialgate::feasibility {

void ForecastSum::Add(const SiteView& view) {
  const SiteContribution contribution = ContributionOf(*query_, view);
  const absl::CivilDay start = std::max(query_->earliest, view.ready);
  earliest_start_ = sites_ == 0 ? start : std::min(earliest_start_, start);
  ++sites_;
  expected_patients_ += ToNanoPatients(contribution.expected_patients);
  total_.Add(contribution);
  curve_.Add(view.ready, RateOf(*query_, *view.site));
}

v1::Forecast ForecastSum::Forecast(Months months) const {
  v1::Forecast forecast = total_.Forecast(query_->patients_wanted);
  curve_.SetDates(query_->patients_wanted, &forecast);
  if (months == Months::kTold) curve_.SetMonths(query_->patients_wanted, &forecast);
  return forecast;
}

void AddForecasts(const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
                  absl::CivilDay today, v1::FeasibilityReport* report) {
  const MatchQuery query = PrepareQuery(request, directory, today);
  if (!MatchesSites(query.kind)) return;
  ForecastSum all(query);
  std::map<std::string, ForecastSum> regions;
  for (const auto& entry : directory.sites()) {
    const SiteView view = ViewSite(query, *entry);
    if (!MeetsAllCriteria(query, view)) continue;
    all.Add(view);
    regions.try_emplace(*view.region, query).first->second.Add(view);
  }
  *report->mutable_forecast() = all.Forecast(Months::kTold);
  for (v1::RegionSummary& summary : *report->mutable_regions()) {
    const auto region = regions.find(summary.region());
    if (region == regions.end()) continue;
    *summary.mutable_forecast() = region->second.Forecast(Months::kTold);
  }
  for (v1::EligibleSite& site : *report->mutable_eligible()) {
    const directory::SiteEntry* entry = directory.FindSite(site.site());
    if (entry == nullptr) continue;
    ForecastSum alone(query);
    alone.Add(ViewSite(query, *entry));
    *site.mutable_forecast() = alone.Forecast(Months::kTold);
  }
}

}  // namespace trialgate::feasibility
