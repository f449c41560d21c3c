// Recruitment month by month: when a target is likely to be reached.
//
//   RecruitmentCurve curve(query.window);
//   for (each site, by name) curve.Add(view.ready, RateOf(query, *view.site));
//   curve.SetDates(patients_wanted, &forecast);
#ifndef TRIALGATE_SERVICES_FEASIBILITY_FORECAST_CURVE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_FORECAST_CURVE_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/feasibility/forecast.h"
#include "services/feasibility/window.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// Sums sites by the day on which they start, so that a month costs no more than there are such
// days. The order of summing is part of the result's last bits: add by site name.
class RecruitmentCurve {
 public:
  explicit RecruitmentCurve(const Window& window);

  // A site that is ready on `ready`, before or in the window, and recruits at `rate` from then on.
  void Add(absl::CivilDay ready, const SiteRate& rate);

  // The sums over the sites that are ready on `ready`, of their mean rates and of the variances of
  // those. Once for each day; days up to the window's first are one.
  void AddSums(absl::CivilDay ready, double mean, double variance);

  // Sets `date_p50` and `date_p90`, as the proto says; absent where no patients are wanted.
  void SetDates(std::int64_t patients_wanted, v1::Forecast* forecast) const;

  // Sets `months`, one for each of the window's.
  void SetMonths(std::int64_t patients_wanted, v1::Forecast* forecast) const;

 private:
  // Sums over the sites that start on a day.
  struct Starters {
    double mean = 0;      // of their rates, patients a month
    double variance = 0;  // of those means
  };

  // What is recruited before `end`, as the moments of the Gamma.
  struct Moments {
    double mean = 0;
    double variance = 0;
  };
  Moments Until(absl::CivilDay end) const;

  const absl::CivilDay first_;
  std::vector<absl::CivilDay> ends_;  // of the months, exclusive
  std::map<absl::CivilDay, Starters> starters_;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_FORECAST_CURVE_H_
