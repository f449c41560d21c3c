// What some sites come to together: patients, forecast, dates, months.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_FORECAST_SUM_H_
#define TRIALGATE_SERVICES_FEASIBILITY_FORECAST_SUM_H_

#include "absl/time/civil_time.h"
#include "services/feasibility/forecast.h"
#include "services/feasibility/forecast_curve.h"
#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// Whether a forecast tells each month of the window.
enum class Months { kLeftOut, kTold };

// Add by site name: the order is part of the result's last bits.
class ForecastSum {
 public:
  // `query` outlives the sum.
  explicit ForecastSum(const MatchQuery& query) : query_(&query), curve_(query.window) {}

  void Add(const SiteView& view);

  int sites() const { return sites_; }
  NanoPatients expected_patients() const { return expected_patients_; }
  // The least of max(earliest first patient in, ready); of no meaning without a site.
  absl::CivilDay earliest_start() const { return earliest_start_; }

  // With dates.
  v1::Forecast Forecast(Months months) const;

 private:
  const MatchQuery* query_;
  ForecastTotal total_;
  RecruitmentCurve curve_;
  int sites_ = 0;
  NanoPatients expected_patients_ = 0;
  absl::CivilDay earliest_start_;
};

// Adds to a report of `request` what is told only where it is asked for: the forecast of each
// eligible site listed and of each region, and the months of every forecast. The report may have
// been cut to a page. Requires what Match requires.
void AddForecasts(const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
                  absl::CivilDay today, v1::FeasibilityReport* report);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_FORECAST_SUM_H_
