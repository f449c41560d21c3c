// A desk ends: its open referrals go on at the successor's.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/succession_app.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class SuccessionTest : public SmallCountry {
 protected:
  SuccessionTest()
      : succession_(&collation_), job_(store_.get(), &directory_, &succession_, &clock_, &ids_) {}

  // `regions/{id}` and `desks/{id}` end on 2026-03-09; those of "c" follow.
  void EndLater(const std::vector<std::string>& ids) {
    v1::Region region;
    region.set_name("regions/c");
    region.set_valid_from("2026-03-10");
    Put(directory::Regions(), region);
    v1::Desk desk = *directory_.Snapshot()->FindDesk("desks/a");
    desk.set_name("desks/c");
    desk.set_valid_from("2026-03-10");
    desk.clear_lead();
    desk.clear_regions();
    desk.add_regions("regions/c");
    Put(directory::Desks(), desk);
    for (const std::string& id : ids) {
      v1::Region ended;
      ended.set_name(absl::StrCat("regions/", id));
      ended.set_valid_to("2026-03-09");
      ended.set_successor("regions/c");
      Put(directory::Regions(), ended);
      v1::Desk old = *directory_.Snapshot()->FindDesk(absl::StrCat("desks/", id));
      old.set_valid_to("2026-03-09");
      old.set_successor("desks/c");
      Put(directory::Desks(), old);
    }
  }

  int RunOnce() {
    const auto moved = job_.RunOnce();
    EXPECT_OK(moved);
    return moved.value_or(-1);
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

  routing::Succession succession_;
  routing::SuccessionJob job_;
};

TEST_F(SuccessionTest, NothingMovesBeforeTheLastDayIsOverAndAllOnceItIs) {
  EndLater({"a", "b"});
  const v1::TrialRequest request = Submit();
  const std::string at_a = At("desks/a", request).name();
  const std::string at_b = At("desks/b", request).name();
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 9, 23, 59, 59), absl::FixedTimeZone(3600)));
  EXPECT_EQ(RunOnce(), 0);
  EXPECT_THAT(Inbox("desks/a"), ElementsAre(at_a));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(RunOnce(), 2);
  EXPECT_THAT(Inbox("desks/a"), IsEmpty());
  EXPECT_THAT(Inbox("desks/b"), IsEmpty());
  // Two of one request stay two.
  EXPECT_THAT(Inbox("desks/c"), UnorderedElementsAre(at_a, at_b));
  const store::CommitNumber head = store_->Head();
  EXPECT_EQ(RunOnce(), 0);
  EXPECT_EQ(store_->Head(), head);
}

TEST_F(SuccessionTest, AReferralKeepsClockSitesAndStateAndListsTheMove) {
  EndLater({"a"});
  const v1::TrialRequest request = Submit();
  const v1::Referral before = At("desks/a", request);
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 10, 8, 0, 0), absl::UTCTimeZone()));
  ASSERT_EQ(RunOnce(), 1);
  const v1::Referral after = At("desks/c", request);
  EXPECT_EQ(after.name(), before.name());
  EXPECT_EQ(after.answer_due_time().seconds(), before.answer_due_time().seconds());
  EXPECT_EQ(after.sites_size(), before.sites_size());
  // Nobody is at the new desk yet: the secretariat's is asked, as at routing.
  EXPECT_EQ(after.contact(), "desks/secretariat/contacts/lead");
  ASSERT_THAT(after.moves(), SizeIs(1));
  EXPECT_EQ(after.moves(0).kind(), v1::REFERRAL_MOVE_KIND_SUCCEEDED);
  EXPECT_EQ(after.moves(0).from_desk(), "desks/a");
  const auto feed = store_->ReadFeed(store_->Head(), 1);
  ASSERT_OK(feed);
  v1::AuditEvent event;
  ASSERT_TRUE(event.ParseFromString(feed->front().event()));
  EXPECT_EQ(event.action(), "MoveReferrals");
  EXPECT_EQ(event.principal().role(), v1::ROLE_PROGRAM);
  EXPECT_THAT(event.reason(), HasSubstr("desks/a ended; desks/c takes over"));
  ASSERT_OK(referrals_->Answer(
      Coordinator("desks/c"),
      AnswerCall(after, {Offer("sites/a1")}, {Refusal("sites/a2"), Refusal("sites/a3")})));
}

TEST_F(SuccessionTest, ARequestWithTwoReferralsAtTheSuccessorIsListedOnceAndHidesNoOther) {
  EndLater({"a", "b"});
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Minutes(1));
    names.insert(names.begin(), Submit().name());
  }
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 10, 8, 0, 0), absl::UTCTimeZone()));
  ASSERT_EQ(RunOnce(), 6);
  for (const int size : {1, 2, 3, 50}) {
    std::vector<std::string> listed;
    v1::ListTrialRequestsRequest call;
    call.set_page_size(size);
    do {
      const auto page = requests_->List(Coordinator("desks/c"), call);
      ASSERT_OK(page);
      for (const auto& request : page->trial_requests()) listed.push_back(request.name());
      call.set_page_token(page->next_page_token());
    } while (!call.page_token().empty());
    EXPECT_EQ(listed, names) << size;
  }
}

TEST_F(SuccessionTest, AnsweredReferralsStayWhereTheyWereAnswered) {
  EndLater({"a"});
  const v1::TrialRequest request = Submit();
  const v1::Referral sent = At("desks/a", request);
  ASSERT_OK(referrals_->Decline(Coordinator("desks/a"), DeclineCall(sent)));
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 10, 8, 0, 0), absl::UTCTimeZone()));
  EXPECT_EQ(RunOnce(), 0);
  EXPECT_EQ(At("desks/a", request).name(), sent.name());
}

TEST_F(SuccessionTest, ADeskWithoutSuccessorKeepsWhatItHas) {
  v1::Desk desk = *directory_.Snapshot()->FindDesk("desks/a");
  desk.set_valid_to("2026-03-09");
  const v1::TrialRequest request = Submit();
  Put(directory::Desks(), desk);
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 10, 8, 0, 0), absl::UTCTimeZone()));
  EXPECT_EQ(RunOnce(), 0);
  EXPECT_THAT(Inbox("desks/a"), SizeIs(1));
}

TEST_F(SuccessionTest, ADeskNoneOfWhoseRegionsIsValidHasEndedToo) {
  const v1::TrialRequest request = Submit();
  v1::Region region;
  region.set_name("regions/a");
  region.set_valid_to("2026-03-04");
  region.set_successor("regions/b");
  Put(directory::Regions(), region);
  EXPECT_EQ(RunOnce(), 1);
  EXPECT_THAT(Inbox("desks/a"), IsEmpty());
  EXPECT_THAT(Inbox("desks/b"), SizeIs(2));
}

TEST_F(SuccessionTest, MoreThanOneCommitHoldsMovesInSeveral) {
  EndLater({"a"});
  for (int i = 0; i < 5; ++i) Submit();
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 10, 8, 0, 0), absl::UTCTimeZone()));
  routing::Succession two_at_once(&collation_, 2);
  routing::SuccessionJob job(store_.get(), &directory_, &two_at_once, &clock_, &ids_);
  const store::CommitNumber head = store_->Head();
  const auto moved = job.RunOnce();
  ASSERT_OK(moved);
  EXPECT_EQ(*moved, 5);
  EXPECT_EQ(store_->Head(), head + 3);
}

TEST_F(SuccessionTest, AStartedJobMovesBeforeItReturnsAndStops) {
  EndLater({"a"});
  Submit();
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 3, 10, 8, 0, 0), absl::UTCTimeZone()));
  job_.Start();
  EXPECT_THAT(Inbox("desks/c"), SizeIs(1));
  job_.Stop();
}

}  // namespace
}  // namespace trialgate
