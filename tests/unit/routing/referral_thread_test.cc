#include "services/routing/referral_thread.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Told(const FieldFaults& faults) {
  std::vector<std::string> told;
  for (const FieldViolation& fault : faults.told()) {
    told.push_back(fault.field + " " + ReasonName(fault.reason));
  }
  return told;
}

v1::Referral Asked(int questions) {
  v1::Referral referral;
  referral.set_desk("desks/a");
  for (int i = 0; i < questions; ++i) {
    AddEntry(v1::THREAD_ENTRY_KIND_QUESTION, "why?", v1::ROLE_COORDINATOR, absl::UnixEpoch(),
             &referral);
  }
  return referral;
}

void Reply(v1::ReplyToReferralRequest& call, const std::string& question) {
  v1::ReferralReply* reply = call.add_replies();
  reply->set_question(question);
  reply->set_text("because");
}

TEST(ReferralThreadTest, EntriesAreNumberedAndSayWhoSpoke) {
  v1::Referral referral = Asked(2);
  EXPECT_EQ(referral.thread(1).id(), "2");
  EXPECT_EQ(referral.thread(1).desk(), "desks/a");
  const v1::ThreadEntry* reply = AddEntry(v1::THREAD_ENTRY_KIND_REPLY, "because",
                                          v1::ROLE_REQUESTER, absl::UnixEpoch(), &referral);
  EXPECT_EQ(reply->id(), "3");
  EXPECT_EQ(reply->role(), v1::ROLE_REQUESTER);
  EXPECT_EQ(reply->desk(), "");
}

TEST(ReferralThreadTest, QuestionsWithoutAReplyAreOpen) {
  v1::Referral referral = Asked(3);
  AddEntry(v1::THREAD_ENTRY_KIND_REPLY, "because", v1::ROLE_REQUESTER, absl::UnixEpoch(), &referral)
      ->set_question("2");
  EXPECT_THAT(OpenQuestions(referral), ElementsAre("1", "3"));
}

TEST(ReferralThreadTest, EveryOpenQuestionNeedsOneReply) {
  const v1::Referral referral = Asked(2);
  v1::ReplyToReferralRequest call;
  EXPECT_THAT(Told(CheckReplies(call, referral)),
              ElementsAre("replies REQUIRED", "replies REQUIRED"));
  Reply(call, "1");
  Reply(call, "1");
  Reply(call, "7");
  EXPECT_THAT(Told(CheckReplies(call, referral)),
              ElementsAre("replies[1].question DUPLICATE", "replies[2].question UNKNOWN_VALUE",
                          "replies REQUIRED"));
  call.clear_replies();
  Reply(call, "2");
  Reply(call, "1");
  EXPECT_THAT(Told(CheckReplies(call, referral)), IsEmpty());
  call.mutable_replies(0)->clear_text();
  EXPECT_THAT(Told(CheckReplies(call, referral)), ElementsAre("replies[0].text REQUIRED"));
}

TEST(ReferralThreadTest, TwentyQuestionsAreAskedAtOnceAtMost) {
  v1::AskRequesterRequest call;
  EXPECT_THAT(Told(CheckQuestions(call)), ElementsAre("questions REQUIRED"));
  for (int i = 0; i < 20; ++i) call.add_questions("why?");
  EXPECT_THAT(Told(CheckQuestions(call)), IsEmpty());
  call.add_questions("why?");
  EXPECT_THAT(Told(CheckQuestions(call)), ElementsAre("questions TOO_MANY"));
}

TEST(ReferralThreadTest, AThreadOfAHundredEntriesIsFull) {
  EXPECT_OK(CheckRoom(Asked(98), 2));
  const absl::Status full = CheckRoom(Asked(99), 2);
  EXPECT_EQ(full.code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace trialgate::routing
