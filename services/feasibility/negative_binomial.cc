#include "services/feasibility/negative_binomial.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>

namespace trialgate::feasibility {
namespace {

namespace policies = boost::math::policies;

// No exceptions: where the series gives up, the best value that it found stands.
using Quiet = policies::policy<policies::domain_error<policies::ignore_error>,
                               policies::pole_error<policies::ignore_error>,
                               policies::overflow_error<policies::ignore_error>,
                               policies::underflow_error<policies::ignore_error>,
                               policies::evaluation_error<policies::ignore_error>>;

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

std::int64_t NegativeBinomial::Quantile(double probability) const {
  std::int64_t below = -1;  // does not reach it
  auto reaching = static_cast<std::int64_t>(std::min(mean_, 1e18)) + 1;
  while (AtMost(reaching) < probability && reaching < kLargestCount) {
    below = reaching;
    reaching *= 2;
  }
  while (reaching - below > 1) {
    const std::int64_t middle = below + (reaching - below) / 2;
    (AtMost(middle) < probability ? below : reaching) = middle;
  }
  return reaching;
}

}  // namespace trialgate::feasibility
