// What a desk does with a referral before it answers.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class CommandsWorkTest : public AppTest {
 protected:
  CommandsWorkTest() {
    v1::Referral referral;
    referral.set_name("trialRequests/r1/referrals/f1");
    referral.set_desk("desks/north");
    referral.add_sites("sites/a");
    Say(&referral, "1", v1::THREAD_ENTRY_KIND_QUESTION, "Which comparator?");
    Say(&referral, "2", v1::THREAD_ENTRY_KIND_QUESTION, "How many visits?");
    Say(&referral, "3", v1::THREAD_ENTRY_KIND_REPLY, "Placebo")->set_question("1");
    server_.Answer("GetReferral", referral);
    for (const char* method : {"AskRequester", "ReplyToReferral", "WaitForAuthority",
                               "RecordAuthorityWord", "HandOverReferral", "AnswerReferral"}) {
      server_.Answer(method, referral);
    }
  }

  static v1::ThreadEntry* Say(v1::Referral* referral, const std::string& id,
                              v1::ThreadEntryKind kind, const std::string& text) {
    v1::ThreadEntry* entry = referral->add_thread();
    entry->set_id(id);
    entry->set_kind(kind);
    entry->set_text(text);
    return entry;
  }
};

TEST_F(CommandsWorkTest, ADeskAsksWaitsAndResumes) {
  EXPECT_EQ(Run({"referral", "ask", "r1/f1", "--question", "One?", "--question", "Two, too?"}), kOk)
      << err_;
  EXPECT_THAT(server_.Asked<v1::AskRequesterRequest>("AskRequester")[0].questions(),
              ElementsAre("One?", "Two, too?"));
  EXPECT_EQ(Run({"referral", "wait", "r1/f1", "--authority", "Ethics", "--reason", "new"}), kOk);
  EXPECT_EQ(server_.Asked<v1::WaitForAuthorityRequest>("WaitForAuthority")[0].authority(),
            "Ethics");
  EXPECT_EQ(Run({"referral", "resume", "r1/f1", "--word", "granted", "--etag", "4"}), kOk);
  const auto resumed = server_.Asked<v1::RecordAuthorityWordRequest>("RecordAuthorityWord");
  EXPECT_EQ(resumed[0].word(), "granted");
  EXPECT_EQ(resumed[0].etag(), "4");
}

TEST_F(CommandsWorkTest, AReplyGoesToTheQuestionThatIsOpen) {
  EXPECT_EQ(Run({"referral", "reply", "r1/f1", "--reply", "Six a year"}), kOk) << err_;
  EXPECT_EQ(Run({"referral", "reply", "r1/f1", "--reply", "2=Six = 6"}), kOk);
  const auto sent = server_.Asked<v1::ReplyToReferralRequest>("ReplyToReferral");
  ASSERT_EQ(sent[0].replies_size(), 1);
  EXPECT_EQ(sent[0].replies(0).question(), "2");
  EXPECT_EQ(sent[0].replies(0).text(), "Six a year");
  EXPECT_EQ(sent[1].replies(0).text(), "Six = 6");
  EXPECT_EQ(Run({"referral", "reply", "r1/f1", "--reply", "1=a", "--reply", "b"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("2: How many visits?"));
}

TEST_F(CommandsWorkTest, ALineIsSavedByFlags) {
  v1::ReferralSite line;
  line.set_name("trialRequests/r1/referrals/f1/sites/a");
  line.set_site("sites/a");
  line.mutable_refusal()->set_reason(v1::REFUSAL_REASON_NO_STAFF);
  line.set_etag("2");
  server_.Answer("GetReferralSite", line);
  server_.Answer("UpdateReferralSite", line);
  EXPECT_EQ(Run({"referral", "site", "r1/f1", "a", "--whom", "urology", "--offer",
                 "patients=12,start=2027-03-01,firm,conditions=a: b", "--note", "promising"}),
            kOk)
      << err_;
  const auto sent = server_.Asked<v1::UpdateReferralSiteRequest>("UpdateReferralSite");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0].update_mask().paths(),
              ElementsAre("asked_whom", "internal_note", "offer", "refusal"))
      << "an offer takes the place of a refusal";
  EXPECT_EQ(sent[0].referral_site().offer().patients_claimed(), 12);
  EXPECT_EQ(sent[0].referral_site().offer().conditions(), "a: b");
  EXPECT_FALSE(sent[0].referral_site().has_refusal());
  EXPECT_EQ(sent[0].referral_site().etag(), "2");
}

TEST_F(CommandsWorkTest, ALineWithoutFlagsIsShownAndOneOfAnAddedSiteIsMade) {
  v1::ReferralSite line;
  line.set_site("sites/a");
  line.set_internal_note("ask again in May");
  server_.Answer("GetReferralSite", line);
  EXPECT_EQ(Run({"referral", "site", "r1/f1", "a"}), kOk);
  EXPECT_THAT(out_, HasSubstr("ask again in May"));
  EXPECT_THAT(server_.Asked<v1::UpdateReferralSiteRequest>("UpdateReferralSite"), IsEmpty());
  EXPECT_EQ(Run({"referral", "site", "r1/f1", "a", "--offer", "patients=x"}), kUsage);
}

TEST_F(CommandsWorkTest, AReferralIsShownWithItsLinesToThoseWhoMaySeeThem) {
  v1::ListReferralSitesResponse lines;
  v1::ReferralSite* line = lines.add_referral_sites();
  line->set_site("sites/a");
  line->set_asked_about(true);
  line->set_asked_date("2026-11-20");
  line->set_internal_note("Dr. away until May");
  server_.Answer("ListReferralSites", lines);
  EXPECT_EQ(Run({"referral", "show", "r1/f1"}), kOk);
  EXPECT_THAT(out_, HasSubstr("asked, no reply yet"));
  EXPECT_THAT(out_, HasSubstr("Dr. away until May"));
  EXPECT_THAT(out_, HasSubstr("question 2"));
}

TEST_F(CommandsWorkTest, ARequesterSeesAReferralWithoutItsLines) {
  server_.Fail("ListReferralSites",
               Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED, ""));
  EXPECT_EQ(Run({"referral", "show", "r1/f1"}), kOk);
  EXPECT_THAT(out_, HasSubstr("Sites asked about"));
  EXPECT_THAT(out_, Not(HasSubstr("internal")));
}

TEST_F(CommandsWorkTest, AnAnswerIsTakenFromTheLines) {
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--use-lines"}), kOk);
  EXPECT_TRUE(server_.Asked<v1::AnswerReferralRequest>("AnswerReferral")[0].use_lines());
}

TEST_F(CommandsWorkTest, AReferralIsHandedOverToADeskOrAContact) {
  EXPECT_EQ(Run({"referral", "hand-over", "r1/f1", "--reason", "x"}), kUsage);
  EXPECT_EQ(Run({"referral", "hand-over", "r1/f1", "--desk", "south", "--contact", "anna",
                 "--reason", "x"}),
            kOk);
  EXPECT_EQ(Run({"referral", "hand-over", "r1/f1", "--contact", "north/bo", "--reason", "x"}), kOk);
  EXPECT_EQ(Run({"referral", "hand-over", "r1/f1", "--contact", "bo", "--reason", "x"}), kOk);
  const auto sent = server_.Asked<v1::HandOverReferralRequest>("HandOverReferral");
  EXPECT_EQ(sent[0].desk(), "desks/south");
  EXPECT_EQ(sent[0].contact(), "desks/south/contacts/anna");
  EXPECT_EQ(sent[1].desk(), "");
  EXPECT_EQ(sent[2].desk(), "");
  EXPECT_EQ(sent[2].contact(), "desks/north/contacts/bo") << "of the desk that has the referral";
  EXPECT_EQ(sent[1].contact(), "desks/north/contacts/bo");
}

TEST_F(CommandsWorkTest, AFurtherDeskIsAsked) {
  server_.Answer("AddReferral", v1::AddReferralResponse());
  EXPECT_EQ(Run({"request", "add-desk", "r1", "--desk", "south", "--site", "a,sites/b", "--reason",
                 "more"}),
            kOk)
      << err_;
  const auto sent = server_.Asked<v1::AddReferralRequest>("AddReferral");
  EXPECT_THAT(sent[0].sites(), ElementsAre("sites/a", "sites/b"));
  EXPECT_EQ(sent[0].contact(), "");
}

TEST_F(CommandsWorkTest, AnInboxOfOneContactLeavesTheOthersOutAndMarksWhatIsExpedited) {
  v1::ListReferralsResponse list;
  for (const std::string who : {"anna", "bo", "bo"}) {
    v1::Referral* referral = list.add_referrals();
    referral->set_name("trialRequests/r" + std::to_string(list.referrals_size()) + "/referrals/f1");
    referral->set_contact("desks/north/contacts/" + who);
    referral->set_title("Of " + who);
  }
  server_.Answer("ListReferrals", list);
  v1::ListTrialRequestsResponse expedited;
  expedited.add_trial_requests()->set_name("trialRequests/r2");
  expedited.mutable_trial_requests(0)->set_urgency(v1::URGENCY_EXPEDITED);
  server_.Answer("ListTrialRequests", expedited);
  EXPECT_EQ(Run({"inbox", "north", "--contact", "bo", "--limit", "1"}), kOk) << err_;
  EXPECT_THAT(out_, HasSubstr("[expedited] Of bo"));
  EXPECT_THAT(out_, Not(HasSubstr("Of anna")));
  EXPECT_THAT(err_, HasSubstr("There are more"));
  EXPECT_EQ(server_.Asked<v1::ListTrialRequestsRequest>("ListTrialRequests")[0].filter(),
            "urgency = EXPEDITED");
  EXPECT_EQ(Run({"inbox", "north", "--contact", "carl"}), kOk);
  EXPECT_THAT(err_, HasSubstr("There are none of desks/north/contacts/carl."));
}

TEST_F(CommandsWorkTest, AReferralIsShownWithTheNamesOfItsSites) {
  v1::BatchGetSitesResponse sites;
  sites.add_sites()->set_name("sites/a");
  sites.mutable_sites(0)->set_display_name("Urologisk Afdeling");
  server_.Answer("BatchGetSites", sites);
  server_.Answer("ListReferralSites", v1::ListReferralSitesResponse());
  EXPECT_EQ(Run({"referral", "show", "r1/f1"}), kOk) << err_;
  EXPECT_THAT(out_, HasSubstr("a: Urologisk Afdeling"));
  EXPECT_THAT(server_.Asked<v1::BatchGetSitesRequest>("BatchGetSites")[0].names(),
              ElementsAre("sites/a"));
}

}  // namespace
}  // namespace trialgate::cli
