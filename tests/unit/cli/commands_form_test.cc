// Commands whose message is filled in as a form: a script stands for the editor.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CommandsFormTest : public AppTest {
 protected:
  CommandsFormTest() {
    std::filesystem::create_directory(folder_.Sub("tmp"));
    environment_["TMPDIR"] = folder_.Sub("tmp");
    v1::Referral referral;
    referral.set_name("trialRequests/r1/referrals/f1");
    referral.set_etag("5");
    referral.set_state(v1::REFERRAL_STATE_ACKNOWLEDGED);
    referral.add_sites("sites/a");
    referral.add_sites("sites/b");
    server_.Answer("GetReferral", referral);
    server_.Answer("ListReferralSites", v1::ListReferralSitesResponse());
    v1::TrialRequest request;
    request.set_answer_version(1);
    server_.Answer("GetTrialRequest", request);
  }

  // An editor that notes what it is given in opened.1, opened.2 …, then does `script` with the
  // file's name as $1 and the number of the opening as $n.
  void SetEditor(const std::string& script) {
    const std::string path =
        WriteFile("editor.sh", absl::StrCat("#!/bin/sh\ncd ", folder_.path(),
                                            "\nn=$(($(ls opened.* 2>/dev/null | wc -l) + 1))\n"
                                            "cp \"$1\" opened.$n\n",
                                            script, "\n"));
    chmod(path.c_str(), 0700);
    environment_["EDITOR"] = path;
  }

  std::string Opened(int n) {
    std::ifstream file(folder_.Sub(absl::StrCat("opened.", n)));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  bool NothingIsLeft() { return std::filesystem::is_empty(folder_.Sub("tmp")); }
};

constexpr char kOfferBoth[] = R"(
sed -i '0,/patients_claimed:/s//patients_claimed: 12/; 0,/earliest_start:/s//earliest_start: 2027-10-01/;
        0,/    firmness:/s//    firmness: firm/' "$1"
awk '/site: sites\/b/ {seen++} {if (seen == 2 && /reason:/) {print $0, "no_staff"; next} print}' "$1" > t
cat t > "$1"
)";

TEST_F(CommandsFormTest, AnAnswerIsFilledInSiteBySiteAndSentAtTheVersionThatWasShown) {
  SetEditor(kOfferBoth);
  server_.Answer("AnswerReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}), kOk) << err_ << Opened(1);
  const auto sent = server_.Asked<v1::AnswerReferralRequest>("AnswerReferral");
  ASSERT_THAT(sent, SizeIs(1));
  ASSERT_EQ(sent[0].offers_size(), 1) << "what was not filled in is left out";
  EXPECT_EQ(sent[0].offers(0).site(), "sites/a");
  EXPECT_EQ(sent[0].offers(0).patients_claimed(), 12);
  EXPECT_EQ(sent[0].offers(0).earliest_start(), "2027-10-01");
  EXPECT_EQ(sent[0].offers(0).firmness(), v1::OFFER_FIRMNESS_FIRM);
  ASSERT_EQ(sent[0].refusals_size(), 1);
  EXPECT_EQ(sent[0].refusals(0).reason(), v1::REFUSAL_REASON_NO_STAFF);
  EXPECT_EQ(sent[0].etag(), "5");
  EXPECT_EQ(sent[0].name(), "trialRequests/r1/referrals/f1");
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(CommandsFormTest, FaultsOfTheServerAreShownAtTheirLinesAndTheFormIsOpenedAgain) {
  SetEditor(
      "if [ $n = 1 ]; then sed -i '/site: sites.b/,$s/reason:/reason: NO_STAFF/' \"$1\"; "
      "else sed -i 's/comment:$/comment: on leave/' \"$1\"; fi");
  FieldFaults faults;
  faults.Add("refusals[0].comment", v1::ERROR_REASON_REQUIRED, "must be given");
  server_.Fail("AnswerReferral", faults.ToStatus());
  server_.Answer("AnswerReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}), kOk) << err_;
  EXPECT_THAT(Opened(2), HasSubstr("# !! refusals[0].comment: must be given\n    comment:"));
  EXPECT_THAT(server_.Asked<v1::AnswerReferralRequest>("AnswerReferral"), SizeIs(2));
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(CommandsFormTest, FaultsOfTheFormItselfAreFoundBeforeAnythingIsSent) {
  SetEditor(
      "if [ $n = 1 ]; then sed -i '0,/    firmness:/s//    firmness: solid/' \"$1\"; "
      "else sed -i 's/solid/firm/' \"$1\"; fi");
  server_.Answer("AnswerReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}), kOk) << err_;
  EXPECT_THAT(Opened(2),
              HasSubstr("# !! offers[0].firmness: \"solid\" is none of: FIRM, TENTATIVE"));
  EXPECT_THAT(server_.Asked<v1::AnswerReferralRequest>("AnswerReferral"), SizeIs(1));
}

TEST_F(CommandsFormTest, AFormThatIsLeftAsItWasOrEmptySendsNothing) {
  for (const char* script : {"true", ": > \"$1\"", "echo '# only words' > \"$1\"", "exit 1"}) {
    SetEditor(script);
    EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}), kUsage) << script;
    EXPECT_THAT(err_, HasSubstr("nothing was sent")) << script;
  }
  EXPECT_THAT(server_.Asked<v1::AnswerReferralRequest>("AnswerReferral"), IsEmpty());
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(CommandsFormTest, AFormThatNeedsNoChangeIsSentWhereThePersonSaysSo) {
  v1::ListReferralSitesResponse lines;
  v1::ReferralSite* const line = lines.add_referral_sites();
  line->set_site("sites/a");
  line->mutable_refusal()->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  server_.Answer("ListReferralSites", lines);
  server_.Answer("AnswerReferral", v1::Referral());
  SetEditor("true");
  terminal_ = {.in = true, .out = true, .err = true, .columns = 80};
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}, "n\n"), kUsage);
  EXPECT_THAT(server_.Asked<v1::AnswerReferralRequest>("AnswerReferral"), IsEmpty());
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}, "y\n"), kOk) << err_;
  EXPECT_THAT(err_, HasSubstr("Send it so? [y/N]"));
  EXPECT_THAT(server_.Asked<v1::AnswerReferralRequest>("AnswerReferral"), SizeIs(1));
}

TEST_F(CommandsFormTest, WhatTheDirectorySaysOfAQuestionIsShownAndSentOnlyWhereItIsChanged) {
  v1::TrialRequest request;
  v1::Question* const question = request.add_questions();
  question->set_id("days");
  question->set_text("How long?");
  question->set_type(v1::QUESTION_TYPE_NUMBER);
  question->set_scope(v1::QUESTION_SCOPE_SITE);
  server_.Answer("GetTrialRequest", request);
  v1::ListReferralSitesResponse lines;
  for (const char* site : {"sites/a", "sites/b"}) {
    v1::ReferralSite* const line = lines.add_referral_sites();
    line->set_site(site);
    line->set_asked_about(true);
    line->mutable_offer()->set_patients_claimed(3);
    v1::QuestionAnswer* const answer = line->add_question_answers();
    answer->set_question("days");
    answer->set_number(41);
    answer->set_prefilled(true);
  }
  server_.Answer("ListReferralSites", lines);
  server_.Answer("AnswerReferral", v1::Referral());
  SetEditor("sed -i '0,/number: 41/s//number: 50/' \"$1\"");
  // Takes what the fixture wrote down.
  EXPECT_EQ(Run({"referral", "show", "r1/f1"}), kOk) << err_;
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}), kOk) << err_;
  EXPECT_THAT(Opened(1), HasSubstr("# days (of each site, number): How long?"));
  const auto sent = server_.Asked<v1::AnswerReferralRequest>("AnswerReferral");
  ASSERT_EQ(sent[0].question_answers_size(), 1);
  EXPECT_EQ(sent[0].question_answers(0).site(), "sites/a");
  EXPECT_EQ(sent[0].question_answers(0).number(), 50);
}

TEST_F(CommandsFormTest, WhatWasTypedIsKeptWhereTheCallFails) {
  SetEditor("echo 'comment: hours of work' > \"$1\"");
  server_.Fail("AnswerReferral",
               Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH, "changed"));
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}), kConflict);
  EXPECT_THAT(err_, HasSubstr("What you typed is kept in " + folder_.Sub("tmp")));
  const std::string rest = err_.substr(err_.find(folder_.Sub("tmp")));
  std::ifstream kept(rest.substr(0, rest.find(';')));
  std::string line;
  std::getline(kept, line);
  EXPECT_EQ(line, "comment: hours of work");
}

TEST_F(CommandsFormTest, AFormIsNotOpenedForEver) {
  SetEditor("echo \"x$n: y\" > \"$1\"");
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--edit"}), kUsage);
  EXPECT_FALSE(std::filesystem::exists(folder_.Sub("opened.11")));
  EXPECT_TRUE(std::filesystem::exists(folder_.Sub("opened.10")));
}

TEST_F(CommandsFormTest, OnATerminalAnAnswerWithoutFlagsOpensItsForm) {
  SetEditor("echo 'comment: typed' > \"$1\"");
  server_.Answer("AnswerReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "answer", "r1/f1"}), kOk);
  EXPECT_THAT(Opened(1), IsEmpty()) << "no terminal, no form";
  terminal_ = {.in = true, .out = true, .err = true, .columns = 80};
  EXPECT_EQ(Run({"referral", "answer", "r1/f1"}), kOk);
  EXPECT_EQ(server_.Asked<v1::AnswerReferralRequest>("AnswerReferral")[1].comment(), "typed");
}

TEST_F(CommandsFormTest, TheSameFormIsTakenFromAFile) {
  server_.Answer("AnswerReferral", v1::Referral());
  const std::string file = WriteFile("answer.yaml",
                                     "refusals:\n  - site: sites/a\n    reason: no_staff\n"
                                     "  - site: sites/b\n");
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--file", file}), kOk) << err_;
  const auto sent = server_.Asked<v1::AnswerReferralRequest>("AnswerReferral");
  ASSERT_THAT(sent, SizeIs(1));
  ASSERT_EQ(sent[0].refusals_size(), 1);
  EXPECT_EQ(
      Run({"referral", "answer", "r1/f1", "--file", WriteFile("bad.yaml", "offer: []\na: b\n")}),
      kUsage);
  EXPECT_THAT(err_, HasSubstr("2 faults"));
  EXPECT_THAT(err_, HasSubstr("bad.yaml:2:1: a: "));
}

TEST_F(CommandsFormTest, ARequestIsSubmittedFromAFormThatAFilePrefills) {
  SetEditor("sed -i 's/^title:.*/title: By hand/' \"$1\"");
  server_.Answer("SubmitTrialRequest", v1::SubmitTrialRequestResponse());
  EXPECT_EQ(Run({"request", "submit", WriteFile("r.json", "{\"title\": \"x\", \"sitesWanted\": 3}"),
                 "--edit", "--dry-run"}),
            kOk)
      << err_;
  const auto sent = server_.Asked<v1::SubmitTrialRequestRequest>("SubmitTrialRequest");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].trial_request().title(), "By hand");
  EXPECT_EQ(sent[0].trial_request().sites_wanted(), 3);
  EXPECT_TRUE(sent[0].validate_only());
  EXPECT_THAT(err_, HasSubstr("Dry run"));
}

TEST_F(CommandsFormTest, WithoutATerminalASubmitNeedsItsFile) {
  EXPECT_EQ(Run({"request", "submit"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("FILE"));
}

TEST_F(CommandsFormTest, TheOffersOfAnAnswerAreSelectedInAForm) {
  v1::TrialRequest request;
  request.set_answer_version(1);
  v1::CollatedAnswer answer;
  v1::CollatedSite* line = answer.add_sites();
  line->set_site("sites/a");
  line->set_referral("trialRequests/r1/referrals/f1");
  line->set_outcome(v1::SITE_OUTCOME_OFFERED);
  server_.Answer("GetTrialRequest", request);
  server_.Answer("GetCollatedAnswer", answer);
  server_.Answer("ConfirmTrialRequest", request);
  SetEditor("sed -i 's/selected: false/selected: true/' \"$1\"");
  EXPECT_EQ(Run({"request", "confirm", "r1", "--edit"}), kOk) << err_;
  const auto sent = server_.Asked<v1::ConfirmTrialRequestRequest>("ConfirmTrialRequest");
  ASSERT_THAT(sent, SizeIs(1));
  ASSERT_EQ(sent[0].selections_size(), 1);
  EXPECT_TRUE(sent[0].selections(0).selected());
  EXPECT_EQ(sent[0].selections(0).referral(), "trialRequests/r1/referrals/f1");
}

}  // namespace
}  // namespace trialgate::cli
