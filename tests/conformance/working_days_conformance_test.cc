// The calendar against the cases of the reference implementation.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "common/base/civil_date.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "services/directory/calendar.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {
namespace {

namespace fs = std::filesystem;

constexpr char kCountryPack[] = "deploy/packs/denmark";
constexpr char kCalendar[] = "calendars/denmark";

fs::path CasesFolder() {
  const char* set = std::getenv("TRIALGATE_CONFORMANCE_DIR");
  return fs::path(set != nullptr ? set : "../shared/conformance") / "working_days";
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> JsonFiles(const fs::path& folder) {
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  return {files.begin(), files.end()};
}

// The calendar that the country's pack ships; its absence fails the test.
v1::Calendar ShippedCalendar() {
  for (const fs::path& file : JsonFiles(kCountryPack)) {
    v1::Pack pack;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    if (!google::protobuf::util::JsonStringToMessage(ReadFile(file), &pack, options).ok()) continue;
    for (const v1::Calendar& calendar : pack.calendars()) {
      if (calendar.name() == kCalendar) return calendar;
    }
  }
  ADD_FAILURE() << kCountryPack << " has no " << kCalendar;
  return {};
}

TEST(Conformance, WorkingDays) {
  if (!fs::is_directory(CasesFolder())) {
    GTEST_SKIP() << CasesFolder() << " is absent: set TRIALGATE_CONFORMANCE_DIR";
  }
  const WorkingCalendar calendar(ShippedCalendar());
  int cases = 0;
  for (const fs::path& file : JsonFiles(CasesFolder())) {
    SCOPED_TRACE(file.string());
    const nlohmann::json given = nlohmann::json::parse(ReadFile(file));
    std::set<absl::CivilDay> waiting;
    for (const auto& day : given.value("waiting_on", nlohmann::json::array())) {
      waiting.insert(ParseDate(day.get<std::string>()).value());
    }
    const absl::CivilDay last =
        calendar.LastCountedDay(ParseDate(given.at("sent_on").get<std::string>()).value(),
                                given.at("working_days").get<int>(), waiting);
    EXPECT_EQ(FormatDate(last), given.at("expect").at("last_day").get<std::string>());
    const absl::Time due = EndOfDay(last, absl::UTCTimeZone());
    EXPECT_EQ(absl::FormatTime("%Y-%m-%dT%H:%M:%S", due, absl::UTCTimeZone()),
              given.at("expect").at("due_local").get<std::string>());
    ++cases;
  }
  EXPECT_GT(cases, 0);
}

}  // namespace
}  // namespace trialgate::directory
