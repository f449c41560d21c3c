// `trialgate server …`: what operators do.
#include <string>

#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/operator_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ServerCommandsTest : public AppTest {};

TEST_F(ServerCommandsTest, TheStatusShowsWhatIsNotWell) {
  v1::ServerStatus status;
  status.set_version("1.2.3");
  status.set_head_commit(42);
  status.set_log_level(v1::LOG_LEVEL_WARNING);
  status.set_draining(true);
  v1::ServerCheck* const check = status.add_checks();
  check->set_name("store");
  check->set_detail("the disk is full");
  server_.Answer("GetServerStatus", status);
  EXPECT_EQ(Run({"server", "status"}), kOk);
  EXPECT_THAT(
      out_, AllOf(HasSubstr("1.2.3"), HasSubstr("commit 42"), HasSubstr("warning"),
                  HasSubstr("wants no calls"), HasSubstr("NOT OK"), HasSubstr("the disk is full")));
}

TEST_F(ServerCommandsTest, DrainingNeedsAReasonAndSaysWhereItWasNotRecorded) {
  EXPECT_EQ(Run({"server", "drain"}), kUsage);
  v1::DrainResponse response;
  response.set_recorded(true);
  server_.Answer("Drain", response);
  response.set_recorded(false);
  server_.Answer("Drain", response);
  EXPECT_EQ(Run({"server", "drain", "--reason", "new version"}), kOk);
  EXPECT_THAT(err_, Not(HasSubstr("NOT RECORDED")));
  EXPECT_EQ(Run({"server", "drain", "--reason", "new version"}), kOk);
  EXPECT_THAT(err_, HasSubstr("NOT RECORDED"));
  EXPECT_EQ(server_.Asked<v1::DrainRequest>("Drain")[0].reason(), "new version");
}

TEST_F(ServerCommandsTest, TheLogLevelIsAWord) {
  v1::SetLogLevelResponse response;
  response.set_previous_level(v1::LOG_LEVEL_INFO);
  response.set_recorded(true);
  server_.Answer("SetLogLevel", response);
  EXPECT_EQ(Run({"server", "log-level", "debug"}), kOk);
  EXPECT_EQ(out_, "The log's level is debug; it was info.\n");
  EXPECT_EQ(server_.Asked<v1::SetLogLevelRequest>("SetLogLevel")[0].log_level(),
            v1::LOG_LEVEL_DEBUG);
  EXPECT_EQ(Run({"server", "log-level", "loud"}), kUsage);
}

TEST_F(ServerCommandsTest, ABackupSaysWhatItIsVerifiedBy) {
  v1::BackupResponse response;
  response.set_folder("/backups/nightly");
  response.set_head_commit(7);
  response.set_head_hash("abc123");
  response.set_recorded(true);
  server_.Answer("Backup", response);
  EXPECT_EQ(Run({"server", "backup", "nightly"}), kOk);
  EXPECT_THAT(out_, AllOf(HasSubstr("/backups/nightly"), HasSubstr("abc123")));
  EXPECT_EQ(server_.Asked<v1::BackupRequest>("Backup")[0].name(), "nightly");
  server_.Fail("Backup", Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_ALREADY_EXISTS,
                               "there is /backups/nightly already"));
  EXPECT_EQ(Run({"server", "backup", "nightly"}), kOk);
  EXPECT_EQ(Run({"server", "backup", "nightly"}), kConflict);
}

}  // namespace
}  // namespace trialgate::cli
