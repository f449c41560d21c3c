#include "services/feasibility/report_difference.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::feasibility {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::FeasibilityReport Report() {
  v1::FeasibilityReport report;
  report.mutable_inputs()->set_today("2026-03-05");
  report.mutable_forecast()->set_mean(1.5);
  for (const double score : {90.0, 80.0, 70.0}) report.add_eligible()->set_score(score);
  report.add_caveats("invented");
  return report;
}

TEST(ReportDifferenceTest, EqualReportsDifferNowhere) {
  EXPECT_THAT(DifferingFields(Report(), Report(), 10), IsEmpty());
}

TEST(ReportDifferenceTest, AValueIsToldByItsPathAlone) {
  v1::FeasibilityReport other = Report();
  other.mutable_inputs()->set_today("2026-03-06");
  other.mutable_eligible(1)->set_score(80.0000001);
  other.set_caveats(0, "declared");
  EXPECT_THAT(DifferingFields(Report(), other, 10),
              ElementsAre("inputs.today", "eligible[1].score", "caveats[0]"));
}

TEST(ReportDifferenceTest, WhatOnlyOneHasIsToldByTheNameOfItsListOnce) {
  v1::FeasibilityReport other = Report();
  other.mutable_eligible()->DeleteSubrange(1, 2);
  other.clear_forecast();
  EXPECT_THAT(DifferingFields(Report(), other, 10), ElementsAre("eligible", "forecast"));
  EXPECT_THAT(DifferingFields(other, Report(), 10), ElementsAre("eligible", "forecast"));
}

TEST(ReportDifferenceTest, NoMoreAreToldThanWereAskedFor) {
  v1::FeasibilityReport other = Report();
  for (v1::EligibleSite& site : *other.mutable_eligible()) site.set_score(1);
  EXPECT_THAT(DifferingFields(Report(), other, 2),
              ElementsAre("eligible[0].score", "eligible[1].score"));
}

}  // namespace
}  // namespace trialgate::feasibility
