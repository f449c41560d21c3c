// Watching: what is shown, and how streams are taken up again.
#include "tools/cli/watch.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

absl::Status Ended(v1::ErrorReason reason, absl::StatusCode code = absl::StatusCode::kUnavailable) {
  return Error(code, reason, "ended");
}

v1::Referral Named(const std::string& id, v1::ReferralState state, std::int64_t due) {
  v1::Referral referral;
  referral.set_name("trialRequests/r1/referrals/" + id);
  referral.set_state(state);
  referral.set_desk("desks/north");
  referral.set_contact("desks/north/contacts/anna");
  referral.mutable_answer_due_time()->set_seconds(due);
  referral.mutable_acknowledge_due_time()->set_seconds(due);
  return referral;
}

TEST(WatchRulesTest, WhatBreaksOffIsTakenUpAgainAndWhatIsRefusedIsNot) {
  EXPECT_EQ(AfterStreamEnd(Ended(v1::ERROR_REASON_STREAM_ENDED), true), AfterStream::kGoOn);
  EXPECT_EQ(AfterStreamEnd(absl::UnavailableError("reset"), true), AfterStream::kGoOn);
  EXPECT_EQ(AfterStreamEnd(Ended(v1::ERROR_REASON_SLOW_WATCHER, absl::StatusCode::kAborted), true),
            AfterStream::kGoOn);
  EXPECT_EQ(AfterStreamEnd(absl::UnavailableError("refused"), false), AfterStream::kGiveUp)
      << "no server was ever there";
  EXPECT_EQ(AfterStreamEnd(absl::NotFoundError("gone"), true), AfterStream::kGiveUp);
  EXPECT_EQ(AfterStreamEnd(absl::UnauthenticatedError("expired"), true), AfterStream::kSignInAgain);
  EXPECT_EQ(AfterStreamEnd(
                Ended(v1::ERROR_REASON_RESUME_TOKEN_EXPIRED, absl::StatusCode::kOutOfRange), true),
            AfterStream::kBeginAnew);
}

TEST(WatchRulesTest, PausesGrowUpToAHalfMinuteAndHeedTheServer) {
  Backoff backoff;
  std::vector<double> pauses;
  for (int i = 0; i < 7; ++i) {
    pauses.push_back(absl::ToDoubleSeconds(backoff.Next(absl::UnavailableError(""))));
  }
  EXPECT_THAT(pauses, ElementsAre(1, 2, 4, 8, 16, 30, 30));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(
                Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_TOO_MANY_STREAMS, "")
                    .WithRetryAfter(absl::Seconds(9))),
            absl::Seconds(9));
}

TEST(WatchRulesTest, TheListIsInOrderOfWhatIsDueAndForgetsWhatIsOver) {
  WatchedReferrals watched({v1::REFERRAL_STATE_SENT});
  watched.Take(Named("late", v1::REFERRAL_STATE_SENT, 9));
  watched.Take(Named("soon", v1::REFERRAL_STATE_SENT, 3));
  watched.Take(Named("gone", v1::REFERRAL_STATE_SENT, 1));
  watched.Take(Named("gone", v1::REFERRAL_STATE_ANSWERED, 1));
  const v1::ListReferralsResponse list = watched.List();
  ASSERT_EQ(list.referrals_size(), 2);
  EXPECT_EQ(list.referrals(0).name(), "trialRequests/r1/referrals/soon");
}

class WatchTest : public AppTest {
 protected:
  WatchTest() {
    v1::WatchReferralsResponse first, second;
    *first.add_referrals() = Named("f1", v1::REFERRAL_STATE_SENT, 1);
    first.set_resume_token("t1");
    *second.add_referrals() = Named("f2", v1::REFERRAL_STATE_SENT, 2);
    second.set_resume_token("t2");
    server_.Answer("WatchReferrals", first);
    server_.Answer("WatchReferrals", second);
    server_.Fail("WatchReferrals", absl::NotFoundError("over"));
    // Each attempt but the first is paused for.
    wait_ = [this](absl::Duration) { return ++pauses_ < 5; };
  }

  int pauses_ = 0;
};

TEST_F(WatchTest, WithoutATerminalEachChangeIsALineAndTheStreamGoesOnAtItsToken) {
  EXPECT_EQ(Run({"inbox", "north", "--watch"}), kNotFound);
  EXPECT_THAT(out_, HasSubstr("  sent  north/anna  r1/f1  acknowledge overdue "));
  EXPECT_THAT(out_, HasSubstr("  sent  north/anna  r1/f2  "));
  EXPECT_THAT(out_, Not(HasSubstr("\x1B")));
  const auto asked = server_.Asked<v1::WatchReferralsRequest>("WatchReferrals");
  ASSERT_THAT(asked, SizeIs(3));
  EXPECT_EQ(asked[0].resume_token(), "");
  EXPECT_EQ(asked[0].desk(), "desks/north");
  EXPECT_EQ(asked[1].resume_token(), "t1");
  EXPECT_EQ(asked[2].resume_token(), "t2");
  EXPECT_THAT(err_, HasSubstr("trying again in 1s"));
}

TEST_F(WatchTest, OfOneContactOnlyItsReferralsAreTold) {
  EXPECT_EQ(Run({"inbox", "north", "--contact", "bo", "--watch"}), kNotFound);
  EXPECT_THAT(out_, Not(HasSubstr("r1/f1")));
}

TEST_F(WatchTest, OnATerminalTheWholeListIsDrawnAnew) {
  terminal_ = {.in = true, .out = true, .err = true, .columns = 80};
  EXPECT_EQ(Run({"inbox", "north", "--watch"}), kNotFound);
  const std::size_t second = out_.rfind("\x1B[H\x1B[2J");
  ASSERT_NE(second, 0u);
  EXPECT_THAT(out_.substr(second), HasSubstr("r1/f1"));
  EXPECT_THAT(out_.substr(second), HasSubstr("r1/f2"));
  EXPECT_THAT(out_.substr(second), HasSubstr("Ctrl-C"));
}

TEST_F(WatchTest, ForProgramsEachMessageIsALineOfJson) {
  EXPECT_EQ(Run({"referral", "list", "r1", "--watch", "-o", "json"}), kNotFound);
  EXPECT_THAT(out_, testing::StartsWith("{\"referrals\":[{\"name\":"));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 2);
  EXPECT_EQ(server_.Asked<v1::WatchReferralsRequest>("WatchReferrals")[0].parent(),
            "trialRequests/r1");
}

TEST_F(WatchTest, AnInterruptedPauseEndsItWithoutFault) {
  wait_ = [](absl::Duration) { return false; };
  EXPECT_EQ(Run({"inbox", "north", "--watch"}), kOk);
}

TEST_F(WatchTest, ARequestIsWatchedWithItsReferrals) {
  v1::WatchTrialRequestResponse message;
  message.mutable_trial_request()->set_name("trialRequests/r1");
  message.mutable_trial_request()->set_state(v1::TRIAL_REQUEST_STATE_ROUTED);
  *message.add_referrals() = Named("f1", v1::REFERRAL_STATE_SENT, 1);
  message.set_resume_token("t");
  server_.Answer("WatchTrialRequest", message);
  wait_ = [](absl::Duration) { return false; };
  EXPECT_EQ(Run({"request", "show", "r1", "--watch"}), kOk);
  EXPECT_THAT(out_, HasSubstr("  routed  r1  answer version 0\n"));
  EXPECT_THAT(out_, HasSubstr("  sent  north/anna  r1/f1"));
}

}  // namespace
}  // namespace trialgate::cli
