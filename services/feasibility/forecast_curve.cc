#include "services/feasibility/forecast_curve.h"

#include <algorithm>
#include <cstddef>

#include "common/base/civil_date.h"

namespace trialgate::feasibility {
namespace {

// Whether a count with these moments of its Poisson mean is certain to reach the patients wanted
// with less than that probability, by the inequalities of Markov and Cantelli.
bool CannotReach(double mean, double variance, std::int64_t patients_wanted, double probability) {
  const auto wanted = static_cast<double>(patients_wanted);
  if (!(mean < wanted)) return false;
  const double spread = mean + variance;
  const double missing = wanted - mean;
  const double most = std::min(mean / wanted, spread / (spread + missing * missing));
  return most < 0.99 * probability;
}

}  // namespace

RecruitmentCurve::RecruitmentCurve(const Window& window) : first_(window.first) {
  absl::CivilMonth month(window.first);
  for (std::size_t i = 0; i < window.months.size(); ++i) {
    ends_.push_back(std::min(absl::CivilDay(++month), window.end));
  }
}

void RecruitmentCurve::Add(absl::CivilDay ready, const SiteRate& rate) {
  Starters& starters = starters_[std::max(first_, ready)];
  starters.mean += rate.Mean();
  starters.variance += rate.Mean() / rate.rate;
}

void RecruitmentCurve::AddSums(absl::CivilDay ready, double mean, double variance) {
  Starters& starters = starters_[std::max(first_, ready)];
  starters.mean += mean;
  starters.variance += variance;
}

RecruitmentCurve::Moments RecruitmentCurve::Until(absl::CivilDay end) const {
  Moments sum;
  for (const auto& [start, starters] : starters_) {
    if (start >= end) break;
    const double open_months = static_cast<double>(end - start) / kDaysPerMonth;
    sum.mean += starters.mean * open_months;
    sum.variance += starters.variance * open_months * open_months;
  }
  return sum;
}

void RecruitmentCurve::SetDates(std::int64_t patients_wanted, v1::Forecast* forecast) const {
  forecast->clear_date_p50();
  forecast->clear_date_p90();
  if (patients_wanted <= 0) return;
  for (const absl::CivilDay end : ends_) {
    const Moments until = Until(end);
    // Far from the target the special function need not be asked.
    if (CannotReach(until.mean, until.variance, patients_wanted,
                    forecast->date_p50().empty() ? 0.5 : 0.9)) {
      continue;
    }
    const double probability = ProbabilityOf(until.mean, until.variance, patients_wanted);
    if (probability >= 0.5 && forecast->date_p50().empty()) {
      forecast->set_date_p50(FormatDate(end - 1));
    }
    if (probability >= 0.9) {
      forecast->set_date_p90(FormatDate(end - 1));
      return;
    }
  }
}

void RecruitmentCurve::SetMonths(std::int64_t patients_wanted, v1::Forecast* forecast) const {
  forecast->clear_months();
  for (const absl::CivilDay end : ends_) {
    const Moments until = Until(end);
    v1::ForecastMonth* month = forecast->add_months();
    month->set_end(FormatDate(end - 1));
    const v1::Forecast so_far = ForecastOfMoments(until.mean, until.variance, patients_wanted);
    month->set_mean(so_far.mean());
    month->set_p10(so_far.p10());
    month->set_p50(so_far.p50());
    month->set_p90(so_far.p90());
    month->set_probability(so_far.probability());
  }
}

}  // namespace trialgate::feasibility
