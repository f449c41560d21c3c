// What all commands have in common.
#include "tools/cli/app.h"

#include <sstream>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

absl::Status WrongState() {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
               "the referral is ANSWERED")
      .WithMetadata("state", "ANSWERED");
}

TEST_F(AppTest, ThePrincipalTravelsWithTheCall) {
  server_.Answer("GetRegion", v1::Region());
  EXPECT_EQ(Run({"region", "show", "north", "--as", "requester:acme:alice"}), kOk);
  EXPECT_EQ(server_.principal(), "requester:organizations/acme:alice");
  EXPECT_EQ(server_.Asked<v1::GetRegionRequest>("GetRegion")[0].name(), "regions/north");
}

TEST_F(AppTest, GlobalFlagsStandBeforeOrAfterTheCommand) {
  server_.Answer("GetRegion", v1::Region());
  EXPECT_EQ(Run({"-o", "json", "--as", "national::c", "region", "show", "north"}), kOk);
  EXPECT_EQ(out_, "{}\n");
  EXPECT_EQ(server_.principal(), "national::c");
}

TEST_F(AppTest, JsonIsTheMessageOfTheApi) {
  v1::Region region;
  region.set_name("regions/north");
  region.set_local_name("Region Nordjylland på dansk");
  server_.Answer("GetRegion", region);
  EXPECT_EQ(Run({"region", "show", "north", "-o", "json"}), kOk);
  v1::Region read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(out_, &read).ok());
  EXPECT_EQ(read.SerializeAsString(), region.SerializeAsString());
  EXPECT_THAT(out_, HasSubstr("\"localName\": \"Region Nordjylland på dansk\""));
  EXPECT_THAT(err_, IsEmpty());
}

TEST_F(AppTest, AnErrorSaysEveryFaultAndWhatToDo) {
  FieldFaults faults;
  faults.Add("name", v1::ERROR_REASON_INVALID_FORMAT, "must be regions/{id}");
  faults.Add("other", v1::ERROR_REASON_REQUIRED, "must be given");
  server_.Fail("GetRegion", faults.ToStatus());
  EXPECT_EQ(Run({"region", "show", "NORTH"}), kInvalidArgument);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("\n  name: must be regions/{id}\n  other: must be given\n  next: "));
}

TEST_F(AppTest, WithoutAServerTheHintSaysWhereItLooked) {
  std::istringstream in;
  std::ostringstream out, err;
  // Nothing listens on port 1.
  EXPECT_EQ(cli::Run({"region", "list", "--server", "127.0.0.1:1", "--timeout", "5"},
                     {.in = in,
                      .out = out,
                      .err = err,
                      .clock = clock_,
                      .ids = ids_,
                      .zone = absl::UTCTimeZone(),
                      .environment = environment_,
                      .http = nullptr,
                      .wait = nullptr}),
            kUnavailable);
  EXPECT_THAT(err.str(), HasSubstr("no Trialgate server answers at 127.0.0.1:1"));
  EXPECT_THAT(err.str(), HasSubstr("TRIALGATE_SERVER"));
}

TEST_F(AppTest, UsageFaultsNameTheCommandWhoseHelpToRead) {
  EXPECT_EQ(Run({"referral", "answer"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("`trialgate referral answer --help`"));
  EXPECT_EQ(Run({"referal", "show"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("not understood: referal show"));
  EXPECT_EQ(Run({"region", "list", "-o", "xml"}), kUsage);
  EXPECT_EQ(Run({"region", "list", "--color", "pink"}), kUsage);
  EXPECT_EQ(Run({"region", "list", "--timeout", "0"}), kUsage);
  EXPECT_EQ(Run({"region", "list", "--as", "king::x"}), kUsage);
  EXPECT_EQ(Run({"region", "show", "caf\xE9"}), kUsage);
  EXPECT_EQ(Run({}), kUsage);
}

TEST_F(AppTest, NoLineOfHelpIsWiderThanAScreen) {
  for (const char* const group : {"", "request", "referral", "site", "contact", "org", "pack"}) {
    EXPECT_EQ(*group == '\0' ? Run({"--help"}) : Run({group, "--help"}), kOk);
    for (const absl::string_view line : absl::StrSplit(out_, '\n')) {
      EXPECT_LE(line.size(), 100) << group << ": " << line;
    }
  }
}

TEST_F(AppTest, HelpIsNoErrorAndNamesTheExitCodes) {
  EXPECT_EQ(Run({"--help"}), kOk);
  EXPECT_THAT(out_, HasSubstr("Exit codes:"));
  EXPECT_EQ(Run({"request", "confirm", "--help"}), kOk);
  EXPECT_THAT(out_, HasSubstr("ENOUGH_SITES"));
  EXPECT_EQ(Run({"version"}), kOk);
  EXPECT_THAT(out_, testing::StartsWith("trialgate "));
}

TEST_F(AppTest, AListIsReadPageByPage) {
  v1::ListRegionsResponse first, second;
  first.add_regions()->set_name("regions/a");
  first.set_next_page_token("t1");
  second.add_regions()->set_name("regions/b");
  server_.Answer("ListRegions", first);
  server_.Answer("ListRegions", second);
  EXPECT_EQ(Run({"region", "list", "-o", "json"}), kOk);
  v1::ListRegionsResponse all;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(out_, &all).ok());
  EXPECT_EQ(all.regions_size(), 2);
  EXPECT_EQ(all.next_page_token(), "");
  const auto asked = server_.Asked<v1::ListRegionsRequest>("ListRegions");
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_EQ(asked[1].page_token(), "t1");
}

TEST_F(AppTest, ALimitEndsAListAndSaysSo) {
  v1::ListRegionsResponse page;
  page.add_regions()->set_name("regions/a");
  page.set_next_page_token("t1");
  server_.Answer("ListRegions", page);
  EXPECT_EQ(Run({"region", "list", "--limit", "1"}), kOk);
  EXPECT_THAT(server_.Asked<v1::ListRegionsRequest>("ListRegions"), SizeIs(1));
  EXPECT_THAT(err_, HasSubstr("There are more"));
  EXPECT_THAT(out_, Not(HasSubstr("There are more"))) << "words are not data";
}

TEST_F(AppTest, AServerThatRepeatsItsPageTokenIsNotFollowedForEver) {
  v1::ListRegionsResponse page;
  page.set_next_page_token("t1");
  server_.Answer("ListRegions", page);
  EXPECT_EQ(Run({"region", "list"}), kOk);
}

TEST_F(AppTest, AChangeCarriesARandomRequestIdUnlessOneIsGiven) {
  server_.Answer("AcknowledgeReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "ack", "r1/f1"}), kOk);
  EXPECT_EQ(Run({"referral", "ack", "r1/f1", "--request-id", "mine", "--etag", "7"}), kOk);
  const auto asked = server_.Asked<v1::AcknowledgeReferralRequest>("AcknowledgeReferral");
  EXPECT_EQ(asked[0].name(), "trialRequests/r1/referrals/f1");
  EXPECT_EQ(asked[0].request_id(), "id1");
  EXPECT_EQ(asked[1].request_id(), "mine");
  EXPECT_EQ(asked[1].etag(), "7");
}

TEST_F(AppTest, AFailureWorthRetryingNamesTheRequestId) {
  server_.Fail("AcknowledgeReferral",
               Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_OUTCOME_UNKNOWN, "lost"));
  EXPECT_EQ(Run({"referral", "ack", "r1/f1"}), kUnavailable);
  EXPECT_THAT(err_, HasSubstr("add: --request-id id1\n"));
}

TEST_F(AppTest, ACheckSaysThatNothingWasChanged) {
  server_.Answer("AcknowledgeReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "ack", "r1/f1", "--validate-only"}), kOk);
  EXPECT_THAT(err_, HasSubstr("nothing was changed"));
  EXPECT_TRUE(
      server_.Asked<v1::AcknowledgeReferralRequest>("AcknowledgeReferral")[0].validate_only());
}

TEST_F(AppTest, ARefusalIsNotWorthRetrying) {
  server_.Fail("AcknowledgeReferral", WrongState());
  EXPECT_EQ(Run({"referral", "ack", "r1/f1"}), kRefusedState);
  EXPECT_THAT(err_, Not(HasSubstr("--request-id")));
  EXPECT_THAT(err_, HasSubstr("the referral is answered"));
}

}  // namespace
}  // namespace trialgate::cli
