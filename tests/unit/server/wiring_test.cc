#include "services/server/wiring.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "common/obs/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class WiringTest : public testing::Test {
 protected:
  WiringTest() {
    config_.data_dir = folder_.Sub("data");
    config_.keys_dir = folder_.Sub("keys");
    config_.listen = "127.0.0.1:0";
    config_.metrics_listen = "127.0.0.1:0";
    config_.insecure_dev = true;
    config_.log_level = obs::Level::kError;
  }
  ~WiringTest() override { obs::SetLogLevel(obs::Level::kInfo); }

  TempDir folder_;
  ServerConfig config_;
};

TEST_F(WiringTest, ServesOnFreePortsAndStartsAgainOnTheSameFolder) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto server, TrialgateServer::Start(config_));
    EXPECT_THAT(server->listen_address(), StartsWith("127.0.0.1:"));
    EXPECT_FALSE(absl::EndsWith(server->listen_address(), ":0"));
    EXPECT_NE(server->listen_address(), server->metrics_address());
    server->Drain();
  }
}

TEST_F(WiringTest, AFolderThatAServerHoldsIsRefusedAndNamed) {
  ASSERT_OK_AND_ASSIGN(const auto server, TrialgateServer::Start(config_));
  EXPECT_THAT(TrialgateServer::Start(config_),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(config_.data_dir)),
                    HasReason(v1::ERROR_REASON_STORE_LOCKED)));
}

TEST_F(WiringTest, AnAddressThatIsRefusedLeavesTheFolderUntouched) {
  config_.listen = "0.0.0.0:0";
  EXPECT_THAT(TrialgateServer::Start(config_), HasReason(v1::ERROR_REASON_CONFIGURATION));
  EXPECT_FALSE(std::filesystem::exists(config_.data_dir));
}

TEST_F(WiringTest, APortFileThatCannotBeWrittenEndsTheStart) {
  config_.port_file = folder_.Sub("absent/ports.json");
  EXPECT_THAT(TrialgateServer::Start(config_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(config_.port_file)));
}

}  // namespace
}  // namespace trialgate::server
