#include "common/config/settings.h"

#include <fstream>
#include <string>

#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    settings_.Add("listen", "ADDRESS", "where to listen", &listen_);
    settings_.Add("worker-threads", "N", "threads", &threads_, {1, 64});
    settings_.Add("loud", "say much", &loud_);
    settings_.AddChoice("store", "where data lies", {"memory", "disk"}, &store_);
  }

  std::string File(const std::string& text) {
    const std::string path = folder_.Sub("settings.toml");
    std::ofstream(path) << text;
    return path;
  }

  TempDir folder_;
  std::string listen_ = "nowhere";
  int threads_ = 8;
  bool loud_ = false;
  std::string store_ = "disk";
  Settings settings_{"PROGRAM_"};
};

TEST_F(SettingsTest, WithoutAnythingDefaultsHold) {
  EXPECT_OK(settings_.Load({}, {{"HOME", "/"}, {"PROGRAM", "x"}}));
  EXPECT_EQ(listen_, "nowhere");
  EXPECT_EQ(threads_, 8);
}

TEST_F(SettingsTest, AFlagGoesBeforeTheEnvironmentBeforeTheFile) {
  const std::string file =
      File("listen = \"file\"\nworker-threads = 2\nstore = \"memory\"\nloud = true\n");
  EXPECT_OK(settings_.Load({"--config=" + file, "--listen=flag"},
                           {{"PROGRAM_LISTEN", "environment"}, {"PROGRAM_WORKER_THREADS", "3"}}));
  EXPECT_EQ(listen_, "flag");
  EXPECT_EQ(threads_, 3);
  EXPECT_EQ(store_, "memory");
  EXPECT_TRUE(loud_);
  EXPECT_THAT(settings_.Print(), AllOf(HasSubstr("listen = \"flag\"  # --listen\n"),
                                       HasSubstr("worker-threads = 3  # PROGRAM_WORKER_THREADS\n"),
                                       HasSubstr("store = \"memory\"  # " + file + ": store\n")));
}

TEST_F(SettingsTest, WhatIsPrintedCanBeRead) {
  EXPECT_OK(settings_.Load({"--listen=a\"b\\c", "--loud"}, {}));
  const std::string file = File(settings_.Print());
  listen_ = "";
  loud_ = false;
  EXPECT_OK(settings_.Load({"--config", file}, {}));
  EXPECT_EQ(listen_, "a\"b\\c");
  EXPECT_TRUE(loud_);
}

TEST_F(SettingsTest, AFlagTakesItsValueAfterEqualsOrNext) {
  EXPECT_OK(settings_.Load({"--listen", "next", "--loud", "--worker-threads=5"}, {}));
  EXPECT_EQ(listen_, "next");
  EXPECT_TRUE(loud_);
  EXPECT_EQ(threads_, 5);
  EXPECT_OK(settings_.Load({"--loud=false"}, {}));
  EXPECT_FALSE(loud_);
}

TEST_F(SettingsTest, AFlagGivenTwiceIsAFault) {
  const absl::Status status = settings_.Load({"--listen=a", "--listen", "b"}, {});
  ASSERT_THAT(FieldViolationsOf(status), SizeIs(1));
  EXPECT_EQ(FieldViolationsOf(status)[0].field, "--listen");
  EXPECT_EQ(FieldViolationsOf(status)[0].reason, v1::ERROR_REASON_DUPLICATE);
  EXPECT_EQ(listen_, "nowhere");
}

TEST_F(SettingsTest, EveryFaultIsNamedWithItsPlaceAndNothingIsSet) {
  const std::string file = File("lissten = \"x\"\nworker-threads = \"many\"\n[table]\nx = 1\n");
  const absl::Status status =
      settings_.Load({"--config=" + file, "--listn=x", "--listen=y", "word", "--worker-threads=0",
                      "--store=tape", "--loud=perhaps", "--worker-threads"},
                     {{"PROGRAM_STOR", "disk"}});
  EXPECT_THAT(status, HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  std::vector<std::string> places;
  for (const FieldViolation& fault : FieldViolationsOf(status)) places.push_back(fault.field);
  EXPECT_THAT(places,
              UnorderedElementsAre("--listn", "word", "--worker-threads", "--store", "--loud",
                                   "--worker-threads", "PROGRAM_STOR", file + ": lissten",
                                   file + ": worker-threads", file + ": table"));
  EXPECT_EQ(listen_, "nowhere");
}

TEST_F(SettingsTest, AnUnknownSettingIsToldTheNearestOne) {
  const auto nearest = [&](const absl::Status& status) {
    return FieldViolationsOf(status).at(0).description;
  };
  EXPECT_THAT(nearest(settings_.Load({"--worker-thread=3"}, {})), HasSubstr("--worker-threads"));
  EXPECT_THAT(nearest(settings_.Load({}, {{"PROGRAM_LITEN", "x"}})), HasSubstr("PROGRAM_LISTEN"));
  EXPECT_THAT(nearest(settings_.Load({"--config=" + File("stoer = 1")}, {})), HasSubstr("store"));
}

TEST_F(SettingsTest, AVariableInLowerCaseIsNoSetting) {
  EXPECT_FALSE(settings_.Load({}, {{"PROGRAM_listen", "x"}}).ok());
}

TEST_F(SettingsTest, AFileThatIsAbsentOrNoTomlIsAFault) {
  EXPECT_THAT(settings_.Load({"--config=" + folder_.Sub("absent")}, {}).message(),
              HasSubstr("cannot be read"));
  EXPECT_THAT(settings_.Load({"--config=" + File("listen = \n")}, {}).message(),
              AllOf(HasSubstr("no TOML"), HasSubstr("line 1")));
}

TEST_F(SettingsTest, HelpShowsEverySettingAndItsDefault) {
  EXPECT_OK(settings_.Load({"--help", "--listen=x"}, {}));
  EXPECT_TRUE(settings_.help_asked());
  EXPECT_FALSE(settings_.print_asked());
  EXPECT_THAT(settings_.Help(),
              AllOf(HasSubstr("--listen=ADDRESS\n      where to listen (default: nowhere)"),
                    HasSubstr("--store=memory|disk"), HasSubstr("PROGRAM_LISTEN")));
}

}  // namespace
}  // namespace trialgate::config
