#include <string>

#include "gtest/gtest.h"
#include "services/feasibility/index/fast_match.h"
#include "services/feasibility/index/site_index.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "tests/conformance/case_files.h"
#include "tests/conformance/match_case.h"

namespace trialgate {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-6;

json Expected(const json& expect, const char* key, json absent) {
  return expect.value(key, std::move(absent));
}

void CompareParts(const json& parts, const v1::ScoreParts& got) {
  EXPECT_NEAR(parts.value("speciality", 0.0), got.speciality(), kTolerance);
  EXPECT_NEAR(parts.value("experience", 0.0), got.experience(), kTolerance);
  EXPECT_NEAR(parts.value("patients", 0.0), got.patients(), kTolerance);
  EXPECT_NEAR(parts.value("headroom", 0.0), got.headroom(), kTolerance);
  EXPECT_NEAR(parts.value("start_up", 0.0), got.start_up(), kTolerance);
  EXPECT_NEAR(parts.value("track_record", 0.0), got.track_record(), kTolerance);
  EXPECT_NEAR(parts.value("preferences", 0.0), got.preferences(), kTolerance);
  EXPECT_NEAR(parts.value("freshness", 0.0), got.freshness(), kTolerance);
}

void CompareEligible(const json& expect, const v1::FeasibilityReport& report) {
  const json eligible = Expected(expect, "eligible", json::array());
  ASSERT_EQ(eligible.size(), static_cast<std::size_t>(report.eligible_size()));
  for (int i = 0; i < report.eligible_size(); ++i) {
    const v1::EligibleSite& got = report.eligible(i);
    SCOPED_TRACE("eligible site " + got.site());
    EXPECT_EQ(eligible[i].value("site", ""), got.site());
    EXPECT_EQ(eligible[i].value("region", ""), got.region());
    EXPECT_NEAR(eligible[i].value("score", 0.0), got.score(), kTolerance);
    EXPECT_NEAR(eligible[i].value("expected_patients", 0.0), got.expected_patients(), kTolerance);
    CompareParts(Expected(eligible[i], "parts", json::object()), got.parts());
  }
}

// What a case calls `detail`: null, days, or a list of texts.
json DetailOf(const v1::NearMiss& near_miss) {
  switch (near_miss.criterion()) {
    case v1::CRITERION_ACTIVE:
    case v1::CRITERION_NOT_CONTACTED:
    case v1::CRITERION_REGION:
    case v1::CRITERION_KIND:
      return near_miss.missing().empty() ? json() : json("missing is not empty");
    case v1::CRITERION_START_UP:
      return near_miss.days_late();
    default:
      return std::vector<std::string>(near_miss.missing().begin(), near_miss.missing().end());
  }
}

void CompareNearMisses(const json& expect, const v1::FeasibilityReport& report) {
  const json near_misses = Expected(expect, "near_misses", json::array());
  ASSERT_EQ(near_misses.size(), static_cast<std::size_t>(report.near_misses_size()));
  for (int i = 0; i < report.near_misses_size(); ++i) {
    const v1::NearMiss& got = report.near_misses(i);
    SCOPED_TRACE("near miss " + got.site());
    EXPECT_EQ(near_misses[i].value("site", ""), got.site());
    EXPECT_EQ("CRITERION_" + near_misses[i].value("criterion", ""),
              v1::Criterion_Name(got.criterion()));
    EXPECT_EQ(Expected(near_misses[i], "detail", json()), DetailOf(got));
    EXPECT_NEAR(near_misses[i].value("expected_patients", 0.0), got.expected_patients(),
                kTolerance);
  }
}

void CompareFailures(const json& expect, const v1::FeasibilityReport& report) {
  ASSERT_EQ(report.failed_size(), 10);
  const json failed = Expected(expect, "failed", json::object());
  for (int i = 0; i < report.failed_size(); ++i) {
    const v1::CriterionCount& got = report.failed(i);
    EXPECT_EQ(static_cast<int>(got.criterion()), i + 1);
    const std::string name = v1::Criterion_Name(got.criterion()).substr(sizeof("CRITERION_") - 1);
    EXPECT_EQ(failed.value(name, 0), got.sites()) << name;
  }
}

void CompareRegions(const json& expect, const v1::FeasibilityReport& report) {
  const json regions = Expected(expect, "by_region", json::object());
  EXPECT_EQ(regions.size(), static_cast<std::size_t>(report.regions_size()));
  for (const v1::RegionSummary& got : report.regions()) {
    SCOPED_TRACE("region " + got.region());
    ASSERT_TRUE(regions.contains(got.region()));
    EXPECT_EQ(regions[got.region()].value("eligible", 0), got.eligible_sites());
    EXPECT_NEAR(regions[got.region()].value("expected_patients", 0.0), got.expected_patients(),
                kTolerance);
  }
}

void CompareDroppedCapabilities(const json& expect, const v1::FeasibilityReport& report) {
  const json levers = Expected(expect, "drop_capability", json::object());
  std::size_t got_levers = 0;
  for (const v1::Lever& got : report.levers()) {
    if (got.kind() != v1::LEVER_KIND_DROP_CAPABILITY) continue;
    ++got_levers;
    SCOPED_TRACE("capability dropped " + got.value());
    ASSERT_TRUE(levers.contains(got.value()));
    EXPECT_EQ(levers[got.value()].value("sites", 0), got.sites_gained());
    EXPECT_EQ(got.sites_lost(), 0);
    EXPECT_NEAR(levers[got.value()].value("expected_patients", 0.0), got.expected_patients_gained(),
                kTolerance);
  }
  EXPECT_EQ(levers.size(), got_levers);
}

TEST(Conformance, Matching) {
  const auto cases = conformance::ReadCases("matching");
  if (cases.empty()) {
    GTEST_SKIP() << "no cases below " << conformance::CaseFolder()
                 << "; TRIALGATE_CONFORMANCE_DIR names the folder";
  }
  for (const conformance::CaseFile& file : cases) {
    SCOPED_TRACE(file.path);
    const conformance::MatchCase match_case = conformance::ToMatchCase(file.json);
    const v1::FeasibilityReport report = feasibility::Match(
        match_case.request, /*revision=*/0, *match_case.directory, match_case.today);
    const auto index = feasibility::SiteIndex::Of(*match_case.directory, nullptr);
    EXPECT_EQ(feasibility::SerializeReport(
                  feasibility::FastMatch(match_case.request, /*revision=*/0, *match_case.directory,
                                         *index, match_case.today, {})),
              feasibility::SerializeReport(report));
    const json expect = Expected(file.json, "expect", json::object());
    CompareEligible(expect, report);
    CompareNearMisses(expect, report);
    CompareFailures(expect, report);
    CompareRegions(expect, report);
    CompareDroppedCapabilities(expect, report);
  }
}

}  // namespace
}  // namespace trialgate
