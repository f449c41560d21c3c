// How many patients sites will recruit: Poisson-gamma (Anisimov and Fedorov 2007), totals as
// negative binomials of matched moments (Mountain and Sherlock 2022).
#ifndef TRIALGATE_SERVICES_FEASIBILITY_FORECAST_H_
#define TRIALGATE_SERVICES_FEASIBILITY_FORECAST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// Patients in units of 1e-9: sums over sites are the same in any order.
using NanoPatients = absl::int128;

// `patients` is finite and not negative.
NanoPatients ToNanoPatients(double patients);
double FromNanoPatients(NanoPatients patients);

// A site's recruitment rate in patients a month: Gamma-distributed.
struct SiteRate {
  double shape;
  double rate;  // in months

  double Mean() const { return shape / rate; }
};

// The prior with the site's history in the specialities wanted (in all, where none is wanted).
SiteRate RateOf(const MatchQuery& query, const v1::Site& site);

// What one site brings in the window.
struct SiteContribution {
  double expected_patients;  // mean rate × open months
  double variance;           // of that mean: what is not known of the rate
};
SiteContribution ContributionOf(const MatchQuery& query, const SiteView& view);

// The probability of at least `patients_wanted` where the total's Poisson mean has these moments;
// without any (0), 1 only if no patients are wanted. `mean` and `variance` are finite and not
// negative.
double ProbabilityOf(double mean, double variance, std::int64_t patients_wanted);

// The forecast of a total with these moments, without dates and months.
v1::Forecast ForecastOfMoments(double mean, double variance, std::int64_t patients_wanted);

// Sums contributions. The order of summing is part of the result's last bits: add by site name.
class ForecastTotal {
 public:
  void Add(const SiteContribution& site) {
    mean_ += site.expected_patients;
    variance_ += site.variance;
  }

  // Without any site or open month: all 0, and probability 1 only if no patients are wanted.
  // Without dates and months.
  v1::Forecast Forecast(std::int64_t patients_wanted) const {
    return ForecastOfMoments(mean_, variance_, patients_wanted);
  }

  // Of that forecast the least count whose cumulative probability reaches `probability`.
  std::int64_t Quantile(double probability) const;

 private:
  double mean_ = 0;
  double variance_ = 0;
};

// The forecast over exactly the sites named, eligible or not; unknown ones are left out, each
// counts once. With dates and months. Requires what PrepareQuery requires.
v1::Forecast ForecastOverSites(const v1::TrialRequest& request, std::vector<std::string> sites,
                               const directory::DirectorySnapshot& directory, absl::CivilDay today);

// Patients recruited over patients claimed, in the whole directory; 1 if nothing was claimed.
double ActualToClaimed(const directory::DirectorySnapshot& directory);

// What a claim of `patients` by `site` is worth by its record: patients × (actual + 5 r) /
// (claimed + 5) over all its history, `r` as ActualToClaimed gives it.
double ClaimWorth(double patients, const v1::Site& site, double r);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_FORECAST_H_
