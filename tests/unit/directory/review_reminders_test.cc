// What of the directory somebody should look over again, as it is listed.
#include "services/directory/review_reminders.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A slot of March 2026 that an offer takes.
void AddHold(v1::HoldState state, v1::SiteCapacity* capacity) {
  v1::CapacityHold* hold = capacity->add_holds();
  hold->set_referral(absl::StrCat("trialRequests/t/referrals/", capacity->holds_size()));
  hold->set_first_month("2026-03");
  hold->set_months(1);
  hold->set_state(state);
}

class ReviewRemindersTest : public DirectoryWorld {
 protected:
  // A change of a site's record, as another call would make it.
  template <typename Change>
  void ChangeSite(const std::string& name, Change change) {
    const auto commit = store::RunUnitOfWork(store_.get(), ids_.NewId(), {},
                                             [&](store::UnitOfWork& work) -> absl::Status {
                                               auto row = work.Get(directory::Sites(), name);
                                               v1::Site site = (*row)->value;
                                               change(&site);
                                               work.SetEvent("event");
                                               return work.Put(directory::Sites(), name, site);
                                             });
    ASSERT_OK(commit);
    ASSERT_TRUE(cache_.WaitUntilSeen(*commit, absl::Seconds(10)));
  }

  template <typename Change>
  void ChangeCapacity(const std::string& site, Change change) {
    const auto commit = store::RunUnitOfWork(store_.get(), ids_.NewId(), {},
                                             [&](store::UnitOfWork& work) -> absl::Status {
                                               const std::string name = site + "/capacity";
                                               auto row = work.Get(SiteCapacities(), name);
                                               v1::SiteCapacity capacity = (*row)->value;
                                               change(&capacity);
                                               work.SetEvent("event");
                                               return work.Put(SiteCapacities(), name, capacity);
                                             });
    ASSERT_OK(commit);
    ASSERT_TRUE(cache_.WaitUntilSeen(*commit, absl::Seconds(10)));
  }

  // What a national coordinator is told to be at fault, a line for each resource.
  std::vector<std::string> FaultsToReview() {
    std::vector<std::string> told;
    v1::ListReviewRemindersRequest request;
    request.set_filter("faults > 0");
    const auto page = lists_.ListReviewReminders(National(), request);
    EXPECT_OK(page.status());
    if (!page.ok()) return told;
    for (const v1::ReviewReminder& one : page->review_reminders()) {
      std::string line = one.resource();
      for (const int fault : one.faults()) {
        absl::StrAppend(&line, " ", v1::ReviewFault_Name(static_cast<v1::ReviewFault>(fault)));
      }
      told.push_back(line);
    }
    return told;
  }

  std::vector<std::string> Reminders(const v1::Principal& who,
                                     const v1::ListReviewRemindersRequest& request) {
    v1::ListReviewRemindersRequest call = request;
    std::vector<std::string> told;
    do {
      const auto page = lists_.ListReviewReminders(who, call);
      EXPECT_OK(page.status());
      if (!page.ok()) break;
      for (const v1::ReviewReminder& one : page->review_reminders()) {
        told.push_back(absl::StrCat(one.resource(), " ", one.topic(),
                                    one.topic().empty() ? "" : " ", one.review_date(), " ",
                                    one.days_since_review()));
      }
      call.set_page_token(page->next_page_token());
    } while (!call.page_token().empty());
    return told;
  }
};

TEST_F(ReviewRemindersTest, WhatWasNeverReviewedComesFirstAndThenTheStalest) {
  ASSERT_OK(app_.ApplyPack(National(), TinyPackRequest(/*sample=*/false)));
  clock_.Set(absl::FromCivil(absl::CivilDay(2026, 5, 11), absl::UTCTimeZone()));
  v1::ListReviewRemindersRequest request;
  for (const int page_size : {0, 1, 3}) {
    request.set_page_size(page_size);
    EXPECT_THAT(Reminders(National(), request),
                ElementsAre("sites/cape-unit  0", "sites/cape-unit/capacity  0",
                            "sites/lagoon-heart/capacity  0", "sites/lagoon-lungs  0",
                            "sites/lagoon-lungs/capacity  0", "sites/lagoon-heart 2026-04-01 40",
                            "regions/coast strongholds 2026-05-01 10"));
  }
  request.set_stale_before("2026-05-01");
  request.set_filter("kind = SITE_PROFILE AND region = regions/lagoon");
  EXPECT_THAT(Reminders(National(), request),
              ElementsAre("sites/lagoon-lungs  0", "sites/lagoon-heart 2026-04-01 40"));
  request.set_filter("days_since_review > 30");
  EXPECT_THAT(Reminders(National(), request), ElementsAre("sites/lagoon-heart 2026-04-01 40"));
}

TEST_F(ReviewRemindersTest, ACoordinatorIsRemindedOfWhatItsDesksKeep) {
  ApplyTinyPack();
  v1::ListReviewRemindersRequest request;
  EXPECT_THAT(Reminders(Coordinator({"desks/cape"}), request),
              UnorderedElementsAre("sites/cape-unit  0", "sites/cape-unit/capacity  0"));
  // A region to come has its texts reviewed before.
  EXPECT_THAT(Reminders(Coordinator({"desks/coast"}), request),
              ElementsAre("regions/coast strongholds 2026-05-01 0"));
  EXPECT_THAT(Reminders(Coordinator({"desks/heart-centre"}), request), IsEmpty());
  EXPECT_THAT(Reminders(Coordinator({"desks/none"}), request), IsEmpty());
  clock_.Set(absl::FromCivil(absl::CivilDay(2027, 2, 1), absl::UTCTimeZone()));
  EXPECT_THAT(Reminders(Coordinator({"desks/cape"}), request), IsEmpty());
  EXPECT_EQ(Reminders(Coordinator({"desks/coast"}), request).size(), 7u);
}

TEST_F(ReviewRemindersTest, ACapacityIsReviewedWhenItsNumbersAreDeclaredAndNeverWhereInvented) {
  ApplyTinyPack();
  v1::UpdateSiteCapacityRequest update;
  update.mutable_capacity()->set_name("sites/cape-unit/capacity");
  update.mutable_capacity()->set_slots(5);
  update.set_request_id(NextRequestId());
  ASSERT_OK(edits_.UpdateSiteCapacity(National(), update));
  v1::ListReviewRemindersRequest request;
  request.set_filter("kind = CAPACITY");
  EXPECT_THAT(Reminders(National(), request),
              ElementsAre("sites/lagoon-heart/capacity  0", "sites/lagoon-lungs/capacity  0",
                          "sites/cape-unit/capacity 2026-03-05 0"));
}

TEST_F(ReviewRemindersTest, AHistoryRowWithoutMonthsIsAFaultOfTheProfile) {
  ApplyTinyPack();
  EXPECT_THAT(FaultsToReview(), IsEmpty());
  ChangeSite("sites/cape-unit", [](v1::Site* site) {
    site->add_history()->set_site_months(12);
    v1::RecruitmentHistory* const row = site->add_history();
    row->set_claimed(10);
    row->set_actual(5);
  });
  EXPECT_THAT(FaultsToReview(), ElementsAre("sites/cape-unit REVIEW_FAULT_HISTORY_WITHOUT_MONTHS"));
  ChangeSite("sites/cape-unit", [](v1::Site* site) {
    for (v1::RecruitmentHistory& row : *site->mutable_history()) row.set_site_months(0.5);
  });
  EXPECT_THAT(FaultsToReview(), IsEmpty());
}

TEST_F(ReviewRemindersTest, ASiteWithoutSlotsIsAFaultOfItsCapacity) {
  ApplyTinyPack();
  ChangeCapacity("sites/cape-unit", [](v1::SiteCapacity* capacity) {
    capacity->clear_months();
    capacity->set_slots(0);
  });
  EXPECT_THAT(FaultsToReview(), ElementsAre("sites/cape-unit/capacity REVIEW_FAULT_NO_SLOTS"));
  ChangeCapacity("sites/cape-unit", [](v1::SiteCapacity* capacity) { capacity->set_slots(1); });
  EXPECT_THAT(FaultsToReview(), IsEmpty());
}

TEST_F(ReviewRemindersTest, MoreInUseThanSlotsIsAFaultFromThisMonthOn) {
  ApplyTinyPack();
  ChangeCapacity("sites/cape-unit", [](v1::SiteCapacity* capacity) {
    capacity->clear_months();
    capacity->set_slots(3);
    v1::MonthUse* const past = capacity->add_months();
    past->set_month("2026-02");
    past->set_occupied_declared(9);
    v1::MonthUse* const full = capacity->add_months();
    full->set_month("2026-03");
    full->set_occupied_declared(1);
    AddHold(v1::HOLD_STATE_CONFIRMED, capacity);
    AddHold(v1::HOLD_STATE_HELD, capacity);
  });
  EXPECT_THAT(FaultsToReview(), IsEmpty()) << "a month that is over, and one that is just full";
  const std::string fault = "sites/cape-unit/capacity REVIEW_FAULT_OVERBOOKED";
  ChangeCapacity("sites/cape-unit",
                 [](v1::SiteCapacity* capacity) { AddHold(v1::HOLD_STATE_HELD, capacity); });
  EXPECT_THAT(FaultsToReview(), ElementsAre(fault));
  clock_.Set(absl::FromCivil(absl::CivilDay(2026, 4, 1), absl::UTCTimeZone()));
  EXPECT_THAT(FaultsToReview(), IsEmpty());
}

TEST_F(ReviewRemindersTest, APageOfRemindersIsItsReadersOnly) {
  ApplyTinyPack();
  v1::ListReviewRemindersRequest request;
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListReviewReminders(National(), request));
  request.set_page_token(page.next_page_token());
  EXPECT_THAT(lists_.ListReviewReminders(Coordinator({"desks/cape"}), request),
              HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
  request.clear_page_token();
  request.set_stale_before("yesterday");
  request.set_filter("kind = x");
  EXPECT_THAT(FieldsOf(lists_.ListReviewReminders(National(), request).status()),
              ElementsAre("stale_before INVALID_FORMAT", "filter INVALID_FILTER"));
}

}  // namespace
}  // namespace trialgate::directory
