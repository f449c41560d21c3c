// The path of a request from submitted to confirmed, on the store in memory.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/referral_repository.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/storage/v1/tables.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class LifecycleTest : public SmallCountry {};

TEST_F(LifecycleTest, ASubmittedRequestIsMatchedRoutedAndSent) {
  const auto response = requests_->Submit(Requester(), SubmitCall(Trial()));
  ASSERT_OK(response);
  const v1::TrialRequest& request = response->trial_request();
  EXPECT_EQ(request.state(), v1::TRIAL_REQUEST_STATE_ROUTED);
  EXPECT_EQ(request.revision(), 1);
  EXPECT_EQ(request.etag(), std::to_string(store_->Head()));
  EXPECT_THAT(response->report().eligible(), SizeIs(4));
  EXPECT_EQ(response->report().name(), request.name() + "/reports/1");
  ASSERT_THAT(response->report().referrals(), SizeIs(2));
  EXPECT_EQ(response->report().referrals(0).desk(), "desks/a");
  EXPECT_EQ(response->report().referrals(0).contact(), "desks/a/contacts/lead");
  EXPECT_EQ(response->report().referrals(0).contact_display_name(), "Lead a");
  ASSERT_THAT(request.referrals(), SizeIs(2));
  const v1::Referral a = At("desks/a", request);
  EXPECT_EQ(a.state(), v1::REFERRAL_STATE_SENT);
  EXPECT_THAT(a.sites(), UnorderedElementsAre("sites/a1", "sites/a2", "sites/a3"));
  EXPECT_EQ(a.title(), "A trial");
  // Thursday 5 March; Friday and the next Thursday, in Copenhagen.
  EXPECT_EQ(absl::FormatTime(routing::ToTime(a.acknowledge_due_time()), absl::UTCTimeZone()),
            "2026-03-06T23:00:00+00:00");
  EXPECT_EQ(absl::FormatTime(routing::ToTime(a.answer_due_time()), absl::UTCTimeZone()),
            "2026-03-12T23:00:00+00:00");
  EXPECT_EQ(request.answer_due_time().seconds(), a.answer_due_time().seconds());
  // One notice for each referral.
  EXPECT_EQ(CountRows(storage::v1::TABLE_ID_NOTICE), 2);
}

TEST_F(LifecycleTest, TheWholePathFromSubmittedToConfirmed) {
  const v1::TrialRequest request = Submit();
  v1::AcknowledgeReferralRequest acknowledge;
  acknowledge.set_name(At("desks/a", request).name());
  acknowledge.set_request_id(NewRequestId());
  const auto acknowledged = referrals_->Acknowledge(Coordinator("desks/a"), acknowledge);
  ASSERT_OK(acknowledged);
  EXPECT_EQ(acknowledged->state(), v1::REFERRAL_STATE_ACKNOWLEDGED);
  EXPECT_TRUE(acknowledged->has_acknowledge_time());

  // Two offers, one reason.
  const auto answered = referrals_->Answer(
      Coordinator("desks/a"),
      AnswerCall(*acknowledged,
                 {Offer("sites/a1"), Offer("sites/a2", v1::OFFER_FIRMNESS_TENTATIVE)},
                 {Refusal("sites/a3")}));
  ASSERT_OK(answered);
  EXPECT_EQ(answered->state(), v1::REFERRAL_STATE_ANSWERED);
  EXPECT_EQ(answered->offers(0).status(), v1::OFFER_STATUS_HELD);
  EXPECT_EQ(answered->offers(1).status(), v1::OFFER_STATUS_NOT_HELD);
  EXPECT_FALSE(answered->late());
  EXPECT_EQ(Held("sites/a1", "2026-06"), 1);
  EXPECT_EQ(Held("sites/a1", "2027-05"), 1);
  EXPECT_EQ(Held("sites/a1", "2027-06"), 0);
  EXPECT_EQ(Held("sites/a2", "2026-06"), 0);
  EXPECT_EQ(Stored(request.name()).state(), v1::TRIAL_REQUEST_STATE_ROUTED);

  // Another desk declines: nobody is left to answer.
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  const v1::TrialRequest collated = Stored(request.name());
  EXPECT_EQ(collated.state(), v1::TRIAL_REQUEST_STATE_ANSWERED);
  EXPECT_EQ(collated.answer_version(), 1);
  v1::GetCollatedAnswerRequest get;
  get.set_name(request.name());
  const auto answer = requests_->GetAnswer(Requester(), get);
  ASSERT_OK(answer);
  EXPECT_EQ(answer->name(), request.name() + "/answers/1");
  EXPECT_THAT(answer->sites(), SizeIs(4));
  EXPECT_FALSE(answer->provisional());
  EXPECT_GT(answer->forecast().mean(), 0);

  const auto confirmed =
      requests_->Confirm(Requester(), ConfirmCall(request.name(), {"sites/a1", "sites/a2"}));
  ASSERT_OK(confirmed);
  EXPECT_EQ(confirmed->state(), v1::TRIAL_REQUEST_STATE_CONFIRMED);
  EXPECT_THAT(confirmed->selections(), SizeIs(2));
  EXPECT_EQ(Held("sites/a1", "2026-06"), 0);
  EXPECT_EQ(Confirmed("sites/a1", "2026-06"), 1);
  EXPECT_EQ(Confirmed("sites/a2", "2026-06"), 1);
  EXPECT_EQ(At("desks/a", request).offers(1).status(), v1::OFFER_STATUS_CONFIRMED);
  EXPECT_THAT(Stored(request.name()).etag(), confirmed->etag());
}

TEST_F(LifecycleTest, WhatIsNotSelectedIsGivenBack) {
  const v1::TrialRequest request = Submit();
  ASSERT_OK(
      referrals_->Answer(Coordinator("desks/a"),
                         AnswerCall(At("desks/a", request), {Offer("sites/a1"), Offer("sites/a2")},
                                    {Refusal("sites/a3")})));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  ASSERT_OK(requests_->Confirm(Requester(), ConfirmCall(request.name(), {"sites/a2"})));
  EXPECT_THAT(Capacity("sites/a1").holds(), IsEmpty());
  EXPECT_EQ(At("desks/a", request).offers(0).status(), v1::OFFER_STATUS_RELEASED);
  EXPECT_EQ(Confirmed("sites/a2", "2026-06"), 1);
}

TEST_F(LifecycleTest, WithdrawingEndsReferralsAndGivesSlotsBack) {
  const v1::TrialRequest request = Submit();
  ASSERT_OK(referrals_->Answer(Coordinator("desks/a"),
                               AnswerCall(At("desks/a", request), {Offer("sites/a1")},
                                          {Refusal("sites/a2"), Refusal("sites/a3")})));
  const auto withdrawn = requests_->Withdraw(Requester(), WithdrawCall(request.name()));
  ASSERT_OK(withdrawn);
  EXPECT_EQ(withdrawn->state(), v1::TRIAL_REQUEST_STATE_WITHDRAWN);
  EXPECT_EQ(withdrawn->withdraw_reason(), "the sponsor stopped the programme");
  EXPECT_EQ(At("desks/b", request).state(), v1::REFERRAL_STATE_WITHDRAWN);
  const v1::Referral a = At("desks/a", request);
  EXPECT_EQ(a.state(), v1::REFERRAL_STATE_ANSWERED);
  EXPECT_EQ(a.offers(0).status(), v1::OFFER_STATUS_RELEASED);
  EXPECT_THAT(Capacity("sites/a1").holds(), IsEmpty());
}

TEST_F(LifecycleTest, WithdrawingAConfirmedRequestFreesWhatWasOccupied) {
  const v1::TrialRequest request = Submit();
  ASSERT_OK(referrals_->Answer(Coordinator("desks/a"),
                               AnswerCall(At("desks/a", request), {Offer("sites/a1")},
                                          {Refusal("sites/a2"), Refusal("sites/a3")})));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  ASSERT_OK(requests_->Confirm(Requester(), ConfirmCall(request.name(), {"sites/a1"})));
  ASSERT_OK(requests_->Withdraw(National(), WithdrawCall(request.name())));
  EXPECT_THAT(Capacity("sites/a1").holds(), IsEmpty());
}

TEST_F(LifecycleTest, AnAnswerAfterItsTimeIsLate) {
  const v1::TrialRequest request = Submit();
  clock_.Advance(absl::Hours(24 * 30));
  const auto declined =
      referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request)));
  ASSERT_OK(declined);
  EXPECT_TRUE(declined->late());
}

TEST_F(LifecycleTest, WhatADeskSaysAfterTheAnswerMakesItsNextVersion) {
  const v1::TrialRequest request = Submit();
  v1::Referral lapsed = At("desks/b", request);
  lapsed.set_state(v1::REFERRAL_STATE_LAPSED);
  lapsed.clear_etag();
  Put(routing::Referrals(), lapsed);
  ASSERT_OK(referrals_->Decline(Coordinator("desks/a"), DeclineCall(At("desks/a", request))));
  v1::GetCollatedAnswerRequest get;
  get.set_name(request.name());
  const auto first = requests_->GetAnswer(Requester(), get);
  ASSERT_OK(first);
  EXPECT_EQ(first->version(), 1);
  EXPECT_TRUE(first->provisional());

  const auto late =
      referrals_->Answer(Coordinator("desks/b"), AnswerCall(lapsed, {Offer("sites/b1")}, {}));
  ASSERT_OK(late);
  EXPECT_TRUE(late->late());
  const auto second = requests_->GetAnswer(Requester(), get);
  ASSERT_OK(second);
  EXPECT_EQ(second->version(), 2);
  EXPECT_FALSE(second->provisional());
  EXPECT_EQ(Stored(request.name()).state(), v1::TRIAL_REQUEST_STATE_ANSWERED);
  get.set_name(request.name() + "/answers/1");
  EXPECT_THAT(requests_->GetAnswer(Requester(), get)->version(), 1);
  ASSERT_OK(requests_->Confirm(Requester(), ConfirmCall(request.name(), {"sites/b1"})));
}

TEST_F(LifecycleTest, AfterTheRequestIsConfirmedALapsedReferralStaysSo) {
  const v1::TrialRequest request = Submit();
  v1::Referral lapsed = At("desks/b", request);
  lapsed.set_state(v1::REFERRAL_STATE_LAPSED);
  lapsed.clear_etag();
  Put(routing::Referrals(), lapsed);
  ASSERT_OK(referrals_->Answer(Coordinator("desks/a"),
                               AnswerCall(At("desks/a", request), {Offer("sites/a1")},
                                          {Refusal("sites/a2"), Refusal("sites/a3")})));
  ASSERT_OK(requests_->Confirm(Requester(), ConfirmCall(request.name(), {"sites/a1"})));
  EXPECT_THAT(
      referrals_->Answer(Coordinator("desks/b"), AnswerCall(lapsed, {Offer("sites/b1")}, {})),
      HasReason(v1::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(Held("sites/b1", "2026-06"), 0);
}

TEST_F(LifecycleTest, ARetryReturnsTheFirstAnswer) {
  const v1::SubmitTrialRequestRequest call = SubmitCall(Trial(), "the-call");
  const auto first = requests_->Submit(Requester(), call);
  ASSERT_OK(first);
  const store::CommitNumber head = store_->Head();
  const auto second = requests_->Submit(Requester(), call);
  ASSERT_OK(second);
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(store_->Head(), head);

  // Also when the request has gone on since.
  const auto decline = DeclineCall(At("desks/b", first->trial_request()));
  const auto declined = referrals_->Decline(Coordinator("desks/b"), decline);
  ASSERT_OK(declined);
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(first->trial_request().name())));
  const auto again = referrals_->Decline(Coordinator("desks/b"), decline);
  ASSERT_OK(again);
  EXPECT_EQ(again->SerializeAsString(), declined->SerializeAsString());
  const auto third = requests_->Submit(Requester(), call);
  ASSERT_OK(third);
  EXPECT_EQ(third->SerializeAsString(), first->SerializeAsString());
}

TEST_F(LifecycleTest, ValidateOnlyChangesNothing) {
  const store::CommitNumber head = store_->Head();
  v1::SubmitTrialRequestRequest submit = SubmitCall(Trial());
  submit.set_validate_only(true);
  const auto response = requests_->Submit(Requester(), submit);
  ASSERT_OK(response);
  EXPECT_THAT(response->report().eligible(), SizeIs(4));
  EXPECT_EQ(response->trial_request().name(), "");
  EXPECT_EQ(response->report().name(), "");
  EXPECT_THAT(response->trial_request().referrals(), IsEmpty());
  EXPECT_EQ(store_->Head(), head);

  const v1::TrialRequest request = Submit();
  const store::CommitNumber submitted = store_->Head();
  v1::DeclineReferralRequest decline = DeclineCall(At("desks/b", request));
  decline.set_validate_only(true);
  const auto declined = referrals_->Decline(Coordinator("desks/b"), decline);
  ASSERT_OK(declined);
  EXPECT_EQ(declined->state(), v1::REFERRAL_STATE_DECLINED);
  EXPECT_EQ(store_->Head(), submitted);
}

TEST_F(LifecycleTest, AnIdeaIsSubmittedByItsClinicAndAnsweredWithAWord) {
  v1::TrialRequest idea = Trial();
  idea.set_kind(v1::TRIAL_KIND_IDEA);
  const auto response = requests_->Submit(Coordinator("desks/ideas"), SubmitCall(idea));
  ASSERT_OK(response);
  const v1::Referral referral = At("desks/ideas", response->trial_request());
  EXPECT_THAT(referral.sites(), IsEmpty());
  v1::AnswerReferralRequest answer = AnswerCall(referral, {}, {});
  EXPECT_THAT(referrals_->Answer(Coordinator("desks/ideas"), answer),
              HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  answer.set_request_id(NewRequestId());
  answer.set_outcome(v1::REFERRAL_OUTCOME_TAKEN_UP);
  ASSERT_OK(referrals_->Answer(Coordinator("desks/ideas"), answer));
  EXPECT_EQ(Stored(response->trial_request().name()).state(), v1::TRIAL_REQUEST_STATE_ANSWERED);
}

TEST_F(LifecycleTest, WithoutAnEligibleSiteTheSecretariatIsAskedAndMayOfferOne) {
  v1::TrialRequest trial = Trial();
  trial.mutable_population()->add_age_groups(v1::AGE_GROUP_CHILD);
  const v1::TrialRequest request = Submit(trial);
  const v1::Referral referral = At("desks/secretariat", request);
  EXPECT_THAT(referral.sites(), IsEmpty());
  v1::Offer offer = Offer("sites/a1");
  offer.set_comment("it opens a ward for children in May");
  ASSERT_OK(
      referrals_->Answer(Coordinator("desks/secretariat"), AnswerCall(referral, {offer}, {})));
  EXPECT_EQ(Held("sites/a1", "2026-06"), 1);
}

TEST_F(LifecycleTest, TheViewOfThePresentCountsWorkByDeskContactAndState) {
  const v1::TrialRequest first = Submit();
  const v1::TrialRequest second = Submit();
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", first))));
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(second.name())));
  ASSERT_OK(follower_->WaitUntil(store_->Head(), absl::Seconds(30)));
  const auto view = world_.View();
  EXPECT_EQ(view->commit, store_->Head());
  EXPECT_EQ(view->open_referrals.OfDesk("desks/a"), 1);
  EXPECT_EQ(view->open_referrals.OfDesk("desks/b"), 0);
  EXPECT_EQ(view->open_referrals.OfContact("desks/a/contacts/lead"), 1);
  EXPECT_EQ(view->requests_by_state.at(v1::TRIAL_REQUEST_STATE_ROUTED), 1);
  EXPECT_EQ(view->requests_by_state.at(v1::TRIAL_REQUEST_STATE_WITHDRAWN), 1);

  // One that starts now finds the same.
  directory::DirectoryCache directory(keys_.get());
  feasibility::SiteIndexCache sites(&directory);
  intake::WorldCache world(&directory, &sites);
  store::FeedFollower follower(store_.get(), {&directory, &sites, &world});
  ASSERT_OK(follower.Start());
  EXPECT_EQ(world.View()->open_referrals.by_desk, view->open_referrals.by_desk);
  EXPECT_EQ(world.View()->open_referrals.by_contact, view->open_referrals.by_contact);
  EXPECT_EQ(world.View()->requests_by_state.at(v1::TRIAL_REQUEST_STATE_ROUTED), 1);
}

}  // namespace
}  // namespace trialgate
