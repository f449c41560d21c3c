// Desks and regions are ended: what is refused, and what moves with the change.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/access/cda_repository.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_repository.h"
#include "services/directory/ending_app.h"
#include "services/directory/pack_of.h"
#include "services/routing/succession_app.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class EndingTest : public SmallCountry {
 protected:
  EndingTest()
      : succession_(&collation_), app_(store_.get(), &directory_, &succession_, &clock_, &ids_) {}

  // It is 2026-03-05.
  v1::EndDeskRequest DeskCall(const std::string& desk, const std::string& last_day,
                              const std::string& successor = "") {
    v1::EndDeskRequest call;
    call.set_name(desk);
    call.set_last_day(last_day);
    call.set_successor(successor);
    call.set_reason("merged");
    call.set_request_id(NewRequestId());
    return call;
  }

  v1::EndRegionRequest RegionCall(const std::string& region, const std::string& last_day,
                                  const std::string& successor = "") {
    v1::EndRegionRequest call;
    call.set_name(region);
    call.set_last_day(last_day);
    call.set_successor(successor);
    call.set_reason("merged");
    call.set_request_id(NewRequestId());
    return call;
  }

  // "b" answers for region a, too.
  void LetBAnswerForA() {
    v1::Desk desk = *directory_.Snapshot()->FindDesk("desks/b");
    desk.add_regions("regions/a");
    Put(directory::Desks(), desk);
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

  static std::vector<std::string> Faults(const absl::Status& status) {
    std::vector<std::string> faults;
    for (const FieldViolation& fault : FieldViolationsOf(status)) {
      faults.push_back(fault.field + " " + ReasonName(fault.reason));
    }
    return faults;
  }

  routing::Succession succession_;
  directory::EndingApp app_;
};

TEST_F(EndingTest, ADeskThatHasEndedHandsOnItsReferralsInTheSameCommit) {
  LetBAnswerForA();
  const v1::TrialRequest request = Submit();
  const std::string at_a = At("desks/a", request).name();
  const auto ended = app_.EndDesk(National(), DeskCall("desks/a", "2026-03-04", "desks/b"));
  ASSERT_OK(ended);
  EXPECT_EQ(ended->desk().valid_to(), "2026-03-04");
  EXPECT_EQ(ended->desk().successor(), "desks/b");
  EXPECT_EQ(ended->desk().etag(), absl::StrCat(store_->Head()));
  EXPECT_EQ(ended->summary().moved_referrals(), 1);
  EXPECT_EQ(ended->summary().waiting_referrals(), 0);
  EXPECT_THAT(Inbox("desks/a"), IsEmpty());
  EXPECT_THAT(Inbox("desks/b"), SizeIs(2));
  const auto feed = store_->ReadFeed(store_->Head(), 1);
  v1::AuditEvent event;
  ASSERT_TRUE(event.ParseFromString(feed->front().event()));
  EXPECT_EQ(event.action(), "EndDesk");
  std::vector<std::string> changed;
  for (const auto& change : event.changes()) changed.push_back(change.name());
  EXPECT_THAT(changed, UnorderedElementsAre("desks/a", at_a));
}

TEST_F(EndingTest, ADeskThatEndsLaterKeepsItsReferralsUntilThenAndTheyAreCounted) {
  LetBAnswerForA();
  v1::TrialRequest trial = Trial();
  trial.set_confidentiality(v1::CONFIDENTIALITY_BLINDED);
  trial.set_blinded_title("A blinded trial");
  Submit(trial);
  Submit();
  const auto ended = app_.EndDesk(National(), DeskCall("desks/a", "2026-03-20", "desks/b"));
  ASSERT_OK(ended);
  EXPECT_EQ(ended->summary().moved_referrals(), 0);
  EXPECT_EQ(ended->summary().waiting_referrals(), 2);
  EXPECT_EQ(ended->summary().referrals_without_cda(), 1);
  EXPECT_THAT(Inbox("desks/a"), SizeIs(2));
}

TEST_F(EndingTest, ACdaOfTheSuccessorCounts) {
  LetBAnswerForA();
  v1::TrialRequest trial = Trial();
  trial.set_confidentiality(v1::CONFIDENTIALITY_BLINDED);
  trial.set_blinded_title("A blinded trial");
  Submit(trial);
  v1::Cda cda;
  cda.set_name("cdas/1");
  cda.set_sponsor("organizations/acme");
  cda.set_desk("desks/b");
  cda.set_effective_date("2026-03-01");
  Put(access::Cdas(), cda);
  const auto ended = app_.EndDesk(National(), DeskCall("desks/a", "2026-03-04", "desks/b"));
  ASSERT_OK(ended);
  EXPECT_EQ(ended->summary().referrals_without_cda(), 0);
}

TEST_F(EndingTest, WhatIsStillNeededDoesNotEnd) {
  EXPECT_THAT(app_.EndDesk(National(), DeskCall("desks/secretariat", "2026-03-31", "desks/a")),
              HasReason(v1::ERROR_REASON_STILL_NEEDED));
  // Its region would have no desk.
  EXPECT_THAT(app_.EndDesk(National(), DeskCall("desks/a", "2026-03-31", "desks/b")),
              HasReason(v1::ERROR_REASON_STILL_NEEDED));
  LetBAnswerForA();
  Submit();
  const auto without = app_.EndDesk(National(), DeskCall("desks/a", "2026-03-31"));
  EXPECT_THAT(without, HasReason(v1::ERROR_REASON_STILL_NEEDED));
  EXPECT_EQ(MetadataOf(without.status()).at("open_referrals"), "1");
  const auto region = app_.EndRegion(National(), RegionCall("regions/a", "2026-03-31"));
  EXPECT_THAT(region, HasReason(v1::ERROR_REASON_STILL_NEEDED));
  EXPECT_EQ(MetadataOf(region.status()).at("sites"), "3");
  // An idea clinic with nothing open is nobody's loss.
  EXPECT_OK(app_.EndDesk(National(), DeskCall("desks/ideas", "2026-03-31")));
}

TEST_F(EndingTest, ARegionThatHasEndedHandsItsDesksReferralsToTheSuccessors) {
  const v1::TrialRequest request = Submit();
  const auto ended = app_.EndRegion(National(), RegionCall("regions/a", "2026-03-04", "regions/b"));
  ASSERT_OK(ended);
  EXPECT_EQ(ended->region().successor(), "regions/b");
  EXPECT_EQ(ended->summary().moved_referrals(), 1);
  EXPECT_THAT(Inbox("desks/a"), IsEmpty());
  EXPECT_THAT(Inbox("desks/b"), SizeIs(2));
  // A request that comes now asks the successor's desk alone.
  const v1::TrialRequest next = Submit();
  EXPECT_THAT(next.referrals(), SizeIs(1));
}

TEST_F(EndingTest, ARegionThatEndsLaterCountsWhatWaits) {
  Submit();
  const auto ended = app_.EndRegion(National(), RegionCall("regions/a", "2026-03-31", "regions/b"));
  ASSERT_OK(ended);
  EXPECT_EQ(ended->summary().moved_referrals(), 0);
  EXPECT_EQ(ended->summary().waiting_referrals(), 1);
}

TEST_F(EndingTest, EveryFaultIsToldAndNothingChanged) {
  LetBAnswerForA();
  const store::CommitNumber head = store_->Head();
  v1::EndDeskRequest call = DeskCall("desks/a", "2026-03-03", "desks/nowhere");
  call.clear_reason();
  call.clear_request_id();
  EXPECT_THAT(Faults(app_.EndDesk(National(), call).status()),
              UnorderedElementsAre("last_day OUT_OF_RANGE", "successor UNKNOWN_VALUE",
                                   "reason REQUIRED", "request_id REQUIRED"));
  EXPECT_THAT(Faults(app_.EndDesk(National(), DeskCall("desks/a", "soon", "desks/a")).status()),
              UnorderedElementsAre("last_day INVALID_FORMAT", "successor SUCCESSOR_CYCLE"));
  EXPECT_THAT(Faults(app_.EndRegion(National(), RegionCall("regions/a", "", "regions/c")).status()),
              UnorderedElementsAre("last_day REQUIRED", "successor UNKNOWN_VALUE"));
  EXPECT_THAT(app_.EndDesk(National(), DeskCall("desks/none", "2026-03-31")),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  v1::EndDeskRequest stale = DeskCall("desks/a", "2026-03-31", "desks/b");
  stale.set_etag("1");
  EXPECT_THAT(app_.EndDesk(National(), stale), HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
  v1::EndDeskRequest check = DeskCall("desks/a", "2026-03-31", "desks/b");
  check.set_validate_only(true);
  EXPECT_OK(app_.EndDesk(National(), check));
  EXPECT_EQ(store_->Head(), head);
}

TEST_F(EndingTest, ARetryIsAnsweredAsTheFirstTimeAndAnotherEndRefused) {
  LetBAnswerForA();
  const v1::EndDeskRequest call = DeskCall("desks/a", "2026-03-04", "desks/b");
  const auto first = app_.EndDesk(National(), call);
  ASSERT_OK(first);
  const auto again = app_.EndDesk(National(), call);
  ASSERT_OK(again);
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_THAT(app_.EndDesk(National(), DeskCall("desks/a", "2026-03-31", "desks/b")),
              HasReason(v1::ERROR_REASON_WRONG_STATE));
}

}  // namespace
}  // namespace trialgate
