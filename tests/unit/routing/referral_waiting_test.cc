#include "services/routing/referral_waiting.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/timestamps.h"
#include "tests/support/status_matchers.h"

namespace trialgate::routing {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'772'500'000);  // Tuesday 3 March 2026

std::shared_ptr<const directory::DirectorySnapshot> Directory() {
  v1::Pack pack;
  pack.mutable_policy()->set_answer_days_normal(5);
  v1::Desk desk;
  desk.set_name("desks/a");
  desk.set_calendar("calendars/c");
  desk.set_time_zone("Europe/Copenhagen");
  v1::Calendar calendar;
  calendar.set_name("calendars/c");
  directory::DirectorySnapshotBuilder builder;
  builder.PutSettings(pack);
  builder.Put(desk);
  builder.Put(calendar);
  return builder.Build(1);
}

v1::Referral Sent() {
  v1::Referral referral;
  referral.set_desk("desks/a");
  *referral.mutable_sent_time() = ToTimestamp(kNow - absl::Hours(24));
  return referral;
}

TEST(ReferralWaitingTest, AWaitSaysForWhomAndSinceWhenAndAcknowledges) {
  v1::Referral referral = Sent();
  StartWaiting(v1::WAITING_FOR_AUTHORITY, "VMK", kNow, v1::TRIAL_KIND_OBSERVATIONAL, &referral);
  EXPECT_EQ(referral.waiting_authority(), "VMK");
  EXPECT_EQ(ToTime(referral.waiting_since_time()), kNow);
  EXPECT_EQ(ToTime(referral.acknowledge_time()), kNow);
  EXPECT_EQ(referral.outcome(), v1::REFERRAL_OUTCOME_UNSPECIFIED);
  StopWaiting(kNow + absl::Hours(1), &referral);
  EXPECT_EQ(referral.waiting_for(), v1::WAITING_FOR_UNSPECIFIED);
  EXPECT_FALSE(referral.has_waiting_since_time());
  ASSERT_EQ(referral.waiting_spans_size(), 1);
  EXPECT_EQ(ToTime(referral.waiting_spans(0).end_time()), kNow + absl::Hours(1));
}

TEST(ReferralWaitingTest, DataAccessIsPendingWhileItWaitsForAnAuthority) {
  v1::Referral referral = Sent();
  StartWaiting(v1::WAITING_FOR_REQUESTER, "", kNow, v1::TRIAL_KIND_DATA_ACCESS, &referral);
  EXPECT_EQ(referral.outcome(), v1::REFERRAL_OUTCOME_UNSPECIFIED);
  StopWaiting(kNow, &referral);
  StartWaiting(v1::WAITING_FOR_AUTHORITY, "VMK", kNow, v1::TRIAL_KIND_DATA_ACCESS, &referral);
  EXPECT_EQ(referral.outcome(), v1::REFERRAL_OUTCOME_PENDING);
  StopWaiting(kNow, &referral);
  EXPECT_EQ(referral.outcome(), v1::REFERRAL_OUTCOME_UNSPECIFIED);
}

TEST(ReferralWaitingTest, TheDueInstantMovesOnWithEachDayOfTheWait) {
  const auto directory = Directory();
  const v1::TrialRequest request;
  v1::Referral referral = Sent();
  ASSERT_OK(SetAnswerDue(request, *directory, kNow, &referral));
  const absl::Time first = ToTime(referral.answer_due_time());
  StartWaiting(v1::WAITING_FOR_REQUESTER, "", kNow, v1::TRIAL_KIND_OBSERVATIONAL, &referral);
  ASSERT_OK(SetAnswerDue(request, *directory, kNow, &referral));
  EXPECT_EQ(ToTime(referral.answer_due_time()), first + absl::Hours(24));
  StopWaiting(kNow + absl::Hours(48), &referral);
  ASSERT_OK(SetAnswerDue(request, *directory, kNow + absl::Hours(300), &referral));
  EXPECT_EQ(ToTime(referral.answer_due_time()), first + absl::Hours(72));
}

TEST(ReferralWaitingTest, TheDaysAreThoseOnSendingWhateverThePolicySaysNow) {
  const auto directory = Directory();
  v1::Referral referral = Sent();
  ASSERT_OK(SetAnswerDue(v1::TrialRequest(), *directory, kNow, &referral));
  const absl::Time of_policy = ToTime(referral.answer_due_time());
  referral.set_answer_days(3);
  ASSERT_OK(SetAnswerDue(v1::TrialRequest(), *directory, kNow, &referral));
  EXPECT_LT(ToTime(referral.answer_due_time()), of_policy);
}

TEST(ReferralWaitingTest, OnlyWhatIsAwaitedEndsAWait) {
  v1::Referral referral = Sent();
  referral.set_state(v1::REFERRAL_STATE_WAITING);
  referral.set_waiting_for(v1::WAITING_FOR_AUTHORITY);
  EXPECT_OK(CheckAwaited(referral, ReferralEvent::kAuthoritySpoke));
  const absl::Status reply = CheckAwaited(referral, ReferralEvent::kReply);
  EXPECT_EQ(reply.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(reply.message()), testing::HasSubstr("waits for an authority"));
  referral.set_waiting_for(v1::WAITING_FOR_REQUESTER);
  EXPECT_OK(CheckAwaited(referral, ReferralEvent::kReply));
  EXPECT_EQ(CheckAwaited(referral, ReferralEvent::kAuthoritySpoke).code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace trialgate::routing
