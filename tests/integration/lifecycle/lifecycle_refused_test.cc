// What is refused, and that it changes nothing.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_repository.h"
#include "services/intake/trial_request_repository.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::absl_testing::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class RefusedTest : public SmallCountry {
 protected:
  // "field REASON" of each fault.
  static std::vector<std::string> Faults(const absl::Status& status) {
    std::vector<std::string> faults;
    for (const FieldViolation& fault : FieldViolationsOf(status)) {
      faults.push_back(fault.field + " " + ReasonName(fault.reason));
    }
    return faults;
  }

  v1::AnswerReferralRequest GoodAnswer(const v1::Referral& referral) {
    return AnswerCall(referral, {Offer("sites/a1")}, {Refusal("sites/a2"), Refusal("sites/a3")});
  }
};

TEST_F(RefusedTest, BeforeAPackNothingCanBeSubmitted) {
  directory::DirectoryCache empty(keys_.get());
  feasibility::SiteIndexCache sites(&empty);
  intake::WorldCache world(&empty, &sites);
  intake::TrialRequestApp app(store_.get(), &world, keys_.get(), &clock_, &ids_, {});
  EXPECT_THAT(app.Submit(Requester(), SubmitCall(Trial())), HasReason(v1::ERROR_REASON_NO_PACK));
  EXPECT_THAT(app.Import({}), HasReason(v1::ERROR_REASON_NO_PACK));
}

TEST_F(RefusedTest, EveryFaultOfARequestIsToldAndNothingStored) {
  v1::TrialRequest trial = Trial();
  trial.clear_title();
  trial.set_recruitment_months(500);
  trial.add_specialities("no-such");
  trial.set_first_patient_in_earliest("2026-02-30");
  const store::CommitNumber head = store_->Head();
  const auto refused = requests_->Submit(Requester(), SubmitCall(trial));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Faults(refused.status()), SizeIs(4));
  EXPECT_EQ(store_->Head(), head);
}

TEST_F(RefusedTest, AMissingRequestIdIsToldWithTheFaultsOfARequest) {
  v1::TrialRequest trial = Trial();
  trial.clear_title();
  trial.set_recruitment_months(500);
  v1::SubmitTrialRequestRequest call = SubmitCall(trial);
  call.clear_request_id();
  const store::CommitNumber head = store_->Head();
  EXPECT_THAT(
      Faults(requests_->Submit(Requester(), call).status()),
      UnorderedElementsAre("trial_request.title REQUIRED",
                           "trial_request.recruitment_months OUT_OF_RANGE", "request_id REQUIRED"));
  *call.mutable_trial_request() = Trial();
  EXPECT_THAT(Faults(requests_->Submit(Requester(), call).status()),
              UnorderedElementsAre("request_id REQUIRED"));
  EXPECT_THAT(requests_->Submit(Coordinator("desks/a"), call),
              HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
  EXPECT_EQ(store_->Head(), head);
}

TEST_F(RefusedTest, AMissingRequestIdIsToldWithTheFaultsOfAnAnswerOrADecline) {
  const v1::TrialRequest request = Submit();
  const v1::Referral sent = At("desks/a", request);
  v1::AnswerReferralRequest answer = GoodAnswer(sent);
  answer.mutable_offers(0)->set_patients_claimed(-1);
  answer.clear_request_id();
  const store::CommitNumber head = store_->Head();
  EXPECT_THAT(
      Faults(referrals_->Answer(Coordinator("desks/a"), answer).status()),
      UnorderedElementsAre("offers[0].patients_claimed OUT_OF_RANGE", "request_id REQUIRED"));
  EXPECT_THAT(referrals_->Answer(Coordinator("desks/b"), answer),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  answer.set_etag("1");
  EXPECT_THAT(referrals_->Answer(Coordinator("desks/a"), answer),
              HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
  v1::DeclineReferralRequest decline = DeclineCall(sent);
  decline.mutable_decline()->clear_reason();
  decline.set_request_id("not\nprintable");
  EXPECT_THAT(Faults(referrals_->Decline(Coordinator("desks/a"), decline).status()),
              UnorderedElementsAre("decline.reason REQUIRED", "request_id INVALID_FORMAT"));
  v1::AcknowledgeReferralRequest acknowledge;
  acknowledge.set_name(sent.name());
  EXPECT_THAT(Faults(referrals_->Acknowledge(Coordinator("desks/a"), acknowledge).status()),
              UnorderedElementsAre("request_id REQUIRED"));
  EXPECT_EQ(store_->Head(), head);
}

TEST_F(RefusedTest, AMissingRequestIdIsToldWithTheFaultsOfADecision) {
  const v1::TrialRequest request = Submit();
  v1::WithdrawTrialRequestRequest withdraw;
  withdraw.set_name(request.name());
  EXPECT_THAT(Faults(requests_->Withdraw(Requester(), withdraw).status()),
              UnorderedElementsAre("reason REQUIRED", "request_id REQUIRED"));
  v1::ConfirmTrialRequestRequest confirm;
  confirm.set_name(request.name());
  EXPECT_THAT(requests_->Confirm(Requester(), confirm), HasReason(v1::ERROR_REASON_WRONG_STATE));
  ASSERT_OK(referrals_->Answer(Coordinator("desks/a"), GoodAnswer(At("desks/a", request))));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  const store::CommitNumber head = store_->Head();
  EXPECT_THAT(Faults(requests_->Confirm(Requester(), confirm).status()),
              UnorderedElementsAre("selections REQUIRED", "request_id REQUIRED"));
  EXPECT_THAT(requests_->Confirm(Requester("organizations/other"), confirm),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(store_->Head(), head);
}

TEST_F(RefusedTest, ARequestForAnotherOrganizationNamesItAsUnknown) {
  const auto refused = requests_->Submit(Requester("organizations/other"), SubmitCall(Trial()));
  EXPECT_THAT(Faults(refused.status()),
              UnorderedElementsAre("trial_request.requester UNKNOWN_VALUE"));
}

TEST_F(RefusedTest, CoordinatorsSubmitNothingButIdeasAtAnIdeaClinic) {
  EXPECT_THAT(requests_->Submit(Coordinator("desks/ideas"), SubmitCall(Trial())),
              HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
  v1::TrialRequest idea = Trial();
  idea.set_kind(v1::TRIAL_KIND_IDEA);
  EXPECT_THAT(requests_->Submit(Coordinator("desks/a"), SubmitCall(idea)),
              HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
}

TEST_F(RefusedTest, ADeadlineBeforeTheFirstWorkingDayIsRefused) {
  v1::TrialRequest trial = Trial();
  trial.set_response_deadline("2026-03-05");
  const auto refused = requests_->Submit(Requester(), SubmitCall(trial));
  EXPECT_THAT(Faults(refused.status()),
              UnorderedElementsAre("trial_request.response_deadline DEADLINE_TOO_EARLY"));
  trial.set_response_deadline("2026-03-06");
  EXPECT_OK(requests_->Submit(Requester(), SubmitCall(trial)));
}

TEST_F(RefusedTest, ADeadlineBeforeTheFirstWorkingDayIsToldWithTheOtherFaults) {
  v1::TrialRequest trial = Trial();
  trial.clear_title();
  trial.set_response_deadline("2026-03-05");
  const auto told = [&] {
    return Faults(requests_->Submit(Requester(), SubmitCall(trial)).status());
  };
  EXPECT_THAT(told(), UnorderedElementsAre("trial_request.title REQUIRED",
                                           "trial_request.response_deadline DEADLINE_TOO_EARLY"));
  trial.set_response_deadline("2026-03-04");
  EXPECT_THAT(told(), UnorderedElementsAre("trial_request.title REQUIRED",
                                           "trial_request.response_deadline OUT_OF_RANGE"));
  trial.set_response_deadline("2026-03-06");
  EXPECT_THAT(told(), UnorderedElementsAre("trial_request.title REQUIRED"));
}

TEST_F(RefusedTest, ADeadlineThatOnlyADeskNotAskedCouldKeepIsRefused) {
  v1::Calendar calendar;
  calendar.set_name("calendars/long-weekend");
  auto* holiday = calendar.add_fixed_holidays();
  holiday->set_month(3);
  holiday->set_day(6);
  Put(directory::Calendars(), calendar);
  v1::Desk desk = *directory_.Snapshot()->FindDesk("desks/a");
  desk.set_calendar(calendar.name());
  Put(directory::Desks(), desk);
  v1::TrialRequest trial = Trial();
  trial.set_response_deadline("2026-03-06");
  EXPECT_THAT(Faults(requests_->Submit(Requester(), SubmitCall(trial)).status()),
              UnorderedElementsAre("trial_request.response_deadline DEADLINE_TOO_EARLY"));
}

TEST_F(RefusedTest, TheSameRequestIdWithAnotherBodyIsRefused) {
  ASSERT_OK(requests_->Submit(Requester(), SubmitCall(Trial(), "the-call")));
  v1::TrialRequest other = Trial();
  other.set_title("Another trial");
  const auto refused = requests_->Submit(Requester(), SubmitCall(other, "the-call"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(RefusedTest, AnsweringTwiceIsRefused) {
  const v1::TrialRequest request = Submit();
  const v1::Referral referral = At("desks/a", request);
  ASSERT_OK(referrals_->Answer(Coordinator("desks/a"), GoodAnswer(referral)));
  const auto again = referrals_->Answer(Coordinator("desks/a"), GoodAnswer(referral));
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(again, HasReason(v1::ERROR_REASON_WRONG_STATE));
  EXPECT_THAT(MetadataOf(again.status()),
              UnorderedElementsAre(Pair("state", "ANSWERED"), Pair("event", "ANSWER")));
  EXPECT_EQ(Held("sites/a1", "2026-06"), 1);
}

TEST_F(RefusedTest, AnAnswerAfterTheRequestIsConfirmedHoldsNothing) {
  v1::TrialRequest request = Submit();
  request.set_state(v1::TRIAL_REQUEST_STATE_CONFIRMED);
  request.clear_etag();
  Put(intake::TrialRequests(), request);
  EXPECT_THAT(referrals_->Answer(Coordinator("desks/a"), GoodAnswer(At("desks/a", request))),
              HasReason(v1::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(Held("sites/a1", "2026-06"), 0);
  EXPECT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
}

TEST_F(RefusedTest, AStaleEtagIsRefused) {
  const v1::TrialRequest request = Submit();
  const v1::Referral sent = At("desks/a", request);
  v1::AcknowledgeReferralRequest acknowledge;
  acknowledge.set_name(sent.name());
  acknowledge.set_etag(sent.etag());
  acknowledge.set_request_id(NewRequestId());
  ASSERT_OK(referrals_->Acknowledge(Coordinator("desks/a"), acknowledge));
  v1::AnswerReferralRequest answer = GoodAnswer(sent);
  answer.set_etag(sent.etag());
  const auto refused = referrals_->Answer(Coordinator("desks/a"), answer);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
  v1::WithdrawTrialRequestRequest withdraw = WithdrawCall(request.name());
  withdraw.set_etag("1");
  EXPECT_THAT(requests_->Withdraw(Requester(), withdraw),
              HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
  withdraw.set_etag(request.etag());
  EXPECT_OK(requests_->Withdraw(Requester(), withdraw));
}

TEST_F(RefusedTest, AnOfferOfAFullSiteIsRefusedWithEverySiteAndMonth) {
  const v1::TrialRequest request = Submit();
  SetSlots("sites/a1", 0);
  SetSlots("sites/a2", 0);
  const store::CommitNumber head = store_->Head();
  const auto refused =
      referrals_->Answer(Coordinator("desks/a"),
                         AnswerCall(At("desks/a", request),
                                    {Offer("sites/a1"), Offer("sites/a2"), Offer("sites/a3")}, {}));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_NO_FREE_SLOT));
  const auto metadata = MetadataOf(refused.status());
  EXPECT_EQ(metadata.at("sites"), "sites/a1,sites/a2");
  EXPECT_THAT(metadata.at("months"), HasSubstr("2027-05"));
  EXPECT_EQ(store_->Head(), head);
  EXPECT_EQ(At("desks/a", request).state(), v1::REFERRAL_STATE_SENT);
  EXPECT_THAT(Capacity("sites/a3").holds(), IsEmpty());
}

TEST_F(RefusedTest, ATentativeOfferOfASiteThatFilledUpCannotBeSelected) {
  const v1::TrialRequest request = Submit();
  ASSERT_OK(referrals_->Answer(
      Coordinator("desks/a"),
      AnswerCall(At("desks/a", request), {Offer("sites/a1", v1::OFFER_FIRMNESS_TENTATIVE)},
                 {Refusal("sites/a2"), Refusal("sites/a3")})));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  SetSlots("sites/a1", 0);
  const auto refused = requests_->Confirm(Requester(), ConfirmCall(request.name(), {"sites/a1"}));
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_NO_FREE_SLOT));
  EXPECT_EQ(Stored(request.name()).state(), v1::TRIAL_REQUEST_STATE_ANSWERED);
}

TEST_F(RefusedTest, ASuspendedOrganizationConfirmsNothingAndMayWithdraw) {
  const v1::TrialRequest request = Submit();
  ASSERT_OK(referrals_->Answer(Coordinator("desks/a"),
                               AnswerCall(At("desks/a", request), {Offer("sites/a1")},
                                          {Refusal("sites/a2"), Refusal("sites/a3")})));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  v1::Organization acme;
  acme.set_name("organizations/acme");
  acme.set_state(v1::ORGANIZATION_STATE_SUSPENDED);
  Put(directory::Organizations(), acme);
  EXPECT_THAT(requests_->Confirm(Requester(), ConfirmCall(request.name(), {"sites/a1"})),
              HasReason(v1::ERROR_REASON_ORGANIZATION_NOT_APPROVED));
  EXPECT_EQ(Stored(request.name()).state(), v1::TRIAL_REQUEST_STATE_ANSWERED);
  EXPECT_EQ(Held("sites/a1", "2026-06"), 1);
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(request.name())));
  EXPECT_EQ(Held("sites/a1", "2026-06"), 0);
}

TEST_F(RefusedTest, EveryFaultOfAnAnswerIsTold) {
  const v1::TrialRequest request = Submit();
  v1::Offer past = Offer("sites/a1");
  past.set_earliest_start("2026-03-04");
  past.set_patients_claimed(-1);
  past.clear_firmness();
  v1::Offer elsewhere = Offer("sites/b1");
  v1::Refusal other = Refusal("sites/a1");
  other.set_reason(v1::REFUSAL_REASON_OTHER);
  v1::AnswerReferralRequest call = AnswerCall(At("desks/a", request), {past, elsewhere},
                                              {other, Refusal("sites/b1"), Refusal("sites/a2")});
  call.set_outcome(v1::REFERRAL_OUTCOME_GRANTED);
  const auto refused = referrals_->Answer(Coordinator("desks/a"), call);
  EXPECT_THAT(
      Faults(refused.status()),
      UnorderedElementsAre("offers[0].patients_claimed OUT_OF_RANGE",
                           "offers[0].earliest_start OUT_OF_RANGE", "offers[0].firmness REQUIRED",
                           "offers[1].site UNKNOWN_VALUE", "offers[1].comment REQUIRED",
                           "refusals[0].site DUPLICATE", "refusals[0].comment REQUIRED",
                           "refusals[1].site DUPLICATE", "refusals[1].site UNKNOWN_VALUE",
                           "offers REQUIRED", "outcome CONTRADICTION"));
}

TEST_F(RefusedTest, ADeclineNeedsAReason) {
  const v1::TrialRequest request = Submit();
  v1::DeclineReferralRequest decline = DeclineCall(At("desks/b", request));
  decline.mutable_decline()->clear_reason();
  decline.mutable_decline()->set_site("sites/b1");
  EXPECT_THAT(Faults(referrals_->Decline(Coordinator("desks/b"), decline).status()),
              UnorderedElementsAre("decline.site CONTRADICTION", "decline.reason REQUIRED"));
}

TEST_F(RefusedTest, AConfirmationSaysAWordOnEveryOfferOnce) {
  const v1::TrialRequest request = Submit();
  v1::ConfirmTrialRequestRequest early;
  early.set_name(request.name());
  early.set_request_id(NewRequestId());
  EXPECT_THAT(requests_->Confirm(Requester(), early), HasReason(v1::ERROR_REASON_WRONG_STATE));
  ASSERT_OK(
      referrals_->Answer(Coordinator("desks/a"),
                         AnswerCall(At("desks/a", request), {Offer("sites/a1"), Offer("sites/a2")},
                                    {Refusal("sites/a3")})));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  v1::ConfirmTrialRequestRequest call = ConfirmCall(request.name(), {"sites/a1"});
  *call.add_selections() = call.selections(0);
  call.mutable_selections(1)->set_site("sites/a3");
  call.mutable_selections(1)->clear_reason();
  EXPECT_THAT(Faults(requests_->Confirm(Requester(), call).status()),
              UnorderedElementsAre("selections[1] UNKNOWN_VALUE", "selections[1].reason REQUIRED",
                                   "selections[2] DUPLICATE", "selections REQUIRED"));
  EXPECT_EQ(Held("sites/a1", "2026-06"), 1);
}

TEST_F(RefusedTest, AWithdrawalNeedsAReasonAndHappensOnce) {
  const v1::TrialRequest request = Submit();
  v1::WithdrawTrialRequestRequest call = WithdrawCall(request.name());
  call.clear_reason();
  EXPECT_THAT(Faults(requests_->Withdraw(Requester(), call).status()),
              UnorderedElementsAre("reason REQUIRED"));
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(request.name())));
  EXPECT_THAT(requests_->Withdraw(Requester(), WithdrawCall(request.name())),
              HasReason(v1::ERROR_REASON_WRONG_STATE));
  EXPECT_THAT(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))),
              HasReason(v1::ERROR_REASON_WRONG_STATE));
}

}  // namespace
}  // namespace trialgate
