#include "services/directory/capacity.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/month.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Month = absl::CivilMonth;

const Month kMarch(2026, 3);

v1::SiteCapacity Ledger(int slots) {
  v1::SiteCapacity capacity;
  capacity.set_name("sites/a/capacity");
  capacity.set_slots(slots);
  return capacity;
}

void Declare(absl::string_view month, int occupied, v1::SiteCapacity* capacity) {
  v1::MonthUse* use = capacity->add_months();
  use->set_month(std::string(month));
  use->set_occupied_declared(occupied);
}

TEST(MonthTest, IsReadStrictlyAndWrittenBack) {
  ASSERT_TRUE(ParseMonth("2026-03").ok());
  EXPECT_EQ(FormatMonth(*ParseMonth("2026-03")), "2026-03");
  for (const char* bad : {"", "2026", "2026-3", "2026-13", "2026-00", "1899-12", "2026-03-01"}) {
    EXPECT_FALSE(ParseMonth(bad).ok()) << bad;
  }
}

TEST(CapacityTest, WhatIsDeclaredHeldAndConfirmedIsNotFree) {
  v1::SiteCapacity capacity = Ledger(4);
  Declare("2026-04", 1, &capacity);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 2, &capacity).ok());
  ASSERT_TRUE(ConfirmTentative("r/2", Month(2026, 4), 1, &capacity).ok());
  EXPECT_EQ(FreeSlots(capacity, kMarch), 3);
  EXPECT_EQ(FreeSlots(capacity, Month(2026, 4)), 1);
  EXPECT_EQ(FreeSlots(capacity, Month(2026, 5)), 4);
  EXPECT_EQ(LeastFree(capacity, kMarch, 3), 1);
}

TEST(CapacityTest, AHoldOfAFullSiteIsRefusedWithEveryFullMonthAndChangesNothing) {
  v1::SiteCapacity capacity = Ledger(1);
  Declare("2026-04", 1, &capacity);
  Declare("2026-06", 1, &capacity);
  const absl::Status status = PlaceHold("r/1", kMarch, 4, &capacity);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_NO_FREE_SLOT);
  EXPECT_THAT(MetadataOf(status), UnorderedElementsAre(Pair("sites", "sites/a"),
                                                       Pair("months", "sites/a: 2026-04 2026-06")));
  EXPECT_EQ(capacity.holds_size(), 0);
}

TEST(CapacityTest, AnErrorOverSeveralSitesNamesThemAll) {
  const absl::Status status =
      NoFreeSlotError({{"sites/a", {kMarch}}, {"sites/b", {kMarch, kMarch + 1}}});
  EXPECT_EQ(MetadataOf(status).at("sites"), "sites/a,sites/b");
  EXPECT_EQ(MetadataOf(status).at("months"), "sites/a: 2026-03; sites/b: 2026-03 2026-04");
}

TEST(CapacityTest, ASecondHoldOfTheSameReferralIsRefused) {
  v1::SiteCapacity capacity = Ledger(5);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 2, &capacity).ok());
  EXPECT_EQ(ReasonOf(PlaceHold("r/1", kMarch, 2, &capacity)), v1::ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(capacity.holds_size(), 1);
}

TEST(CapacityTest, HoldsLastFromOneToSixtyOneMonths) {
  v1::SiteCapacity capacity = Ledger(5);
  EXPECT_EQ(ReasonOf(PlaceHold("r/1", kMarch, 0, &capacity)), v1::ERROR_REASON_OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(PlaceHold("r/1", kMarch, 62, &capacity)), v1::ERROR_REASON_OUT_OF_RANGE);
  EXPECT_TRUE(PlaceHold("r/1", kMarch, 61, &capacity).ok());
}

TEST(CapacityTest, AHoldIsConfirmedOnce) {
  v1::SiteCapacity capacity = Ledger(1);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 1, &capacity).ok());
  EXPECT_TRUE(ConfirmHold("r/1", &capacity).ok());
  EXPECT_EQ(UseIn(capacity, kMarch).confirmed, 1);
  EXPECT_EQ(UseIn(capacity, kMarch).held, 0);
  EXPECT_EQ(ReasonOf(ConfirmHold("r/1", &capacity)), v1::ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(ConfirmHold("r/2", &capacity)), v1::ERROR_REASON_WRONG_STATE);
}

TEST(CapacityTest, AHoldIsReleasedExactlyOnce) {
  v1::SiteCapacity capacity = Ledger(2);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 1, &capacity).ok());
  ASSERT_TRUE(PlaceHold("r/2", kMarch, 1, &capacity).ok());
  EXPECT_TRUE(ReleaseHold("r/1", &capacity));
  EXPECT_FALSE(ReleaseHold("r/1", &capacity));
  EXPECT_EQ(FreeSlots(capacity, kMarch), 1);
}

TEST(CapacityTest, FewerSlotsThanAreInUseAreRefusedWithEveryMonth) {
  v1::SiteCapacity capacity = Ledger(3);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 2, &capacity).ok());
  ASSERT_TRUE(ConfirmTentative("r/2", kMarch, 2, &capacity).ok());
  const absl::Status status = SetSlotsAndDeclared(Ledger(1), Overuse::kRefused, &capacity);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_CAPACITY_IN_USE);
  EXPECT_EQ(MetadataOf(status).at("months"), "2026-03,2026-04");
  EXPECT_EQ(capacity.slots(), 3);
}

TEST(CapacityTest, SettingSlotsReplacesWhatWasDeclaredAndKeepsTheHolds) {
  v1::SiteCapacity capacity = Ledger(3);
  Declare("2026-03", 2, &capacity);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 2, &capacity).ok());
  v1::SiteCapacity wanted = Ledger(2);
  Declare("2026-05", 2, &wanted);
  ASSERT_TRUE(SetSlotsAndDeclared(wanted, Overuse::kRefused, &capacity).ok());
  EXPECT_EQ(capacity.slots(), 2);
  EXPECT_EQ(FreeSlots(capacity, kMarch), 1);
  EXPECT_EQ(FreeSlots(capacity, Month(2026, 5)), 0);
  EXPECT_EQ(capacity.holds_size(), 1);
}

TEST(CapacityTest, APackMayDeclareMoreThanTheSlotsOnlyWhereNothingIsPlaced) {
  v1::SiteCapacity capacity = Ledger(2);
  v1::SiteCapacity wanted = Ledger(2);
  Declare("2026-03", 3, &wanted);
  EXPECT_FALSE(SetSlotsAndDeclared(wanted, Overuse::kRefused, &capacity).ok());
  v1::SiteCapacity free_of_holds = capacity;
  EXPECT_TRUE(SetSlotsAndDeclared(wanted, Overuse::kWhereNothingIsPlaced, &free_of_holds).ok());
  EXPECT_EQ(FreeSlots(free_of_holds, kMarch), -1);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 1, &capacity).ok());
  EXPECT_FALSE(SetSlotsAndDeclared(wanted, Overuse::kWhereNothingIsPlaced, &capacity).ok());
}

TEST(CapacityTest, TheLedgerIsShownByMonthWithWhatIsFree) {
  v1::SiteCapacity capacity = Ledger(3);
  Declare("2026-04", 1, &capacity);
  ASSERT_TRUE(PlaceHold("r/1", kMarch, 2, &capacity).ok());
  const v1::SiteCapacity shown = FillComputed(capacity);
  ASSERT_EQ(shown.months_size(), 2);
  EXPECT_EQ(shown.months(0).month(), "2026-03");
  EXPECT_EQ(shown.months(0).held(), 1);
  EXPECT_EQ(shown.months(0).free(), 2);
  EXPECT_EQ(shown.months(1).occupied_declared(), 1);
  EXPECT_EQ(shown.months(1).free(), 1);
  EXPECT_EQ(Canonical(shown).SerializeAsString(), Canonical(capacity).SerializeAsString());
}

// What the ledger should hold, kept in the plainest way.
struct Model {
  int slots = 0;
  std::map<Month, int> declared;
  std::map<std::string, std::vector<Month>> placed;

  int UsedIn(Month month) const {
    const auto found = declared.find(month);
    int used = found == declared.end() ? 0 : found->second;
    for (const auto& [referral, months] : placed) {
      for (const Month m : months) used += m == month ? 1 : 0;
    }
    return used;
  }
};

// One random step on both; the ledger must accept exactly what the model has room for.
void Step(std::mt19937_64* random, Model* model, v1::SiteCapacity* capacity) {
  const auto draw = [random](int below) { return static_cast<int>((*random)() % below); };
  const std::string referral = absl::StrCat("r/", draw(8));
  const Month first = kMarch + draw(6);
  const int months = 1 + draw(4);
  switch (draw(5)) {
    case 0:
    case 1: {
      bool fits = model->placed.count(referral) == 0;
      std::vector<Month> wanted;
      for (int i = 0; i < months; ++i) {
        wanted.push_back(first + i);
        fits = fits && model->UsedIn(first + i) < model->slots;
      }
      const bool placed = draw(2) == 0 ? PlaceHold(referral, first, months, capacity).ok()
                                       : ConfirmTentative(referral, first, months, capacity).ok();
      ASSERT_EQ(placed, fits);
      if (placed) model->placed[referral] = wanted;
      return;
    }
    case 2:
      ASSERT_EQ(ReleaseHold(referral, capacity), model->placed.erase(referral) == 1);
      return;
    case 3:
      // Confirming moves a slot from held to occupied; what is used stays.
      static_cast<void>(ConfirmHold(referral, capacity));
      return;
    default: {
      Model changed = *model;
      v1::SiteCapacity wanted = Ledger(draw(5));
      changed.slots = wanted.slots();
      changed.declared = {{first, draw(3)}};
      Declare(FormatMonth(first), changed.declared[first], &wanted);
      bool fits = true;
      for (int i = 0; i < 12; ++i) fits = fits && changed.UsedIn(kMarch + i) <= changed.slots;
      ASSERT_EQ(SetSlotsAndDeclared(wanted, Overuse::kRefused, capacity).ok(), fits);
      if (fits) *model = changed;
    }
  }
}

TEST(CapacityTest, NoSequenceOfEventsOversellsAMonth) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int run = 0; run < 100; ++run) {
    Model model;
    model.slots = 2;
    v1::SiteCapacity capacity = Ledger(2);
    for (int step = 0; step < 100; ++step) {
      ASSERT_NO_FATAL_FAILURE(Step(&random, &model, &capacity));
      for (int i = 0; i < 12; ++i) {
        ASSERT_EQ(UseIn(capacity, kMarch + i).total(), model.UsedIn(kMarch + i));
        ASSERT_GE(FreeSlots(capacity, kMarch + i), 0);
      }
    }
  }
}

}  // namespace
}  // namespace trialgate::directory
