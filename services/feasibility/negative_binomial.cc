#include "services/feasibility/negative_binomial.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace trialgate::feasibility {
namespace {

namespace policies = boost::math::policies;

// No exceptions: where the series gives up, the best value that it found stands.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::underflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;

// Up to this mean, and so many terms, adding up is faster than a special function.
constexpr double kLargestSummedMean = 500;
constexpr std::int64_t kMostTerms = 5000;
// Below this an exponential is too close to 0 to start from.
constexpr double kLeastLog = -600;
// More than the sum's rounding can come to.
constexpr double kSumDoubt = 1e-11;

// Beyond this no quantile is looked for.
constexpr std::int64_t kLargestCount = std::int64_t{1} << 61;

double Probability(double value) { return value > 0.0 ? std::min(value, 1.0) : 0.0; }

}  // namespace

NegativeBinomial::NegativeBinomial(double mean, double variance)
    : mean_(mean),
      shape_(mean * (mean / variance)),
      success_(mean / (mean + variance)),
      failure_(variance / (mean + variance)) {}

// I_success(shape, count + 1), from the side on which the argument is exact.
double NegativeBinomial::AtMost(std::int64_t count) const {
  if (count < 0) return 0.0;
  const double next = static_cast<double>(count) + 1.0;
  return Probability(success_ < failure_ ? boost::math::ibeta(shape_, next, success_, Quiet())
                                         : boost::math::ibetac(next, shape_, failure_, Quiet()));
}

double NegativeBinomial::AtLeast(std::int64_t count) const {
  if (count <= 0) return 1.0;
  const auto least = static_cast<double>(count);
  return Probability(success_ < failure_ ? boost::math::ibetac(shape_, least, success_, Quiet())
                                         : boost::math::ibeta(least, shape_, failure_, Quiet()));
}

std::optional<std::int64_t> NegativeBinomial::QuantileBySum(double probability) const {
  if (mean_ > kLargestSummedMean) return std::nullopt;
  const double log_none = shape_ * std::log(success_);
  if (!(log_none > kLeastLog)) return std::nullopt;
  double term = std::exp(log_none);
  double sum = term;
  std::int64_t count = 0;
  while (sum < probability + kSumDoubt) {
    // So close that rounding may decide.
    if (sum > probability - kSumDoubt) return std::nullopt;
    const auto counted = static_cast<double>(count);
    term *= (counted + shape_) / (counted + 1) * failure_;
    sum += term;
    if (++count > kMostTerms) return std::nullopt;
  }
  return count;
}

std::int64_t NegativeBinomial::GuessOf(double probability) const {
  // Cornish and Fisher's expansion with the skewness.
  const double z = boost::math::quantile(boost::math::normal(), probability);
  const double variance = mean_ / success_;
  const double skewness = (1 + failure_) / std::sqrt(shape_ * failure_);
  const double guess = mean_ + std::sqrt(variance) * (z + (z * z - 1) * skewness / 6);
  return static_cast<std::int64_t>(std::clamp(guess, 0.0, 1e18));
}

std::int64_t NegativeBinomial::QuantileBySearch(double probability) const {
  const std::int64_t guess = GuessOf(probability);
  std::int64_t below = -1;  // does not reach it
  std::int64_t reaching = guess;
  std::int64_t step = 1;
  if (AtMost(guess) < probability) {
    below = guess;
    reaching = guess + step;
    while (AtMost(reaching) < probability && reaching < kLargestCount) {
      below = reaching;
      step *= 4;
      reaching += step;
    }
  } else {
    while (reaching - step > below && AtMost(reaching - step) >= probability) {
      reaching -= step;
      step *= 4;
    }
    below = std::max(below, reaching - step);
  }
  while (reaching - below > 1) {
    const std::int64_t middle = below + (reaching - below) / 2;
    (AtMost(middle) < probability ? below : reaching) = middle;
  }
  return reaching;
}

std::int64_t NegativeBinomial::Quantile(double probability) const {
  const auto summed = QuantileBySum(probability);
  return summed.has_value() ? *summed : QuantileBySearch(probability);
}

}  // namespace trialgate::feasibility
