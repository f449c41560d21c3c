// Real studies against the shipped pack: are the regions where they ran among those that are named?
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/directory/personal_number.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/trial_request_validation.h"
#include "services/intake/study_record.h"
#include "tests/unit/pack/danish_pack.h"

namespace trialgate {
namespace {

using Regions = std::set<std::string>;

std::filesystem::path DataDir() {
  const char* dir = std::getenv("TRIALGATE_DATA_DIR");
  return dir != nullptr ? dir : "../shared/data";
}

std::string FileContent(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

class CtgovRegionsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(DataDir() / "ctgov")) {
      GTEST_SKIP() << "no study records at " << DataDir() / "ctgov"
                   << ": set TRIALGATE_DATA_DIR";
    }
  }

  // Of the fields of a line, the first is the study and the last but one the region's ISO code: no
  // field behind the facility has a comma, only facilities are quoted.
  std::map<std::string, Regions> RealRegions() {
    std::map<std::string, std::string> by_code;
    for (const auto& [name, region] : directory_->regions()) {
      for (const v1::Code& code : region->codes()) by_code[code.code()] = name;
    }
    std::map<std::string, Regions> regions;
    std::ifstream file(DataDir() / "ctgov_danish_locations.csv");
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      const std::vector<std::string> fields = absl::StrSplit(line, ',');
      if (fields.size() >= 8) {
        regions[fields[0]].insert(by_code.at(fields[fields.size() - 2]));
      }
    }
    return regions;
  }

  // What the record tells, and what a person would add to it.
  v1::TrialRequest Request(const std::string& nct_id) {
    const auto imported = intake::DeriveDraft(FileContent(DataDir() / "ctgov" / (nct_id + ".json")),
                                              directory_->settings(), kToday);
    EXPECT_TRUE(imported.ok()) << imported.status();
    if (!imported.ok()) return {};
    v1::TrialRequest request = imported->draft();
    request.set_requester("organizations/nordic-demo-pharma");
    request.set_intent(v1::INTENT_SPONSOR);
    request.set_first_patient_in_earliest("2026-12-01");  // before two regions become one
    request.mutable_contact()->set_display_name("Trials");
    request.mutable_contact()->set_email("trials@nordic-demo-pharma.example");
    FieldFaults faults = feasibility::ValidateTrialRequest(request, *directory_, kToday,
                                                           feasibility::ValidationMode::kSubmit);
    // Nothing in it is taken for the number of a person.
    directory::CheckPersonalNumbers(request, "", directory_->settings().personal_numbers(),
                                    &faults);
    EXPECT_TRUE(faults.empty()) << nct_id << ": " << faults.ToStatus();
    return request;
  }

  const absl::CivilDay kToday = absl::CivilDay(2026, 11, 22);
  const std::shared_ptr<const directory::DirectorySnapshot> directory_ = DanishDirectory(true);
};

TEST_F(CtgovRegionsTest, TheRegionsWhereRealStudiesRanAreNamed) {
  int real = 0;
  int named = 0;
  int all_named = 0;
  int all_danish = 0;
  const auto real_regions = RealRegions();
  for (const auto& [nct_id, regions] : real_regions) {
    const v1::FeasibilityReport report =
        feasibility::Match(Request(nct_id), 0, *directory_, kToday);
    Regions reported;
    for (const v1::RegionSummary& summary : report.regions()) reported.insert(summary.region());
    int hits = 0;
    for (const std::string& region : regions) hits += reported.count(region) > 0 ? 1 : 0;
    real += static_cast<int>(regions.size());
    named += hits;
    all_named += static_cast<int>(reported.size());
    all_danish += static_cast<int>(reported.size() - reported.count("regions/skane"));
    std::cout << nct_id << ": " << hits << " of " << absl::StrJoin(regions, ", ") << "; named "
              << absl::StrJoin(reported, ", ") << " (" << report.eligible_size() << " eligible, "
              << report.near_misses_size() << " near)\n";
  }
  const auto studies = static_cast<double>(real_regions.size());
  const double average = all_named / studies;
  std::cout << named << " of " << real << " real regions named; on average " << average
            << " of 6 regions named, " << all_danish / studies << " of them Danish\n";
  EXPECT_EQ(real_regions.size(), 28U);
  EXPECT_EQ(real, 37);
  EXPECT_GE(named, 35);
  // Every Danish region has most specialities, so most are named; but not always all.
  EXPECT_LE(average, 5.6);
}

}  // namespace
}  // namespace trialgate
