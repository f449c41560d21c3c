// The distribution of a count whose Poisson mean is itself Gamma-distributed.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_NEGATIVE_BINOMIAL_H_
#define TRIALGATE_SERVICES_FEASIBILITY_NEGATIVE_BINOMIAL_H_

#include <cstdint>
#include <optional>

namespace trialgate::feasibility {

// Poisson mixed by Gamma(shape mean²/variance, rate mean/variance). Immutable.
class NegativeBinomial {
 public:
  // `mean` and `variance` are those of the Gamma, both > 0 and finite.
  NegativeBinomial(double mean, double variance);

  // Probability of at most `count`; 0 for a negative one.
  double AtMost(std::int64_t count) const;

  // Probability of at least `count`; 1 for 0 or less.
  double AtLeast(std::int64_t count) const;

  // The least count for which AtMost reaches `probability`, 0 < probability < 1.
  std::int64_t Quantile(double probability) const;

 private:
  // What counts up to it come to, by adding up from 0, each from the one before; nullopt where that
  // would be slow or could not tell.
  std::optional<std::int64_t> QuantileBySum(double probability) const;
  // From a guess near it.
  std::int64_t QuantileBySearch(double probability) const;
  std::int64_t GuessOf(double probability) const;

  double mean_;
  double shape_;
  double success_;  // mean / (mean + variance)
  double failure_;  // variance / (mean + variance)
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_NEGATIVE_BINOMIAL_H_
