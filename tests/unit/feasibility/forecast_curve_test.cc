#include "services/feasibility/forecast_curve.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/feasibility/matcher.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

const absl::CivilDay kFirst(2026, 1, 1);
// Four patients a month, known as well as can be.
constexpr SiteRate kSteady = {4e6, 1e6};

v1::Forecast CurveOf(const Window& window, const std::vector<absl::CivilDay>& ready,
                     std::int64_t wanted) {
  RecruitmentCurve curve(window);
  for (const absl::CivilDay day : ready) curve.Add(day, kSteady);
  v1::Forecast forecast;
  curve.SetDates(wanted, &forecast);
  curve.SetMonths(wanted, &forecast);
  return forecast;
}

TEST(ForecastCurveTest, TheTargetsDateIsTheEndOfTheFirstMonthThatReachesIt) {
  // 4 a month: not 20 by the end of May, 24 by that of June, 28 by that of July.
  const v1::Forecast forecast = CurveOf(RecruitmentWindow(kFirst, 12), {kFirst}, 21);
  EXPECT_EQ(forecast.date_p50(), "2026-06-30");
  EXPECT_EQ(forecast.date_p90(), "2026-07-31");
  ASSERT_EQ(forecast.months_size(), 12);
  EXPECT_LT(forecast.months(4).probability(), 0.5);
  EXPECT_GE(forecast.months(5).probability(), 0.5);
  EXPECT_LT(forecast.months(5).probability(), 0.9);
  EXPECT_GE(forecast.months(6).probability(), 0.9);
}

// The end of the first month whose probability reaches `probability`; empty: of none.
std::string FirstToReach(double probability, const v1::Forecast& forecast) {
  for (const v1::ForecastMonth& month : forecast.months()) {
    if (month.probability() >= probability) return month.end();
  }
  return "";
}

TEST(ForecastCurveTest, WhateverTheTargetItsDatesAreOfTheMonthsProbabilities) {
  const absl::CivilDay late(2026, 5, 11);
  for (std::int64_t wanted = 1; wanted <= 120; ++wanted) {
    const v1::Forecast forecast = CurveOf(RecruitmentWindow(kFirst, 18), {kFirst, late}, wanted);
    EXPECT_EQ(forecast.date_p50(), FirstToReach(0.5, forecast)) << wanted;
    EXPECT_EQ(forecast.date_p90(), FirstToReach(0.9, forecast)) << wanted;
  }
}

TEST(ForecastCurveTest, ATargetOutOfReachHasNoDate) {
  const v1::Forecast forecast = CurveOf(RecruitmentWindow(kFirst, 3), {kFirst}, 13);
  EXPECT_EQ(forecast.date_p50(), "");
  EXPECT_EQ(forecast.date_p90(), "");
  const v1::Forecast nobody = CurveOf(RecruitmentWindow(kFirst, 3), {}, 1);
  EXPECT_EQ(nobody.date_p50(), "");
  EXPECT_EQ(nobody.months(2).probability(), 0);
}

TEST(ForecastCurveTest, WithoutATargetThereIsNoDate) {
  const v1::Forecast forecast = CurveOf(RecruitmentWindow(kFirst, 3), {kFirst}, 0);
  EXPECT_EQ(forecast.date_p50(), "");
  EXPECT_EQ(forecast.months(0).probability(), 1);
}

TEST(ForecastCurveTest, MonthsAreThoseOfTheCalendarAndTheLastEndsWithTheWindow) {
  const v1::Forecast forecast =
      CurveOf(RecruitmentWindow(absl::CivilDay(2026, 1, 16), 2), {kFirst}, 5);
  ASSERT_EQ(forecast.months_size(), 3);
  EXPECT_EQ(forecast.months(0).end(), "2026-01-31");
  EXPECT_EQ(forecast.months(1).end(), "2026-02-28");
  EXPECT_EQ(forecast.months(2).end(), "2026-03-15");
  EXPECT_NEAR(forecast.months(0).mean(), 4 * 16 / kDaysPerMonth, 1e-9);
}

TEST(ForecastCurveTest, AFullWindowHasAtMostSixtyOneMonths) {
  const v1::Forecast forecast =
      CurveOf(RecruitmentWindow(absl::CivilDay(2026, 1, 16), 60), {kFirst}, 5);
  EXPECT_EQ(forecast.months_size(), 61);
}

TEST(ForecastCurveTest, ASiteCountsFromTheDayOnWhichItIsReady) {
  const v1::Forecast forecast =
      CurveOf(RecruitmentWindow(kFirst, 3), {absl::CivilDay(2026, 3, 1)}, 5);
  EXPECT_EQ(forecast.months(1).mean(), 0);
  EXPECT_EQ(forecast.months(1).p90(), 0);
  EXPECT_NEAR(forecast.months(2).mean(), 4 * 31 / kDaysPerMonth, 1e-9);
}

TEST(ForecastCurveTest, TheLastMonthIsTheForecastOfTheWindow) {
  v1::Site late = FittingSite("b");
  late.mutable_start_up()->set_median_days(140);
  directory::DirectorySnapshotBuilder builder = Country();
  builder.Put(FittingSite());
  builder.Put(late);
  v1::TrialRequest request = FittingRequest();
  request.set_patients_wanted(20);
  const v1::Forecast forecast =
      ForecastOverSites(request, {"sites/a", "sites/b"}, *builder.Build(1), kToday);
  ASSERT_EQ(forecast.months_size(), 6);
  const v1::ForecastMonth& last = forecast.months(5);
  EXPECT_NEAR(last.mean(), forecast.mean(), 1e-9);
  EXPECT_EQ(last.p10(), forecast.p10());
  EXPECT_EQ(last.p90(), forecast.p90());
  EXPECT_NEAR(last.probability(), forecast.probability(), 1e-9);
}

TEST(ForecastCurveTest, TheReportTellsTheDatesAndNoMonths) {
  v1::TrialRequest request = FittingRequest();
  request.set_patients_wanted(1);
  const v1::FeasibilityReport report = Match(request, 0, *CountryWith(FittingSite()), kToday);
  EXPECT_EQ(report.forecast().date_p50(), "2026-06-30");
  EXPECT_EQ(report.forecast().months_size(), 0);
}

}  // namespace
}  // namespace trialgate::feasibility
