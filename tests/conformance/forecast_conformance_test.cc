#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/feasibility/forecast.h"
#include "tests/conformance/case_files.h"
#include "tests/conformance/match_case.h"

namespace trialgate {
namespace {

TEST(Conformance, Forecast) {
  const auto cases = conformance::ReadCases("forecast");
  if (cases.empty()) {
    GTEST_SKIP() << "no cases below " << conformance::CaseFolder()
                 << "; TRIALGATE_CONFORMANCE_DIR names the folder";
  }
  for (const conformance::CaseFile& file : cases) {
    SCOPED_TRACE(file.path);
    const conformance::MatchCase forecast_case = conformance::ToMatchCase(file.json);
    std::vector<std::string> sites;
    for (const auto& entry : forecast_case.directory->sites()) sites.push_back(entry->site.name());
    const v1::Forecast got = feasibility::ForecastOverSites(
        forecast_case.request, sites, *forecast_case.directory, forecast_case.today);
    const nlohmann::json expect = file.json.value("expect", nlohmann::json::object());
    EXPECT_NEAR(expect.value("mean", 0.0), got.mean(), 1e-6);
    EXPECT_EQ(expect.value("p10", std::int64_t{0}), got.p10());
    EXPECT_EQ(expect.value("p50", std::int64_t{0}), got.p50());
    EXPECT_EQ(expect.value("p90", std::int64_t{0}), got.p90());
    EXPECT_NEAR(expect.value("probability", 0.0), got.probability(), 1e-9);
  }
}

}  // namespace
}  // namespace trialgate
