#include "services/feasibility/forecast.h"

#include <cmath>

#include "gtest/gtest.h"
#include "services/feasibility/negative_binomial.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

v1::Site WithHistory(const std::string& speciality, int claimed, int actual, double months) {
  v1::Site site = FittingSite();
  v1::RecruitmentHistory* row = site.add_history();
  row->set_speciality(speciality);
  row->set_claimed(claimed);
  row->set_actual(actual);
  row->set_site_months(months);
  return site;
}

SiteRate RateFor(const v1::TrialRequest& request, const v1::Site& site) {
  return RateOf(PrepareQuery(request, *CountryWith(site), kToday), site);
}

TEST(RateTest, WithoutHistoryIsThePrior) {
  const SiteRate rate = RateFor(FittingRequest(), FittingSite());
  EXPECT_DOUBLE_EQ(rate.shape, 0.86);
  EXPECT_DOUBLE_EQ(rate.rate, 0.607);
}

TEST(RateTest, HistoryOfASpecialityWantedIsAddedToThePrior) {
  const SiteRate rate = RateFor(FittingRequest(), WithHistory("heart", 20, 12, 6));
  EXPECT_DOUBLE_EQ(rate.shape, 12.86);
  EXPECT_DOUBLE_EQ(rate.rate, 6.607);
}

TEST(RateTest, HistoryOfAnotherSpecialityIsNot) {
  EXPECT_DOUBLE_EQ(RateFor(FittingRequest(), WithHistory("skin", 20, 12, 6)).shape, 0.86);
}

TEST(RateTest, AllHistoryCountsWhereNoSpecialityIsWanted) {
  v1::TrialRequest request = FittingRequest();
  request.clear_specialities();
  EXPECT_DOUBLE_EQ(RateFor(request, WithHistory("skin", 20, 12, 6)).shape, 12.86);
}

// The policy has a prior of its own for "heart".
SiteRate RateWithOwnPrior(const v1::TrialRequest& request) {
  v1::Pack settings = Settings();
  v1::RatePrior* prior = settings.mutable_policy()->add_priors();
  prior->set_speciality("heart");
  prior->set_alpha(3);
  prior->set_beta(2);
  directory::DirectorySnapshotBuilder builder = Country();
  builder.PutSettings(settings);
  return RateOf(PrepareQuery(request, *builder.Build(1), kToday), FittingSite());
}

TEST(RateTest, ASpecialitysOwnPriorHoldsWhereExactlyThatOneIsWanted) {
  EXPECT_DOUBLE_EQ(RateWithOwnPrior(FittingRequest()).Mean(), 1.5);
}

TEST(RateTest, ASpecialitysOwnPriorDoesNotHoldWhereMoreOrNoneAreWanted) {
  v1::TrialRequest request = FittingRequest();
  request.add_specialities("skin");
  EXPECT_DOUBLE_EQ(RateWithOwnPrior(request).shape, 0.86);
  request.clear_specialities();
  EXPECT_DOUBLE_EQ(RateWithOwnPrior(request).shape, 0.86);
}

TEST(ForecastTest, OverNoSitesIsNothing) {
  const v1::Forecast forecast = ForecastTotal().Forecast(1);
  EXPECT_EQ(forecast.mean(), 0);
  EXPECT_EQ(forecast.p90(), 0);
  EXPECT_EQ(forecast.probability(), 0);
}

TEST(ForecastTest, WhereNoPatientsAreWantedTheyAreCertain) {
  EXPECT_EQ(ForecastTotal().Forecast(0).probability(), 1);
  ForecastTotal total;
  total.Add({3.0, 2.0});
  EXPECT_EQ(total.Forecast(0).probability(), 1);
}

TEST(ForecastTest, ASiteThatIsNeverOpenAddsNothing) {
  v1::TrialRequest request = FittingRequest();
  request.clear_first_patient_in_latest();
  v1::Site site = FittingSite();
  site.mutable_start_up()->set_median_days(3650);
  const v1::Forecast forecast = ForecastOverSites(request, {"sites/a"}, *CountryWith(site), kToday);
  EXPECT_EQ(forecast.mean(), 0);
  EXPECT_EQ(forecast.p90(), 0);
}

TEST(ForecastTest, OverNamedSitesCountsEachOnceAndLeavesOutUnknownOnes) {
  const auto directory = CountryWith(FittingSite());
  const v1::Forecast once = ForecastOverSites(FittingRequest(), {"sites/a"}, *directory, kToday);
  const v1::Forecast twice =
      ForecastOverSites(FittingRequest(), {"sites/a", "sites/b", "sites/a"}, *directory, kToday);
  EXPECT_GT(once.mean(), 0);
  EXPECT_EQ(once.mean(), twice.mean());
}

// The probability of exactly `count`, from the definition.
double Mass(double shape, double success, int count) {
  return std::exp(std::lgamma(count + shape) - std::lgamma(count + 1.0) - std::lgamma(shape) +
                  shape * std::log(success) + count * std::log1p(-success));
}

TEST(NegativeBinomialTest, SumsTheProbabilitiesOfItsDefinition) {
  for (const auto& [mean, variance] :
       {std::pair(5.0, 0.5), std::pair(5.0, 5.0), std::pair(5.0, 80.0), std::pair(0.01, 3.0)}) {
    const NegativeBinomial total(mean, variance);
    double sum = 0;
    for (int count = 0; count < 40; ++count) {
      EXPECT_NEAR(total.AtLeast(count), 1 - sum, 1e-12) << mean << " " << variance;
      sum += Mass(mean * mean / variance, mean / (mean + variance), count);
      EXPECT_NEAR(total.AtMost(count), sum, 1e-12) << mean << " " << variance;
    }
  }
}

TEST(NegativeBinomialTest, AQuantileIsTheLeastCountThatReachesIt) {
  for (const double mean : {0.3, 7.0, 50.0, 499.0, 501.0, 30000.0}) {
    for (const double variance : {0.001, 1.0, 30.0, 4000.0}) {
      const NegativeBinomial total(mean, variance);
      for (const double probability : {0.1, 0.5, 0.9}) {
        const std::int64_t quantile = total.Quantile(probability);
        EXPECT_GE(total.AtMost(quantile), probability) << mean << " " << variance;
        EXPECT_LT(total.AtMost(quantile - 1), probability) << mean << " " << variance;
      }
    }
  }
}

TEST(NegativeBinomialTest, StaysFiniteAtTheEdgesOfWhatAPackMaySay) {
  for (const double mean : {1e-9, 1e-3, 1e6, 1e13}) {
    for (const double variance : {1e-12, 1e-3, 1e6, 1e13}) {
      const NegativeBinomial total(mean, variance);
      for (const std::int64_t count : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1000000}}) {
        EXPECT_TRUE(total.AtMost(count) >= 0 && total.AtMost(count) <= 1) << mean << variance;
        EXPECT_TRUE(total.AtLeast(count) >= 0 && total.AtLeast(count) <= 1) << mean << variance;
      }
      EXPECT_GE(total.Quantile(0.9), 0);
    }
  }
}

TEST(ClaimTest, IsWorthItsSizeTimesTheSitesRecord) {
  EXPECT_DOUBLE_EQ(ClaimWorth(30, WithHistory("heart", 35, 15, 6), 0.5), 30 * 17.5 / 40);
}

TEST(ClaimTest, OfASiteWithoutRecordIsWorthTheDirectorysRatio) {
  EXPECT_DOUBLE_EQ(ClaimWorth(30, FittingSite(), 0.4), 12);
}

TEST(ClaimTest, TheDirectorysRatioIsOverAllSites) {
  directory::DirectorySnapshotBuilder builder = Country();
  v1::Site a = WithHistory("heart", 10, 2, 6);
  v1::Site b = WithHistory("skin", 30, 18, 6);
  b.set_name("sites/b");
  builder.Put(a);
  builder.Put(b);
  EXPECT_DOUBLE_EQ(ActualToClaimed(*builder.Build(1)), 0.5);
}

TEST(ClaimTest, TheDirectorysRatioIsOneWhereNothingWasClaimed) {
  EXPECT_EQ(ActualToClaimed(*CountryWith(FittingSite())), 1);
}

}  // namespace
}  // namespace trialgate::feasibility
