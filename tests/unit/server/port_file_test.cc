#include "services/server/port_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {
namespace {

TEST(PortFileTest, HoldsTheAddressesAndNothingIsLeftBeside) {
  const TempDir folder;
  const std::string path = folder.Sub("ports.json");
  EXPECT_OK(WritePortFile(path, {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"}));
  std::ifstream file(path);
  const auto content = nlohmann::json::parse(file);
  EXPECT_EQ(content["listen"], "127.0.0.1:1");
  EXPECT_EQ(content["metrics_listen"], "127.0.0.1:2");
  EXPECT_EQ(content["operator_listen"], "127.0.0.1:3");
  const std::filesystem::directory_iterator files(folder.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(PortFileTest, AFolderThatIsNotThereIsAFaultOfTheConfiguration) {
  const TempDir folder;
  EXPECT_THAT(WritePortFile(folder.Sub("absent/ports.json"), {"a", "b", ""}),
              HasReason(v1::ERROR_REASON_CONFIGURATION));
}

TEST(PortFileTest, TheBoundPortTakesThePlaceOfTheConfiguredOne) {
  EXPECT_EQ(BoundAddress("localhost:0", 81), "127.0.0.1:81");
  EXPECT_EQ(BoundAddress("[::1]:0", 82), "[::1]:82");
}

}  // namespace
}  // namespace trialgate::server
