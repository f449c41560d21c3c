// Reports of every engine version, kept as bytes in tests/testdata/golden_reports: the program
// gives them again. A change of any result raises kEngineVersion and adds a file; none is ever
// changed. TRIALGATE_GOLDEN_OUT names a folder to which what this program gives is written.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/feasibility/engine_version.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "services/feasibility/report_difference.h"
#include "tests/unit/feasibility/fixture.h"
#include "tests/unit/feasibility/golden_world.h"

namespace trialgate::feasibility {
namespace {

std::string FileOf(const std::string& folder, int version) {
  return absl::StrCat(folder, "/engine_", version, ".binpb");
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(GoldenReportTest, TheProgramStillGivesTheReportsOfEveryEngineVersion) {
  const std::string folder = "tests/testdata/golden_reports";
  for (int version = 1; version <= kEngineVersion; ++version) {
    SCOPED_TRACE(version);
    v1::FeasibilityReport report = Match(GoldenRequest(), 1, *GoldenDirectory(), kToday);
    ASSERT_TRUE(ToEngineVersion(version, &report));
    const std::string bytes = SerializeReport(report);
    if (const char* out = std::getenv("TRIALGATE_GOLDEN_OUT"); out != nullptr) {
      std::ofstream(FileOf(out, version), std::ios::binary) << bytes;
    }
    const std::string golden = Read(FileOf(folder, version));
    ASSERT_FALSE(golden.empty()) << "there is no golden report of this version";
    v1::FeasibilityReport kept;
    ASSERT_TRUE(kept.ParseFromString(golden));
    EXPECT_EQ(DifferingFields(kept, report, 20), std::vector<std::string>());
    EXPECT_EQ(golden, bytes);
  }
}

}  // namespace
}  // namespace trialgate::feasibility
