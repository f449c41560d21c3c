// The drawing of a site's months.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

v1::SiteCapacity Parse(const std::string& text) {
  v1::SiteCapacity capacity;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &capacity));
  return capacity;
}

Screen At80() {
  return {.width = 80,
          .now = absl::FromCivil(absl::CivilHour(2026, 11, 24, 20), absl::UTCTimeZone()),
          .zone = absl::UTCTimeZone()};
}

TEST(RenderCapacityTest, DrawsEachMonthWithWhatIsOccupiedHeldAndFree) {
  const auto capacity = Parse(R"(
    name: "sites/ouh-onco/capacity" slots: 4 etag: "7"
    months { month: "2026-12" occupied_declared: 1 }
    months { month: "2027-01" occupied_declared: 1 occupied_confirmed: 1 held: 1 free: 1 }
    months { month: "2027-02" occupied_declared: 3 occupied_confirmed: 1 }
    months { month: "2027-03" occupied_declared: 4 held: 2 free: -2 }
    holds { referral: "trialRequests/r1/referrals/f1" first_month: "2027-01" months: 12
            state: HOLD_STATE_HELD })");
  EXPECT_EQ(RenderCapacity(capacity, {.from = "", .months = 5}, At80()),
            "Capacity of ouh-onco: 4 slots\n"
            "  version  7\n"
            "\n"
            "  █ declared   ▓ confirmed   ▒ held   · free   | its slots\n"
            "\n"
            "                           DECLARED CONFIRMED  HELD         FREE\n"
            "  2026  Nov  ········|            –         –     –            4\n"
            "        Dec  ██······|            1         –     –            3\n"
            "  2027  Jan  ██▓▓▒▒··|            1         1     1            1\n"
            "        Feb  ██████▓▓|            3         1     –         full\n"
            "        Mar  ████████|▒▒▒▒        4         –     2    over by 2\n"
            "\n"
            "Holds\n"
            "  FROM     MONTHS  STATE  REFERRAL\n"
            "  2027-01      12  held   r1/f1\n");
}

TEST(RenderCapacityTest, SaysThatThereIsUseAfterWhatIsDrawn) {
  const auto capacity = Parse("slots: 2 months { month: '2028-05' occupied_declared: 1 }");
  EXPECT_THAT(RenderCapacity(capacity, At80()), HasSubstr("There is use up to 2028-05: --months"));
  const std::string later = RenderCapacity(capacity, {.from = "2028-04", .months = 3}, At80());
  EXPECT_THAT(later, HasSubstr("  2028  Apr  ····|"));
  EXPECT_THAT(later, HasSubstr("May  ██··|"));
  EXPECT_THAT(later, Not(HasSubstr("There is use")));
}

TEST(RenderCapacityTest, ManySlotsShareAMark) {
  const auto capacity = Parse("slots: 1000 months { month: '2026-11' occupied_declared: 500 }");
  const std::string text = RenderCapacity(capacity, At80());
  EXPECT_THAT(text, HasSubstr("One mark stands for 46 slots."));
  for (absl::string_view line : absl::StrSplit(text, '\n')) EXPECT_LE(DisplayWidth(line), 80);
}

TEST(RenderCapacityTest, ASiteWithoutSlotsHasAnEmptyBar) {
  EXPECT_THAT(RenderCapacity(Parse("slots: 0"), At80()), HasSubstr("2026  Nov  |"));
}

TEST(RenderCapacityTest, AnOverbookedMonthEndsInAMarkWhereItIsTooLong) {
  const auto capacity = Parse("slots: 1 months { month: '2026-11' occupied_declared: 99 }");
  EXPECT_THAT(RenderCapacity(capacity, At80()), HasSubstr("██|████…"));
  EXPECT_THAT(RenderCapacity(capacity, At80()), HasSubstr("over by 98"));
}

}  // namespace
}  // namespace trialgate::cli
