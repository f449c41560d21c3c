#include "services/routing/referral_move.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::Referral Sent() {
  v1::Referral referral;
  referral.set_name("trialRequests/r/referrals/1");
  referral.set_desk("desks/a");
  referral.set_contact("desks/a/contacts/lead");
  referral.set_state(v1::REFERRAL_STATE_WAITING);
  referral.add_sites("sites/a1");
  referral.add_informed_desks("desks/b");
  referral.add_informed_desks("desks/c");
  return referral;
}

void HandTo(const std::string& desk, const std::string& informed, const std::string& reason,
            v1::Referral* referral) {
  Move(v1::REFERRAL_MOVE_KIND_HANDED_OVER, {desk, ""}, informed, reason,
       absl::FromUnixSeconds(1'000'000), referral);
}

TEST(ReferralMoveTest, OnlyDeskContactAndWhoIsInformedChange) {
  const v1::Referral before = Sent();
  v1::Referral after = before;
  HandTo("desks/b", "desks/a", "why", &after);
  EXPECT_EQ(after.desk(), "desks/b");
  EXPECT_EQ(after.contact(), "");
  // Who answers is not informed besides.
  EXPECT_THAT(after.informed_desks(), ElementsAre("desks/a", "desks/c"));
  ASSERT_THAT(after.moves(), SizeIs(1));
  EXPECT_EQ(after.moves(0).from_desk(), "desks/a");
  EXPECT_EQ(after.moves(0).from_contact(), "desks/a/contacts/lead");
  EXPECT_EQ(after.moves(0).move_time().seconds(), 1'000'000);
  after.clear_moves();
  after.set_desk(before.desk());
  after.set_contact(before.contact());
  *after.mutable_informed_desks() = before.informed_desks();
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
}

TEST(CheckOnDutyTest, WhoIsAwayIsRefusedWithTheDayTheyAreBackAndTheDeputiesOnDuty) {
  directory::DirectorySnapshotBuilder builder;
  v1::Contact away;
  away.set_name("desks/a/contacts/away");
  away.set_display_name("A");
  away.add_deputies("desks/a/contacts/also-away");
  away.add_deputies("desks/a/contacts/there");
  for (const auto& [first, last] :
       {std::pair("2026-11-24", "2026-11-30"), std::pair("2026-12-01", "2026-12-04"),
        std::pair("2026-12-06", "2026-12-09")}) {
    v1::Absence* const absence = away.add_absences();
    absence->set_first_day(first);
    absence->set_last_day(last);
  }
  v1::Contact also = away;
  also.set_name("desks/a/contacts/also-away");
  v1::Contact there;
  there.set_name("desks/a/contacts/there");
  there.set_display_name("T");
  for (const v1::Contact& contact : {away, also, there}) builder.Put(contact);
  const auto directory = builder.Build(1);
  const absl::CivilDay today(2026, 11, 25);
  const absl::Status status = CheckOnDuty(away.name(), *directory, today);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const auto metadata = MetadataOf(status);
  EXPECT_EQ(metadata.at("state"), "AWAY");
  EXPECT_EQ(metadata.at("until"), "2026-12-04");
  EXPECT_EQ(metadata.at("deputies"), "desks/a/contacts/there");
  EXPECT_TRUE(CheckOnDuty(there.name(), *directory, today).ok());
  EXPECT_TRUE(CheckOnDuty(away.name(), *directory, absl::CivilDay(2026, 12, 5)).ok());
}

TEST(ReferralMoveTest, ADeskIsInformedOnce) {
  v1::Referral referral = Sent();
  HandTo("desks/d", "desks/c", "", &referral);
  EXPECT_THAT(referral.informed_desks(), ElementsAre("desks/b", "desks/c"));
}

TEST(ReferralMoveTest, TheFirstMoveAndTheNewestStayListedHoweverManyThereAre) {
  v1::Referral referral = Sent();
  for (int i = 0; i < 120; ++i) HandTo("desks/d", "", std::to_string(i), &referral);
  ASSERT_THAT(referral.moves(), SizeIs(kMaxListedMoves));
  EXPECT_EQ(referral.moves_left_out(), 70);
  EXPECT_EQ(referral.moves(0).reason(), "0");
  EXPECT_EQ(referral.moves(1).reason(), "71");
  EXPECT_EQ(referral.moves(49).reason(), "119");
}

TEST(ReferralMoveTest, AContactIsTheDesksWhoseNameItBegins) {
  EXPECT_TRUE(IsContactOf("desks/a/contacts/lead", "desks/a"));
  EXPECT_FALSE(IsContactOf("desks/a/contacts/lead", "desks/aa"));
  EXPECT_FALSE(IsContactOf("desks/ab/contacts/lead", "desks/a"));
}

}  // namespace
}  // namespace trialgate::routing
