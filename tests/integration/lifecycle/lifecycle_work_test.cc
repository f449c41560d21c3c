// Questions, waits and lines of the work, through the apps and the store.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/trial_request_repository.h"
#include "services/routing/referral_line_app.h"
#include "services/routing/referral_line_repository.h"
#include "services/routing/referral_repository.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"

namespace trialgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class LifecycleWorkTest : public SmallCountry {
 protected:
  v1::UpdateReferralSiteRequest SaveCall(const v1::Referral& referral, const std::string& site) {
    v1::UpdateReferralSiteRequest call;
    call.mutable_referral_site()->set_name(referral.name() + "/" + site);
    call.set_request_id(NewRequestId());
    return call;
  }

  v1::AskRequesterRequest AskCall(const v1::Referral& referral) {
    v1::AskRequesterRequest call;
    call.set_name(referral.name());
    call.add_questions("How many visits?");
    call.set_request_id(NewRequestId());
    return call;
  }

  v1::ReplyToReferralRequest ReplyCall(const v1::Referral& referral, const std::string& text) {
    v1::ReplyToReferralRequest call;
    call.set_name(referral.name());
    v1::ReferralReply* reply = call.add_replies();
    reply->set_question("1");
    reply->set_text(text);
    call.set_request_id(NewRequestId());
    return call;
  }

  v1::GetCollatedAnswerRequest AnswerOf(const v1::TrialRequest& request) {
    v1::GetCollatedAnswerRequest call;
    call.set_name(request.name());
    return call;
  }

  routing::ReferralLineApp lines_{store_.get(), &directory_, &collation_,
                                  keys_.get(),  &clock_,     &ids_};
};

TEST_F(LifecycleWorkTest, WhatADeskNotedBeforeItsReferralLapsedIsProvisional) {
  const v1::TrialRequest request = Submit();
  v1::Referral a = At("desks/a", request);
  auto save = SaveCall(a, a.sites(0));
  *save.mutable_referral_site()->mutable_offer() = Offer(a.sites(0));
  save.mutable_referral_site()->set_internal_note("unwilling");
  ASSERT_OK(lines_.Update(Coordinator("desks/a"), save).status());
  a.set_state(v1::REFERRAL_STATE_LAPSED);
  Put(routing::Referrals(), a);
  // After it has lapsed too.
  auto refuse = SaveCall(a, a.sites(1));
  *refuse.mutable_referral_site()->mutable_refusal() = Refusal(a.sites(1));
  ASSERT_OK(lines_.Update(Coordinator("desks/a"), refuse).status());
  ASSERT_OK(
      referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))).status());

  ASSERT_OK_AND_ASSIGN(const v1::CollatedAnswer answer,
                       requests_->GetAnswer(Requester(), AnswerOf(request)));
  EXPECT_TRUE(answer.provisional());
  int provisional = 0;
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.provisional()) ++provisional;
    if (line.site() != a.sites(0)) continue;
    EXPECT_EQ(line.outcome(), v1::SITE_OUTCOME_OFFERED);
  }
  EXPECT_EQ(provisional, 2);
  EXPECT_THAT(answer.SerializeAsString(), Not(HasSubstr("unwilling")));
  // A draft holds nothing.
  EXPECT_EQ(Held(a.sites(0), Offer(a.sites(0)).earliest_start().substr(0, 7)), 0);
}

TEST_F(LifecycleWorkTest, LinesAreNotSavedOnceTheRequestIsDecided) {
  const v1::TrialRequest request = Submit();
  const v1::Referral a = At("desks/a", request);
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(request.name())).status());
  const auto saved = lines_.Update(Coordinator("desks/a"), SaveCall(a, a.sites(0)));
  EXPECT_EQ(saved.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(LifecycleWorkTest, ALineIsSavedOnceHoweverOftenItIsRetried) {
  const v1::TrialRequest request = Submit();
  const v1::Referral a = At("desks/a", request);
  auto call = SaveCall(a, a.sites(0));
  call.mutable_referral_site()->set_asked_whom("the nurse");
  ASSERT_OK_AND_ASSIGN(const v1::ReferralSite first, lines_.Update(Coordinator("desks/a"), call));
  ASSERT_OK_AND_ASSIGN(const v1::ReferralSite again, lines_.Update(Coordinator("desks/a"), call));
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(CountRows(storage::v1::TABLE_ID_REFERRAL_SITE), 1);
}

TEST_F(LifecycleWorkTest, AnInvestigatorOfADraftIsKeptApartAndErasedWithIt) {
  const v1::TrialRequest request = Submit();
  const v1::Referral a = At("desks/a", request);
  const int before = CountRows(storage::v1::TABLE_ID_PERSON);
  auto call = SaveCall(a, a.sites(0));
  *call.mutable_referral_site()->mutable_offer() = Offer(a.sites(0));
  call.mutable_referral_site()->mutable_offer()->set_principal_investigator("Karen Blixen");
  ASSERT_OK_AND_ASSIGN(const v1::ReferralSite saved, lines_.Update(Coordinator("desks/a"), call));
  EXPECT_THAT(saved.SerializeAsString(), Not(HasSubstr("Blixen")));
  EXPECT_EQ(CountRows(storage::v1::TABLE_ID_PERSON), before + 1);
  auto clear = SaveCall(a, a.sites(0));
  clear.mutable_update_mask()->add_paths("offer");
  ASSERT_OK_AND_ASSIGN(const v1::ReferralSite cleared,
                       lines_.Update(Coordinator("desks/a"), clear));
  EXPECT_FALSE(cleared.has_offer());
}

TEST_F(LifecycleWorkTest, AQuestionAndItsReplyAreNoticesToWhomTheyReach) {
  const v1::TrialRequest request = Submit();
  const v1::Referral a = At("desks/a", request);
  const int before = CountRows(storage::v1::TABLE_ID_NOTICE);
  ASSERT_OK(referrals_->Ask(Coordinator("desks/a"), AskCall(a)).status());
  EXPECT_EQ(CountRows(storage::v1::TABLE_ID_NOTICE), before + 1);
  ASSERT_OK(referrals_->Reply(Requester(), ReplyCall(a, "Two")).status());
  EXPECT_EQ(CountRows(storage::v1::TABLE_ID_NOTICE), before + 2);
  EXPECT_EQ(At("desks/a", request).state(), v1::REFERRAL_STATE_ACKNOWLEDGED);
}

TEST_F(LifecycleWorkTest, NobodyElseRepliesForTheRequester) {
  const v1::TrialRequest request = Submit();
  const v1::Referral a = At("desks/a", request);
  ASSERT_OK(referrals_->Ask(Coordinator("desks/a"), AskCall(a)).status());
  for (const v1::Principal& principal : {Requester("organizations/other"), Requester("")}) {
    const auto replied = referrals_->Reply(principal, ReplyCall(a, "Two"));
    EXPECT_EQ(replied.status().code(), absl::StatusCode::kNotFound);
  }
  // A national coordinator may, and the thread says so.
  ASSERT_OK_AND_ASSIGN(const v1::Referral replied,
                       referrals_->Reply(National(), ReplyCall(a, "Two")));
  ASSERT_THAT(replied.thread(), SizeIs(2));
  EXPECT_EQ(replied.thread(1).role(), v1::ROLE_NATIONAL);
}

TEST_F(LifecycleWorkTest, AnAnswerFromWaitingEndsTheWait) {
  const v1::TrialRequest request = Submit();
  const v1::Referral a = At("desks/a", request);
  ASSERT_OK(referrals_->Ask(Coordinator("desks/a"), AskCall(a)).status());
  clock_.Advance(absl::Hours(24 * 40));
  ASSERT_OK_AND_ASSIGN(const v1::Referral declined,
                       referrals_->Decline(Coordinator("desks/a"), DeclineCall(a)));
  EXPECT_FALSE(declined.late());
  EXPECT_EQ(declined.waiting_for(), v1::WAITING_FOR_UNSPECIFIED);
  EXPECT_TRUE(declined.waiting_spans(0).has_end_time());
}

}  // namespace
}  // namespace trialgate
