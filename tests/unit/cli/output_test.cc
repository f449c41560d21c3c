// The forms of -o, on commands whose answers differ in kind.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/operator_service.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OutputTest : public AppTest {
 protected:
  OutputTest() {
    v1::ListRegionsResponse regions;
    for (const char* id : {"regions/north", "regions/south"}) regions.add_regions()->set_name(id);
    regions.mutable_regions(0)->set_display_name("Nordjylland på dansk");
    server_.Answer("ListRegions", regions);
    v1::ListReferralsResponse inbox;
    v1::Referral* referral = inbox.add_referrals();
    referral->set_name("trialRequests/r1/referrals/f1");
    referral->set_title(std::string(200, 'x'));
    referral->set_state(v1::REFERRAL_STATE_SENT);
    referral->mutable_acknowledge_due_time()->set_seconds(1);
    server_.Answer("ListReferrals", inbox);
  }
};

TEST_F(OutputTest, YamlIsTheJsonOfTheMessage) {
  EXPECT_EQ(Run({"region", "list", "-o", "yaml"}), kOk);
  EXPECT_EQ(out_,
            "regions:\n"
            "  - name: regions/north\n"
            "    displayName: Nordjylland på dansk\n"
            "  - name: regions/south\n");
}

TEST_F(OutputTest, NamesStandInALineEach) {
  EXPECT_EQ(Run({"region", "list", "-o", "name"}), kOk);
  EXPECT_EQ(out_, "regions/north\nregions/south\n");
  v1::Region region;
  region.set_name("regions/north");
  server_.Answer("GetRegion", region);
  EXPECT_EQ(Run({"region", "show", "north", "-o", "name"}), kOk);
  EXPECT_EQ(out_, "regions/north\n");
}

TEST_F(OutputTest, TheNameOfWhatWasSubmittedIsThatOfTheRequest) {
  v1::SubmitTrialRequestResponse submitted;
  submitted.mutable_trial_request()->set_name("trialRequests/r1");
  server_.Answer("SubmitTrialRequest", submitted);
  EXPECT_EQ(Run({"request", "submit", "-", "-o", "name"}, "{}"), kOk);
  EXPECT_EQ(out_, "trialRequests/r1\n");
}

TEST_F(OutputTest, WhatHasNoNameSaysSoOnStandardError) {
  server_.Answer("GetServerStatus", v1::ServerStatus());
  EXPECT_EQ(Run({"server", "status", "-o", "name"}), kOk);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("no name"));
}

TEST_F(OutputTest, WideHasMoreColumnsAndCutsNothing) {
  EXPECT_EQ(Run({"inbox", "north"}), kOk);
  EXPECT_THAT(out_, Not(HasSubstr(std::string(200, 'x'))));
  EXPECT_EQ(Run({"inbox", "north", "-o", "wide"}), kOk);
  EXPECT_THAT(out_, HasSubstr(std::string(200, 'x')));
  EXPECT_THAT(out_, HasSubstr("trialRequests/r1/referrals/f1"));
}

TEST_F(OutputTest, ColoursAreOnlyForTerminalsAndNeverForPrograms) {
  environment_["TERM"] = "xterm";
  EXPECT_EQ(Run({"inbox", "north"}), kOk);
  EXPECT_THAT(out_, Not(HasSubstr("\x1B")));
  EXPECT_EQ(Run({"inbox", "north", "--color", "always"}), kOk);
  EXPECT_THAT(out_, HasSubstr("\x1B[1;31macknowledge\x1B[0m"));
  EXPECT_EQ(Run({"inbox", "north", "--color", "always", "-o", "yaml"}), kOk);
  EXPECT_THAT(out_, Not(HasSubstr("\x1B")));
  terminal_ = {.in = true, .out = true, .err = true, .columns = 80};
  EXPECT_EQ(Run({"inbox", "north"}), kOk);
  EXPECT_THAT(out_, HasSubstr("\x1B["));
  environment_["NO_COLOR"] = "1";
  EXPECT_EQ(Run({"inbox", "north"}), kOk);
  EXPECT_THAT(out_, Not(HasSubstr("\x1B")));
}

TEST_F(OutputTest, AScreenFitsItsTerminal) {
  terminal_.columns = 90;
  EXPECT_EQ(Run({"inbox", "north"}), kOk);
  const std::size_t start = out_.find("xxx");
  EXPECT_LE(out_.find('\n', start) - out_.rfind('\n', start) - 1, 92u) << "an ellipsis has 3 bytes";
  EXPECT_GE(out_.find('\n', start) - out_.rfind('\n', start) - 1, 80u);
}

}  // namespace
}  // namespace trialgate::cli
