// A referral goes to another contact or desk: who sees it then, and what it keeps.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/access/cda_repository.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_repository.h"
#include "services/notices/notice_repository.h"
#include "services/routing/referral_repository.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::absl_testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class MovesTest : public SmallCountry {
 protected:
  static std::vector<std::string> Faults(const absl::Status& status) {
    std::vector<std::string> faults;
    for (const FieldViolation& fault : FieldViolationsOf(status)) {
      faults.push_back(fault.field + " " + ReasonName(fault.reason));
    }
    return faults;
  }

  v1::HandOverReferralRequest Call(const v1::Referral& referral, const std::string& desk,
                                   const std::string& contact = "") {
    v1::HandOverReferralRequest call;
    call.set_name(referral.name());
    call.set_desk(desk);
    call.set_contact(contact);
    call.set_reason("they know the department");
    call.set_request_id(NewRequestId());
    return call;
  }

  void PutContact(const std::string& name) {
    v1::Contact contact;
    contact.set_name(name);
    Put(directory::Contacts(), contact);
    directory::PersonEdits persons(keys_.get(), directory::PersonEdits::kWrite);
    store::CommitNumber commit = *store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
          work.SetEvent("test");
          storage::v1::PersonFields person;
          person.set_display_name("Somebody");
          return persons.Put(name, person, clock_.Now(), &work).status();
        });
    ASSERT_OK(follower_->WaitUntil(commit, absl::Seconds(30)));
  }

  absl::StatusOr<v1::Referral> Get(const v1::Principal& principal, const std::string& name) {
    v1::GetReferralRequest call;
    call.set_name(name);
    return referrals_->Get(principal, call);
  }

  std::vector<std::string> Inbox(const std::string& desk) {
    v1::ListReferralsRequest call;
    call.set_parent("trialRequests/-");
    call.set_desk(desk);
    const auto page = referrals_->List(Coordinator(desk), call);
    EXPECT_OK(page);
    std::vector<std::string> names;
    for (const auto& referral : page->referrals()) names.push_back(referral.name());
    return names;
  }

  // "KIND recipient" of the notices about a referral.
  std::vector<std::string> NoticesOf(const std::string& subject) {
    std::vector<std::string> told;
    const auto rows = ScanRows(*store_, notices::Notices(), {}, store_->Head());
    EXPECT_OK(rows);
    for (const auto& row : rows->rows) {
      if (row.value.subject() != subject) continue;
      told.push_back(
          absl::StrCat(storage::v1::NoticeKind_Name(row.value.kind()), " ", row.value.recipient()));
    }
    return told;
  }

  v1::AddReferralRequest AddCall(const std::string& request, const std::string& desk,
                                 const std::vector<std::string>& sites) {
    v1::AddReferralRequest call;
    call.set_name(request);
    call.set_desk(desk);
    call.mutable_sites()->Assign(sites.begin(), sites.end());
    call.set_reason("the secretariat knows a unit");
    call.set_request_id(NewRequestId());
    return call;
  }
};

TEST_F(MovesTest, TheOtherDeskSeesItAtOnceAndTheOldOneNoMore) {
  const v1::TrialRequest request = Submit();
  const v1::Referral before = At("desks/a", request);
  const auto moved =
      referrals_->HandOver(Coordinator("desks/a"), Call(before, "desks/secretariat"));
  ASSERT_OK(moved);
  EXPECT_EQ(moved->desk(), "desks/secretariat");
  EXPECT_EQ(moved->contact(), "desks/secretariat/contacts/lead");
  EXPECT_THAT(Get(Coordinator("desks/a"), before.name()), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Inbox("desks/a"), IsEmpty());
  EXPECT_THAT(Inbox("desks/secretariat"), ElementsAre(before.name()));
  v1::GetTrialRequestRequest get;
  get.set_name(request.name());
  EXPECT_THAT(requests_->Get(Coordinator("desks/a"), get), HasReason(v1::ERROR_REASON_NOT_FOUND));
  const auto seen = requests_->Get(Coordinator("desks/secretariat"), get);
  ASSERT_OK(seen);
  EXPECT_THAT(seen->referrals(), ElementsAre(before.name()));
  // The region is informed of what it does not answer.
  EXPECT_THAT(moved->informed_desks(), ElementsAre("desks/a"));
  EXPECT_THAT(NoticesOf(before.name()),
              IsSupersetOf({"NOTICE_KIND_REFERRAL_HANDED_OVER desks/secretariat",
                            "NOTICE_KIND_REFERRAL_HANDED_OVER desks/secretariat/contacts/lead",
                            "NOTICE_KIND_REFERRAL_INFORMED desks/a"}));
}

TEST_F(MovesTest, StateClockAndSitesStayAndTheMoveIsListed) {
  const v1::TrialRequest request = Submit();
  v1::Referral before = At("desks/a", request);
  v1::AcknowledgeReferralRequest acknowledge;
  acknowledge.set_name(before.name());
  acknowledge.set_request_id(NewRequestId());
  ASSERT_OK_AND_ASSIGN(before, referrals_->Acknowledge(Coordinator("desks/a"), acknowledge));
  clock_.Advance(absl::Hours(5));
  ASSERT_OK(referrals_->HandOver(National(), Call(before, "desks/secretariat")));
  ASSERT_OK_AND_ASSIGN(const v1::Referral after, Get(National(), before.name()));
  EXPECT_EQ(after.state(), v1::REFERRAL_STATE_ACKNOWLEDGED);
  for (const auto& [was, is] : {std::pair(before.sent_time(), after.sent_time()),
                                std::pair(before.answer_due_time(), after.answer_due_time()),
                                std::pair(before.acknowledge_time(), after.acknowledge_time())}) {
    EXPECT_EQ(was.seconds(), is.seconds());
  }
  EXPECT_THAT(after.sites(), ElementsAre(before.sites(0), before.sites(1), before.sites(2)));
  ASSERT_THAT(after.moves(), SizeIs(1));
  EXPECT_EQ(after.moves(0).kind(), v1::REFERRAL_MOVE_KIND_HANDED_OVER);
  EXPECT_EQ(after.moves(0).from_desk(), "desks/a");
  EXPECT_EQ(after.moves(0).from_contact(), "desks/a/contacts/lead");
  EXPECT_EQ(after.moves(0).to_desk(), "desks/secretariat");
  EXPECT_EQ(after.moves(0).reason(), "they know the department");
  // Requesters see between which desks, not who and why.
  ASSERT_OK_AND_ASSIGN(const v1::Referral theirs, Get(Requester(), before.name()));
  ASSERT_THAT(theirs.moves(), SizeIs(1));
  EXPECT_EQ(theirs.moves(0).to_desk(), "desks/secretariat");
  EXPECT_EQ(theirs.moves(0).reason(), "");
  EXPECT_EQ(theirs.moves(0).from_contact(), "");
  // The new desk answers for sites of another's region.
  ASSERT_OK(referrals_->Answer(
      Coordinator("desks/secretariat"),
      AnswerCall(after, {Offer("sites/a1")}, {Refusal("sites/a2"), Refusal("sites/a3")})));
  EXPECT_EQ(Held("sites/a1", "2026-06"), 1);
}

TEST_F(MovesTest, AContactOfTheSameDeskTakesIt) {
  PutContact("desks/a/contacts/second");
  const v1::Referral before = At("desks/a", Submit());
  const auto moved =
      referrals_->HandOver(Coordinator("desks/a"), Call(before, "", "desks/a/contacts/second"));
  ASSERT_OK(moved);
  EXPECT_EQ(moved->desk(), "desks/a");
  EXPECT_EQ(moved->contact(), "desks/a/contacts/second");
  EXPECT_THAT(moved->informed_desks(), IsEmpty());
  EXPECT_OK(Get(Coordinator("desks/a"), before.name()));
}

TEST_F(MovesTest, EveryFaultOfAHandOverIsToldAndNothingChanged) {
  const v1::Referral sent = At("desks/a", Submit());
  const store::CommitNumber head = store_->Head();
  v1::HandOverReferralRequest call = Call(sent, "desks/nowhere", "desks/b/contacts/lead");
  call.clear_reason();
  call.clear_request_id();
  EXPECT_THAT(Faults(referrals_->HandOver(Coordinator("desks/a"), call).status()),
              UnorderedElementsAre("desk UNKNOWN_VALUE", "contact UNKNOWN_VALUE", "reason REQUIRED",
                                   "request_id REQUIRED"));
  EXPECT_THAT(Faults(referrals_->HandOver(Coordinator("desks/a"), Call(sent, "")).status()),
              ElementsAre("desk REQUIRED"));
  EXPECT_THAT(Faults(referrals_->HandOver(Coordinator("desks/a"), Call(sent, "desks/a")).status()),
              ElementsAre("contact REQUIRED"));
  EXPECT_THAT(
      Faults(referrals_->HandOver(Coordinator("desks/a"), Call(sent, "", "desks/a/contacts/lead"))
                 .status()),
      ElementsAre("contact CONTRADICTION"));
  EXPECT_THAT(
      Faults(referrals_->HandOver(Coordinator("desks/a"), Call(sent, "", "desks/a/contacts/nobody"))
                 .status()),
      ElementsAre("contact UNKNOWN_VALUE"));
  EXPECT_EQ(store_->Head(), head);
}

TEST_F(MovesTest, AHandOverIsRefusedFromAnotherDeskOfAStaleReferralAndOfAnEndedOne) {
  const v1::Referral sent = At("desks/a", Submit());
  EXPECT_THAT(referrals_->HandOver(Coordinator("desks/b"), Call(sent, "desks/b")),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  v1::HandOverReferralRequest stale = Call(sent, "desks/secretariat");
  stale.set_etag("1");
  EXPECT_THAT(referrals_->HandOver(Coordinator("desks/a"), stale),
              HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/a"), DeclineCall(sent)));
  EXPECT_THAT(referrals_->HandOver(Coordinator("desks/a"), Call(sent, "desks/secretariat")),
              HasReason(v1::ERROR_REASON_WRONG_STATE));
}

TEST_F(MovesTest, ARetryOfAHandOverMovesItOnceAndIsAnsweredThoughTheDeskSeesItNoMore) {
  const v1::Referral sent = At("desks/a", Submit());
  v1::HandOverReferralRequest call = Call(sent, "desks/secretariat");
  const auto first = referrals_->HandOver(Coordinator("desks/a"), call);
  ASSERT_OK(first);
  const auto again = referrals_->HandOver(Coordinator("desks/a"), call);
  ASSERT_OK(again);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_THAT(Get(National(), sent.name())->moves(), SizeIs(1));
  call.set_reason("another");
  EXPECT_THAT(referrals_->HandOver(Coordinator("desks/a"), call),
              HasReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(MovesTest, ADeskIsNotHandedASecondOpenReferralOfARequest) {
  const v1::TrialRequest request = Submit();
  const v1::Referral sent = At("desks/a", request);
  const auto refused = referrals_->HandOver(Coordinator("desks/a"), Call(sent, "desks/b"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_DESK_HAS_REFERRAL));
  // Which one is not for a desk to know.
  EXPECT_EQ(MetadataOf(refused.status()).count("referral"), 0);
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  EXPECT_OK(referrals_->HandOver(Coordinator("desks/a"), Call(sent, "desks/b")));
}

TEST_F(MovesTest, ABlindedRequestStaysBlindedForTheNewDeskAndTheReasonMustNotTell) {
  v1::TrialRequest trial = Trial();
  trial.set_confidentiality(v1::CONFIDENTIALITY_BLINDED);
  trial.set_blinded_title("A blinded trial");
  const v1::TrialRequest request = Submit(trial);
  v1::Cda cda;
  cda.set_name("cdas/1");
  cda.set_sponsor("organizations/acme");
  cda.set_desk("desks/a");
  cda.set_effective_date("2026-03-01");
  Put(access::Cdas(), cda);
  const v1::Referral sent = At("desks/a", request);
  v1::HandOverReferralRequest telling = Call(sent, "desks/secretariat");
  telling.set_reason("Acme asks again");
  EXPECT_THAT(Faults(referrals_->HandOver(Coordinator("desks/a"), telling).status()),
              ElementsAre("reason REVEALS_IDENTITY"));
  ASSERT_OK(referrals_->HandOver(Coordinator("desks/a"), Call(sent, "desks/secretariat")));
  v1::GetTrialRequestRequest get;
  get.set_name(request.name());
  const auto seen = requests_->Get(Coordinator("desks/secretariat"), get);
  ASSERT_OK(seen);
  EXPECT_EQ(seen->title(), "");
  EXPECT_EQ(seen->requester(), "");
  // A desk that may not know who asks is not told by a refusal.
  v1::HandOverReferralRequest guess = Call(sent, "desks/a");
  guess.set_reason("Acme?");
  EXPECT_OK(referrals_->HandOver(Coordinator("desks/secretariat"), guess));
}

TEST_F(MovesTest, AFurtherDeskIsAskedWithAClockOfItsOwn) {
  const v1::TrialRequest request = Submit();
  clock_.Advance(absl::Hours(24));
  const auto added = requests_->AddReferral(
      National(), AddCall(request.name(), "desks/secretariat", {"sites/b1", "sites/a3"}));
  ASSERT_OK(added);
  const v1::Referral& referral = added->referral();
  EXPECT_TRUE(referral.added());
  EXPECT_EQ(referral.add_reason(), "the secretariat knows a unit");
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_SENT);
  EXPECT_EQ(referral.contact(), "desks/secretariat/contacts/lead");
  EXPECT_THAT(referral.sites(), ElementsAre("sites/b1", "sites/a3"));
  EXPECT_THAT(referral.informed_desks(), ElementsAre("desks/a", "desks/b"));
  EXPECT_EQ(Stored(request.name()).answer_due_time().seconds(),
            referral.answer_due_time().seconds());
  EXPECT_GT(referral.answer_due_time().seconds(), request.answer_due_time().seconds());
  EXPECT_THAT(Inbox("desks/secretariat"), ElementsAre(referral.name()));
  ASSERT_OK_AND_ASSIGN(const v1::Referral theirs, Get(Requester(), referral.name()));
  EXPECT_TRUE(theirs.added());
  EXPECT_EQ(theirs.add_reason(), "");
}

TEST_F(MovesTest, AnAnsweredRequestIsRoutedAgainAndItsNextAnswerIsTheNextVersion) {
  const v1::TrialRequest request = Submit();
  ASSERT_OK(referrals_->Decline(Coordinator("desks/a"), DeclineCall(At("desks/a", request))));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  ASSERT_EQ(Stored(request.name()).state(), v1::TRIAL_REQUEST_STATE_ANSWERED);
  const auto added = requests_->AddReferral(
      National(), AddCall(request.name(), "desks/secretariat", {"sites/a3"}));
  ASSERT_OK(added);
  EXPECT_EQ(added->trial_request().state(), v1::TRIAL_REQUEST_STATE_ROUTED);
  EXPECT_EQ(added->trial_request().answer_version(), 1);
  ASSERT_OK(referrals_->Decline(Coordinator("desks/secretariat"), DeclineCall(added->referral())));
  EXPECT_EQ(Stored(request.name()).state(), v1::TRIAL_REQUEST_STATE_ANSWERED);
  EXPECT_EQ(Stored(request.name()).answer_version(), 2);
}

TEST_F(MovesTest, EveryFaultOfAnAddedReferralIsToldAndARetryAddsOne) {
  const v1::TrialRequest request = Submit();
  const store::CommitNumber head = store_->Head();
  v1::AddReferralRequest call = AddCall(request.name(), "desks/nowhere", {"sites/none"});
  call.clear_reason();
  call.clear_request_id();
  EXPECT_THAT(Faults(requests_->AddReferral(National(), call).status()),
              UnorderedElementsAre("desk UNKNOWN_VALUE", "sites[0] UNKNOWN_VALUE",
                                   "reason REQUIRED", "request_id REQUIRED"));
  const auto there =
      requests_->AddReferral(National(), AddCall(request.name(), "desks/a", {"sites/a3"}));
  EXPECT_THAT(there, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(MetadataOf(there.status()).at("referral"), At("desks/a", request).name());
  v1::AddReferralRequest stale = AddCall(request.name(), "desks/secretariat", {"sites/a3"});
  stale.set_etag("1");
  EXPECT_THAT(requests_->AddReferral(National(), stale), HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
  v1::AddReferralRequest check = AddCall(request.name(), "desks/secretariat", {"sites/a3"});
  check.set_validate_only(true);
  const auto checked = requests_->AddReferral(National(), check);
  ASSERT_OK(checked);
  EXPECT_EQ(checked->referral().name(), "");
  EXPECT_EQ(store_->Head(), head);
  const v1::AddReferralRequest good = AddCall(request.name(), "desks/secretariat", {"sites/a3"});
  ASSERT_OK_AND_ASSIGN(const auto first, requests_->AddReferral(National(), good));
  ASSERT_OK_AND_ASSIGN(const auto again, requests_->AddReferral(National(), good));
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_THAT(Stored(request.name()).referrals(), SizeIs(3));
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(request.name())));
  EXPECT_THAT(
      requests_->AddReferral(National(), AddCall(request.name(), "desks/ideas", {"sites/a3"})),
      HasReason(v1::ERROR_REASON_WRONG_STATE));
}

}  // namespace
}  // namespace trialgate
