#include "services/directory/calendar.h"

#include <set>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::directory {
namespace {

using Day = absl::CivilDay;

// A calendar with a fixed holiday, one that moves with Easter, one that ended, and a single day.
v1::Calendar SomeCalendar() {
  v1::Calendar calendar;
  v1::FixedHoliday* fixed = calendar.add_fixed_holidays();
  fixed->set_month(12);
  fixed->set_day(25);
  v1::EasterHoliday* monday = calendar.add_easter_holidays();
  monday->set_offset_days(1);
  v1::EasterHoliday* ended = calendar.add_easter_holidays();
  ended->set_offset_days(26);
  ended->set_last_year(2023);
  calendar.add_single_holidays("2026-06-15");
  return calendar;
}

TEST(EasterSundayTest, FallsOnTheDaysOfTheGregorianComputus) {
  EXPECT_EQ(EasterSunday(1954), Day(1954, 4, 18));  // an exception of the computus
  EXPECT_EQ(EasterSunday(1981), Day(1981, 4, 19));  // the other exception
  EXPECT_EQ(EasterSunday(2000), Day(2000, 4, 23));
  EXPECT_EQ(EasterSunday(2024), Day(2024, 3, 31));
  EXPECT_EQ(EasterSunday(2026), Day(2026, 4, 5));
  EXPECT_EQ(EasterSunday(2038), Day(2038, 4, 25));  // the latest possible
  EXPECT_EQ(EasterSunday(2285), Day(2285, 3, 22));  // the earliest possible
}

TEST(WorkingCalendarTest, SaturdaysAndSundaysAreNeverWorkingDays) {
  const WorkingCalendar calendar{v1::Calendar()};
  EXPECT_TRUE(calendar.IsWorkingDay(Day(2026, 3, 6)));
  EXPECT_FALSE(calendar.IsWorkingDay(Day(2026, 3, 7)));
  EXPECT_FALSE(calendar.IsWorkingDay(Day(2026, 3, 8)));
  EXPECT_TRUE(calendar.IsWorkingDay(Day(2026, 3, 9)));
}

TEST(WorkingCalendarTest, EachKindOfHolidayIsNoWorkingDay) {
  const WorkingCalendar calendar(SomeCalendar());
  EXPECT_FALSE(calendar.IsWorkingDay(Day(2026, 12, 25)));
  EXPECT_FALSE(calendar.IsWorkingDay(Day(2026, 4, 6)));
  EXPECT_FALSE(calendar.IsWorkingDay(Day(2026, 6, 15)));
  EXPECT_TRUE(calendar.IsWorkingDay(Day(2027, 6, 15)));
}

TEST(WorkingCalendarTest, AHolidayCountsOnlyInTheYearsThatItIsInForce) {
  const WorkingCalendar calendar(SomeCalendar());
  EXPECT_FALSE(calendar.IsWorkingDay(Day(2023, 5, 5)));
  EXPECT_TRUE(calendar.IsWorkingDay(Day(2024, 4, 26)));
}

TEST(WorkingCalendarTest, TheSendingDayIsNotCounted) {
  const WorkingCalendar calendar{v1::Calendar()};
  EXPECT_EQ(calendar.LastCountedDay(Day(2026, 3, 2), 1, {}), Day(2026, 3, 3));
  EXPECT_EQ(calendar.LastCountedDay(Day(2026, 3, 6), 1, {}), Day(2026, 3, 9));
}

TEST(WorkingCalendarTest, ADayOnWhichTheReferralWaitedIsNotCounted) {
  const WorkingCalendar calendar{v1::Calendar()};
  const std::set<Day> waiting = {Day(2026, 3, 3), Day(2026, 3, 4), Day(2026, 3, 7)};
  EXPECT_EQ(calendar.LastCountedDay(Day(2026, 3, 2), 2, waiting), Day(2026, 3, 6));
}

TEST(WorkingCalendarTest, HolidaysAreNotCounted) {
  const WorkingCalendar calendar(SomeCalendar());
  // Thursday before Easter Monday: Friday counts here, Monday does not.
  EXPECT_EQ(calendar.LastCountedDay(Day(2026, 4, 2), 2, {}), Day(2026, 4, 7));
}

TEST(WorkingCalendarTest, ACountEndsEvenWhereNoDayIsAWorkingDay) {
  v1::Calendar calendar;
  for (int month = 1; month <= 12; ++month) {
    for (int day = 1; day <= 31; ++day) {
      v1::FixedHoliday* holiday = calendar.add_fixed_holidays();
      holiday->set_month(month);
      holiday->set_day(day);
    }
  }
  EXPECT_EQ(WorkingCalendar(calendar).LastCountedDay(Day(2026, 3, 2), 5, {}),
            Day(2026, 3, 2) + WorkingCalendar::kMaxSpanDays);
}

TEST(EndOfDayTest, IsTheMidnightThatEndsTheDayInTheZone) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Copenhagen", &zone));
  EXPECT_EQ(EndOfDay(Day(2026, 3, 28), zone), absl::FromUnixSeconds(1774738800));
  // The day on which the clocks go forward has 23 hours.
  EXPECT_EQ(EndOfDay(Day(2026, 3, 29), zone) - EndOfDay(Day(2026, 3, 28), zone), absl::Hours(23));
}

TEST(EndOfDayTest, IsTheChangeOfTheClockWhereThatSkipsMidnight) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Africa/Cairo", &zone));
  // On 28 April 2023 Cairo's clocks went from 00:00 to 01:00.
  EXPECT_EQ(absl::FormatTime("%H:%M", EndOfDay(Day(2023, 4, 27), zone), zone), "01:00");
}

}  // namespace
}  // namespace trialgate::directory
