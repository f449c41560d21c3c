#include "services/feasibility/engine_version.h"

#include "gtest/gtest.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

v1::FeasibilityReport Report() {
  v1::Site lacking = FittingSite("b");
  lacking.clear_capabilities();
  directory::DirectorySnapshotBuilder builder = Country();
  builder.Put(FittingSite());
  builder.Put(lacking);
  builder.Put(Capacity("a", 1));
  builder.Put(Capacity("b", 1));
  v1::TrialRequest request = FittingRequest();
  request.set_patients_wanted(1);
  request.mutable_population()->add_age_groups(v1::AGE_GROUP_CHILD);
  return Match(request, 1, *builder.Build(1), kToday);
}

TEST(EngineVersionTest, TheNewestVersionIsTheReportAsItIs) {
  v1::FeasibilityReport report = Report();
  ASSERT_TRUE(ToEngineVersion(kEngineVersion, &report));
  EXPECT_EQ(SerializeReport(report), SerializeReport(Report()));
}

TEST(EngineVersionTest, VersionOneKnewFewerLeversAndNoCounts) {
  v1::FeasibilityReport report = Report();
  ASSERT_TRUE(ToEngineVersion(1, &report));
  EXPECT_EQ(report.inputs().engine_version(), 1);
  EXPECT_EQ(report.levers_size(), 0) << report.ShortDebugString();
  EXPECT_EQ(report.near_miss_count(), 0);
  EXPECT_EQ(report.failed(v1::CRITERION_AGE - 1).near_misses(), 0);
  EXPECT_EQ(report.forecast().date_p50(), "");
  EXPECT_EQ(report.near_misses_size(), 1);
}

TEST(EngineVersionTest, OtherVersionsAreNotKnown) {
  v1::FeasibilityReport report = Report();
  EXPECT_FALSE(ToEngineVersion(0, &report));
  EXPECT_FALSE(ToEngineVersion(kEngineVersion + 1, &report));
  EXPECT_EQ(report.inputs().engine_version(), kEngineVersion);
}

}  // namespace
}  // namespace trialgate::feasibility
