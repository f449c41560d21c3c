#include "services/feasibility/forecast.h"

#include <algorithm>
#include <cmath>

#include "absl/container/inlined_vector.h"
#include "services/feasibility/forecast_curve.h"
#include "services/feasibility/negative_binomial.h"

namespace trialgate::feasibility {
namespace {

constexpr double kNano = 1e9;
constexpr double kClaimPseudoPatients = 5;

struct Recruited {
  std::int64_t claimed = 0;
  std::int64_t actual = 0;
};

Recruited SumOf(const v1::Site& site) {
  Recruited sum;
  for (const v1::RecruitmentHistory& row : site.history()) {
    sum.claimed += row.claimed();
    sum.actual += row.actual();
  }
  return sum;
}

bool Counts(const MatchQuery& query, const v1::RecruitmentHistory& row) {
  return query.specialities.empty() ||
         std::binary_search(query.specialities.begin(), query.specialities.end(), row.speciality());
}

}  // namespace

NanoPatients ToNanoPatients(double patients) { return NanoPatients(std::round(patients * kNano)); }

double FromNanoPatients(NanoPatients patients) { return static_cast<double>(patients) / kNano; }

SiteRate RateOf(const MatchQuery& query, const v1::Site& site) {
  std::int64_t actual = 0;
  // Summed in ascending order, so that the order of the rows does not matter.
  absl::InlinedVector<double, 8> months;
  for (const v1::RecruitmentHistory& row : site.history()) {
    if (!Counts(query, row)) continue;
    actual += row.actual();
    months.push_back(row.site_months());
  }
  std::sort(months.begin(), months.end());
  double site_months = 0;
  for (const double row_months : months) site_months += row_months;
  return {query.prior_alpha + static_cast<double>(actual), query.prior_beta + site_months};
}

SiteContribution ContributionOf(const MatchQuery& query, const SiteView& view) {
  const SiteRate rate = RateOf(query, *view.site);
  const double open_months = OpenMonths(query.window, view.ready);
  const double expected = rate.Mean() * open_months;
  return {expected, expected * open_months / rate.rate};
}

double ProbabilityOf(double mean, double variance, std::int64_t patients_wanted) {
  if (!(mean > 0) || !(variance > 0)) return patients_wanted <= 0 ? 1.0 : 0.0;
  return NegativeBinomial(mean, variance).AtLeast(patients_wanted);
}

v1::Forecast ForecastOfMoments(double mean, double variance, std::int64_t patients_wanted) {
  v1::Forecast forecast;
  forecast.set_probability(ProbabilityOf(mean, variance, patients_wanted));
  if (!(mean > 0) || !(variance > 0)) return forecast;
  const NegativeBinomial total(mean, variance);
  forecast.set_mean(mean);
  forecast.set_p10(total.Quantile(0.1));
  forecast.set_p50(total.Quantile(0.5));
  forecast.set_p90(total.Quantile(0.9));
  return forecast;
}

std::int64_t ForecastTotal::Quantile(double probability) const {
  if (!(mean_ > 0) || !(variance_ > 0)) return 0;
  return NegativeBinomial(mean_, variance_).Quantile(probability);
}

v1::Forecast ForecastOverSites(const v1::TrialRequest& request, std::vector<std::string> sites,
                               const directory::DirectorySnapshot& directory,
                               absl::CivilDay today) {
  std::sort(sites.begin(), sites.end());
  sites.erase(std::unique(sites.begin(), sites.end()), sites.end());
  const MatchQuery query = PrepareQuery(request, directory, today);
  ForecastTotal total;
  RecruitmentCurve curve(query.window);
  for (const std::string& name : sites) {
    const directory::SiteEntry* entry = directory.FindSite(name);
    if (entry == nullptr) continue;
    const SiteView view = ViewSite(query, *entry);
    total.Add(ContributionOf(query, view));
    curve.Add(view.ready, RateOf(query, entry->site));
  }
  v1::Forecast forecast = total.Forecast(request.patients_wanted());
  curve.SetDates(request.patients_wanted(), &forecast);
  curve.SetMonths(request.patients_wanted(), &forecast);
  return forecast;
}

double ActualToClaimed(const directory::DirectorySnapshot& directory) {
  Recruited all;
  for (const auto& entry : directory.sites()) {
    const Recruited sum = SumOf(entry->site);
    all.claimed += sum.claimed;
    all.actual += sum.actual;
  }
  if (all.claimed == 0) return 1.0;
  return static_cast<double>(all.actual) / static_cast<double>(all.claimed);
}

double ClaimWorth(double patients, const v1::Site& site, double r) {
  const Recruited sum = SumOf(site);
  return patients * (static_cast<double>(sum.actual) + kClaimPseudoPatients * r) /
         (static_cast<double>(sum.claimed) + kClaimPseudoPatients);
}

}  // namespace trialgate::feasibility
