#include "common/base/civil_date.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace trialgate {
namespace {

using absl_testing::IsOkAndHolds;
using absl_testing::StatusIs;
using testing::HasSubstr;

TEST(CivilDateTest, ADateIsReadAndWrittenBack) {
  EXPECT_THAT(ParseDate("2026-03-05"), IsOkAndHolds(absl::CivilDay(2026, 3, 5)));
  for (const char* text : {"1900-01-01", "2199-12-31", "2000-02-29", "2028-02-29"}) {
    ASSERT_OK_AND_ASSIGN(const absl::CivilDay day, ParseDate(text));
    EXPECT_EQ(FormatDate(day), text);
  }
}

TEST(CivilDateTest, ADayThatDoesNotExistIsRefused) {
  for (const char* text : {"2026-02-30", "2026-02-29", "2100-02-29", "2026-04-31", "2026-13-01",
                           "2026-00-10", "2026-01-00", "2026-01-32"}) {
    EXPECT_THAT(ParseDate(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("exists")))
        << text;
  }
}

TEST(CivilDateTest, OnlyTheOneFormIsTaken) {
  for (const char* text : {"", "2026", "2026-3-5", "2026-03-5", "26-03-05", " 2026-03-05",
                           "2026-03-05 ", "2026/03/05", "2026-03-05T00:00:00Z", "-026-03-05",
                           "+026-03-05", "2026-0x-05", "20260305", "05-03-2026"}) {
    EXPECT_THAT(ParseDate(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("YYYY-MM-DD")))
        << text;
  }
}

TEST(CivilDateTest, YearsOutsideOfTheRangeAreRefused) {
  EXPECT_THAT(ParseDate("1899-12-31"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseDate("2200-01-01"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CivilDateTest, AMessageQuotesOnlyTheBeginningOfALongText) {
  const auto parsed = ParseDate(std::string(100000, 'x'));
  EXPECT_LT(parsed.status().message().size(), 100u);
}

TEST(CivilDateTest, TodayDependsOnTheZone) {
  const FakeClock clock(
      absl::FromCivil(absl::CivilMinute(2026, 6, 30, 23, 30), absl::UTCTimeZone()));
  EXPECT_EQ(TodayIn(clock, absl::UTCTimeZone()), absl::CivilDay(2026, 6, 30));
  EXPECT_EQ(TodayIn(clock, absl::FixedTimeZone(2 * 3600)), absl::CivilDay(2026, 7, 1));
}

TEST(CivilDateTest, AMonthLaterIsTheSameDayOrTheMonthsLast) {
  using absl::CivilDay;
  EXPECT_EQ(AddMonths(CivilDay(2026, 3, 1), 1), CivilDay(2026, 4, 1));
  EXPECT_EQ(AddMonths(CivilDay(2026, 1, 31), 1), CivilDay(2026, 2, 28));
  EXPECT_EQ(AddMonths(CivilDay(2028, 1, 31), 1), CivilDay(2028, 2, 29));
  EXPECT_EQ(AddMonths(CivilDay(2026, 1, 31), 3), CivilDay(2026, 4, 30));
  EXPECT_EQ(AddMonths(CivilDay(2026, 10, 31), 4), CivilDay(2027, 2, 28));
  EXPECT_EQ(AddMonths(CivilDay(2026, 3, 31), -1), CivilDay(2026, 2, 28));
  EXPECT_EQ(AddMonths(CivilDay(2026, 5, 17), 0), CivilDay(2026, 5, 17));
  EXPECT_EQ(AddMonths(CivilDay(2026, 12, 15), 60), CivilDay(2031, 12, 15));
}

TEST(CivilDateTest, ATextInTheWrongFormIsQuotedUpToAWholeCharacter) {
  const std::string text = "1234567890123456789ø and more";
  EXPECT_THAT(ParseDate(text),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"1234567890123456789\"")));
}

}  // namespace
}  // namespace trialgate
