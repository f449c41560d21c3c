// Who sees what.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "common/base/status_macros.h"
#include "common/store/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feasibility/feasibility_app.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class SeenTest : public SmallCountry {
 protected:
  v1::TrialRequest Blinded() {
    v1::TrialRequest trial = Trial();
    trial.set_confidentiality(v1::CONFIDENTIALITY_BLINDED);
    trial.set_blinded_title("A blinded trial");
    trial.set_synopsis("all of it");
    trial.add_sites_already_contacted("sites/a3");
    trial.add_sites_already_contacted("sites/b1");
    return trial;
  }

  v1::TrialRequest Get(const v1::Principal& principal, const std::string& name) {
    v1::GetTrialRequestRequest call;
    call.set_name(name);
    const auto seen = requests_->Get(principal, call);
    EXPECT_OK(seen);
    return seen.value_or(v1::TrialRequest());
  }

  // Names on all pages of two.
  std::vector<std::string> ListAll(
      const v1::Principal& principal,
      v1::TrialRequestState state = v1::TRIAL_REQUEST_STATE_UNSPECIFIED) {
    std::vector<std::string> names;
    v1::ListTrialRequestsRequest call;
    call.set_page_size(2);
    call.set_state(state);
    do {
      const auto page = requests_->List(principal, call);
      EXPECT_OK(page);
      if (!page.ok()) break;
      EXPECT_LE(page->trial_requests_size(), 2);
      for (const auto& request : page->trial_requests()) names.push_back(request.name());
      call.set_page_token(page->next_page_token());
    } while (!call.page_token().empty());
    return names;
  }

  v1::ListReferralsResponse Inbox(const std::string& desk, int page_size = 0,
                                  const std::string& token = "") {
    v1::ListReferralsRequest call;
    call.set_parent("trialRequests/-");
    call.set_desk(desk);
    call.set_page_size(page_size);
    call.set_page_token(token);
    const auto page = referrals_->List(Coordinator(desk), call);
    EXPECT_OK(page);
    return page.value_or(v1::ListReferralsResponse());
  }
};

TEST_F(SeenTest, AnotherOrganizationsResourcesDoNotExist) {
  const v1::TrialRequest request = Submit();
  const v1::Principal other = Requester("organizations/other");
  v1::GetTrialRequestRequest get;
  get.set_name(request.name());
  const auto hidden = requests_->Get(other, get);
  EXPECT_THAT(hidden, HasReason(v1::ERROR_REASON_NOT_FOUND));
  get.set_name("trialRequests/none");
  const auto absent = requests_->Get(other, get);
  EXPECT_THAT(absent, HasReason(v1::ERROR_REASON_NOT_FOUND));
  v1::GetReferralRequest referral;
  referral.set_name(request.referrals(0));
  EXPECT_THAT(referrals_->Get(other, referral), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_OK(referrals_->Get(Requester(), referral));
  v1::ListReferralsRequest list;
  list.set_parent(request.name());
  EXPECT_THAT(referrals_->List(other, list), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(requests_->Withdraw(other, WithdrawCall(request.name())),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  v1::GetCollatedAnswerRequest answer;
  answer.set_name(request.name());
  EXPECT_THAT(requests_->GetAnswer(other, answer), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(requests_->GetAnswer(Requester(), answer), HasReason(v1::ERROR_REASON_NOT_FOUND));
}

TEST_F(SeenTest, ADeskSeesItsOwnReferralsOnly) {
  const v1::TrialRequest request = Submit();
  v1::GetReferralRequest get;
  get.set_name(At("desks/b", request).name());
  EXPECT_THAT(referrals_->Get(Coordinator("desks/a"), get), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(referrals_->Decline(Coordinator("desks/a"), DeclineCall(At("desks/b", request))),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  v1::ListReferralsRequest list;
  list.set_parent(request.name());
  const auto own = referrals_->List(Coordinator("desks/a"), list);
  ASSERT_OK(own);
  ASSERT_THAT(own->referrals(), SizeIs(1));
  EXPECT_EQ(own->referrals(0).desk(), "desks/a");
  list.set_parent("trialRequests/-");
  list.set_desk("desks/b");
  EXPECT_THAT(referrals_->List(Coordinator("desks/a"), list),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(Coordinator("desks/a"), request.name()).referrals(),
              ElementsAre(At("desks/a", request).name()));
}

TEST_F(SeenTest, TheAnswerKeptForOneDeskIsNotRepeatedToAnother) {
  const v1::TrialRequest request = Submit();
  const v1::DeclineReferralRequest call = DeclineCall(At("desks/a", request));
  v1::Principal carl = Coordinator("desks/a");
  carl.set_subject("carl");
  ASSERT_OK(referrals_->Decline(carl, call));
  EXPECT_OK(referrals_->Decline(carl, call));
  v1::Principal elsewhere = Coordinator("desks/b");
  elsewhere.set_subject("carl");
  EXPECT_THAT(referrals_->Decline(elsewhere, call), HasReason(v1::ERROR_REASON_NOT_FOUND));
}

TEST_F(SeenTest, ADeskWithoutAReferralDoesNotSeeTheRequest) {
  const v1::TrialRequest request = Submit();
  v1::GetTrialRequestRequest get;
  get.set_name(request.name());
  EXPECT_THAT(requests_->Get(Coordinator("desks/ideas"), get),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(ListAll(Coordinator("desks/ideas")), IsEmpty());
}

TEST_F(SeenTest, OfABlindedRequestADeskSeesTheBlindedTextsAndItsOwnSites) {
  const v1::TrialRequest request = Submit(Blinded());
  const v1::TrialRequest seen = Get(Coordinator("desks/a"), request.name());
  EXPECT_EQ(seen.blinded_title(), "A blinded trial");
  EXPECT_EQ(seen.title(), "");
  EXPECT_EQ(seen.requester(), "");
  EXPECT_EQ(seen.synopsis(), "");
  EXPECT_FALSE(seen.has_contact());
  EXPECT_THAT(seen.sites_already_contacted(), ElementsAre("sites/a3"));
  EXPECT_EQ(seen.recruitment_months(), 12);
  EXPECT_EQ(At("desks/a", request).title(), "A blinded trial");
  EXPECT_EQ(Get(Requester(), request.name()).title(), "A trial");
  EXPECT_EQ(Get(National(), request.name()).title(), "A trial");
  ASSERT_OK_AND_ASSIGN(const auto report,
                       requests_->ReportSeenBy(Coordinator("desks/a"), request.name()));
  EXPECT_THAT(report.desks, testing::Optional(ElementsAre("desks/a")));
  ASSERT_NE(report.is_own_site, nullptr);
  EXPECT_TRUE(report.is_own_site("sites/a3"));
  EXPECT_FALSE(report.is_own_site("sites/b1"));
  ASSERT_OK_AND_ASSIGN(const auto own, requests_->ReportSeenBy(Requester(), request.name()));
  EXPECT_EQ(own.desks, std::nullopt);
  EXPECT_EQ(own.is_own_site, nullptr);
}

TEST_F(SeenTest, RequestsAreListedNewestFirstOverPages) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 5; ++i) {
    newest_first.insert(newest_first.begin(), Submit().name());
    clock_.Advance(absl::Minutes(1));
  }
  v1::TrialRequest others = Trial();
  others.set_requester("organizations/other");
  const std::string other = Submit(others).name();
  EXPECT_EQ(ListAll(Requester()), newest_first);
  EXPECT_THAT(ListAll(Requester("organizations/other")), ElementsAre(other));
  newest_first.insert(newest_first.begin(), other);
  EXPECT_EQ(ListAll(National()), newest_first);
  EXPECT_EQ(ListAll(Coordinator("desks/a")), newest_first);
  v1::Principal both = Coordinator("desks/a");
  both.add_desks("desks/b");
  EXPECT_EQ(ListAll(both), newest_first);
}

TEST_F(SeenTest, RequestsAreListedByState) {
  const std::string routed = Submit().name();
  clock_.Advance(absl::Minutes(1));
  const std::string withdrawn = Submit().name();
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(withdrawn)));
  for (const v1::Principal& principal : {Requester(), National(), Coordinator("desks/a")}) {
    EXPECT_THAT(ListAll(principal, v1::TRIAL_REQUEST_STATE_ROUTED), ElementsAre(routed));
    EXPECT_THAT(ListAll(principal, v1::TRIAL_REQUEST_STATE_WITHDRAWN), ElementsAre(withdrawn));
    EXPECT_THAT(ListAll(principal, v1::TRIAL_REQUEST_STATE_CLOSED), IsEmpty());
  }
}

TEST_F(SeenTest, TheInboxShowsOpenReferralsThoseDueFirstFirst) {
  v1::TrialRequest slow = Trial();
  slow.set_urgency(v1::URGENCY_RARE_DISEASE);
  v1::TrialRequest fast = Trial();
  fast.set_urgency(v1::URGENCY_EXPEDITED);
  const v1::TrialRequest last = Submit(slow);
  const v1::TrialRequest middle = Submit();
  const v1::TrialRequest first = Submit(fast);
  const v1::TrialRequest gone = Submit(fast);
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", gone))));
  const v1::ListReferralsResponse page = Inbox("desks/b", 2);
  ASSERT_THAT(page.referrals(), SizeIs(2));
  EXPECT_EQ(page.referrals(0).name(), At("desks/b", first).name());
  EXPECT_EQ(page.referrals(1).name(), At("desks/b", middle).name());
  EXPECT_EQ(page.referrals(0).etag(), At("desks/b", first).etag());
  const v1::ListReferralsResponse rest = Inbox("desks/b", 2, page.next_page_token());
  ASSERT_THAT(rest.referrals(), SizeIs(1));
  EXPECT_EQ(rest.referrals(0).name(), At("desks/b", last).name());
  EXPECT_EQ(rest.next_page_token(), "");

  v1::ListReferralsRequest declined;
  declined.set_parent("trialRequests/-");
  declined.set_desk("desks/b");
  declined.add_states(v1::REFERRAL_STATE_DECLINED);
  const auto ended = referrals_->List(Coordinator("desks/b"), declined);
  ASSERT_OK(ended);
  ASSERT_THAT(ended->referrals(), SizeIs(1));
  EXPECT_EQ(ended->referrals(0).name(), At("desks/b", gone).name());
}

TEST_F(SeenTest, PagesShowTheStateOfTheFirst) {
  Submit();
  Submit();
  const v1::ListReferralsResponse page = Inbox("desks/b", 1);
  ASSERT_THAT(page.referrals(), SizeIs(1));
  Submit();
  const v1::ListReferralsResponse rest = Inbox("desks/b", 10, page.next_page_token());
  EXPECT_THAT(rest.referrals(), SizeIs(1));
}

TEST_F(SeenTest, APageTokenOfAnotherQueryIsRefused) {
  Submit();
  Submit();
  v1::ListTrialRequestsRequest call;
  call.set_page_size(1);
  const auto page = requests_->List(Requester(), call);
  ASSERT_OK(page);
  call.set_page_token(page->next_page_token());
  EXPECT_THAT(requests_->List(National(), call), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
  call.set_page_size(-1);
  EXPECT_THAT(requests_->List(Requester(), call), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
}

TEST_F(SeenTest, APageTokenOfACommitThatTheStoreNeverMadeIsRefused) {
  Submit();
  Submit();
  v1::ListTrialRequestsRequest list;
  list.set_page_size(1);
  const auto page = requests_->List(Requester(), list);
  ASSERT_OK(page);
  list.set_page_token(page->next_page_token());
  v1::ListReferralsRequest inbox;
  inbox.set_parent("trialRequests/-");
  inbox.set_desk("desks/b");
  inbox.set_page_token(Inbox("desks/b", 1).next_page_token());
  // As after an older folder was restored.
  const std::unique_ptr<store::Store> older = store::NewMemoryStore();
  intake::TrialRequestApp requests(older.get(), &world_, keys_.get(), &clock_, &ids_, {});
  const routing::ReferralApp referrals(older.get(), &directory_, &collation_, keys_.get(), &clock_,
                                       &ids_);
  EXPECT_THAT(requests.List(Requester(), list), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
  EXPECT_THAT(referrals.List(Coordinator("desks/b"), inbox),
              HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
}

TEST_F(SeenTest, BeforeThereIsAnAnswerWhoMaySeeTheRequestIsToldSo) {
  const v1::TrialRequest request = Submit();
  v1::GetCollatedAnswerRequest call;
  call.set_name(request.name());
  const auto told = [&](const v1::Principal& principal) {
    const absl::Status status = requests_->GetAnswer(principal, call).status();
    EXPECT_THAT(status, HasReason(v1::ERROR_REASON_NOT_FOUND));
    return std::string(status.message());
  };
  EXPECT_EQ(told(Requester()), request.name() + " is not answered yet: desks are still asked");
  const std::string hidden = told(Requester("organizations/other"));
  EXPECT_EQ(hidden, "\"" + request.name() + "\" does not exist, or is not yours to see");
  ASSERT_OK(requests_->Withdraw(Requester(), WithdrawCall(request.name())));
  EXPECT_EQ(told(Requester()), request.name() + " ended before it was answered");
  call.set_name(request.name() + "/answers/7");
  EXPECT_EQ(told(Requester()), request.name() + " ended before it was answered");
}

TEST_F(SeenTest, RequestersLearnOfCapacityOnlyAsMetOrNot) {
  SetSlots("sites/a1", 0);
  const auto requester = requests_->Submit(Requester(), SubmitCall(Trial()));
  ASSERT_OK(requester);
  ASSERT_THAT(requester->report().near_misses(), SizeIs(1));
  EXPECT_THAT(requester->report().near_misses(0).missing(), IsEmpty());
  const auto national = requests_->Submit(National(), SubmitCall(Trial()));
  ASSERT_OK(national);
  EXPECT_THAT(national->report().near_misses(0).missing(), SizeIs(12));
}

TEST_F(SeenTest, RequestersAreNotToldInWhichMonthsASelectedSiteIsFull) {
  const v1::TrialRequest request = Submit();
  ASSERT_OK(referrals_->Answer(
      Coordinator("desks/a"),
      AnswerCall(At("desks/a", request), {Offer("sites/a1", v1::OFFER_FIRMNESS_TENTATIVE)},
                 {Refusal("sites/a2"), Refusal("sites/a3")})));
  ASSERT_OK(referrals_->Decline(Coordinator("desks/b"), DeclineCall(At("desks/b", request))));
  SetSlots("sites/a1", 0);
  const v1::ConfirmTrialRequestRequest call = ConfirmCall(request.name(), {"sites/a1"});
  // Everything that is sent, its details included.
  const auto said = [&](const v1::Principal& principal) {
    const absl::Status refused = requests_->Confirm(principal, call).status();
    EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_NO_FREE_SLOT));
    EXPECT_EQ(MetadataOf(refused)["sites"], "sites/a1");
    std::string all(refused.message());
    refused.ForEachPayload(
        [&](absl::string_view, const absl::Cord& details) { all += std::string(details); });
    return all;
  };
  EXPECT_THAT(said(Requester()), Not(HasSubstr("202")));
  EXPECT_THAT(said(National()), HasSubstr("2027-05"));
}

TEST_F(SeenTest, AStoredReportCarriesTheNamesOfContacts) {
  const v1::TrialRequest request = Submit();
  const auto access = [&](const v1::Principal& principal, const std::string& name) {
    return requests_->ReportSeenBy(principal, name);
  };
  const feasibility::FeasibilityApp reports(store_.get(), &directory_, &sites_, &clock_, access,
                                            nullptr);
  v1::GetFeasibilityReportRequest call;
  call.set_name(request.name());
  for (const v1::Principal& principal : {National(), Requester()}) {
    const auto report = reports.GetReport(principal, call);
    ASSERT_OK(report);
    ASSERT_THAT(report->referrals(), SizeIs(2));
    EXPECT_EQ(report->referrals(0).contact_display_name(), "Lead a");
    EXPECT_EQ(report->referrals(1).contact_display_name(), "Lead b");
  }
  ASSERT_OK_AND_ASSIGN(const auto seen, reports.GetReport(Coordinator("desks/b"), call));
  ASSERT_THAT(seen.referrals(), SizeIs(1)) << "of other desks nothing is told";
  EXPECT_EQ(seen.referrals(0).contact_display_name(), "Lead b");
}

}  // namespace
}  // namespace trialgate
