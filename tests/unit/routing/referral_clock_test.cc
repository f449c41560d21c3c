#include "services/routing/referral_clock.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using Day = absl::CivilDay;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::TimeZone Copenhagen() { return Zone("Europe/Copenhagen"); }

absl::Time At(int year, int month, int day, int hour, absl::TimeZone zone) {
  return absl::FromCivil(absl::CivilHour(year, month, day, hour), zone);
}

absl::Time Midnight(int year, int month, int day, absl::TimeZone zone) {
  return At(year, month, day, 0, zone);
}

v1::Policy Policy() {
  v1::Policy policy;
  policy.set_acknowledge_days(1);
  policy.set_answer_days_normal(5);
  policy.set_answer_days_expedited(3);
  policy.set_answer_days_rare_disease(10);
  return policy;
}

// Whole weeks, but for New Year and 25 December.
directory::WorkingCalendar Calendar() {
  v1::Calendar calendar;
  auto* holiday = calendar.add_fixed_holidays();
  holiday->set_month(1);
  holiday->set_day(1);
  holiday = calendar.add_fixed_holidays();
  holiday->set_month(12);
  holiday->set_day(25);
  return directory::WorkingCalendar(calendar);
}

absl::StatusOr<DueTimes> DueFor(absl::Time sent, v1::Urgency urgency = v1::URGENCY_NORMAL,
                                std::optional<ResponseDeadline> deadline = std::nullopt) {
  return ComputeDueTimes(sent, Calendar(), Copenhagen(), Policy(), urgency, deadline);
}

TEST(ReferralClockTest, DueTimesAreTheMidnightsThatEndTheLastCountedDays) {
  // Monday; counted are Tuesday, and Tuesday to the next Monday.
  ASSERT_OK_AND_ASSIGN(const DueTimes due, DueFor(At(2026, 3, 2, 9, Copenhagen())));
  EXPECT_EQ(due.acknowledge, Midnight(2026, 3, 4, Copenhagen()));
  EXPECT_EQ(due.answer, Midnight(2026, 3, 10, Copenhagen()));
}

TEST(ReferralClockTest, UrgencySetsTheDaysToAnswerAndNotThoseToAcknowledge) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  ASSERT_OK_AND_ASSIGN(const DueTimes expedited, DueFor(sent, v1::URGENCY_EXPEDITED));
  EXPECT_EQ(expedited.acknowledge, Midnight(2026, 3, 4, Copenhagen()));
  EXPECT_EQ(expedited.answer, Midnight(2026, 3, 6, Copenhagen()));
  ASSERT_OK_AND_ASSIGN(const DueTimes rare, DueFor(sent, v1::URGENCY_RARE_DISEASE));
  EXPECT_EQ(rare.answer, Midnight(2026, 3, 17, Copenhagen()));
  ASSERT_OK_AND_ASSIGN(const DueTimes absent, DueFor(sent, v1::URGENCY_UNSPECIFIED));
  EXPECT_EQ(absent.answer, Midnight(2026, 3, 10, Copenhagen()));
}

TEST(ReferralClockTest, TheSendingDayIsThatOfTheDesksTimeZone) {
  // Still Monday in UTC, Tuesday in Copenhagen: Wednesday is the first day counted.
  const absl::Time sent =
      absl::FromCivil(absl::CivilMinute(2026, 3, 2, 23, 30), absl::UTCTimeZone());
  ASSERT_OK_AND_ASSIGN(const DueTimes due, DueFor(sent));
  EXPECT_EQ(due.acknowledge, Midnight(2026, 3, 5, Copenhagen()));
}

TEST(ReferralClockTest, HolidaysOfTheDesksCalendarAreNotCounted) {
  // Thursday 24 December 2026: Friday is Christmas, the weekend follows.
  ASSERT_OK_AND_ASSIGN(const DueTimes due, DueFor(At(2026, 12, 24, 9, Copenhagen())));
  EXPECT_EQ(due.acknowledge, Midnight(2026, 12, 29, Copenhagen()));
  // Monday 28 to Thursday 31 December, and Monday 4 January 2027.
  EXPECT_EQ(due.answer, Midnight(2027, 1, 5, Copenhagen()));
}

TEST(ReferralClockTest, AChangeOfTheClockMovesNoMidnight) {
  // Sunday 29 March 2026 has 23 hours.
  const absl::Time sent = At(2026, 3, 26, 12, Copenhagen());
  ASSERT_OK_AND_ASSIGN(const DueTimes due, DueFor(sent));
  EXPECT_EQ(due.answer, Midnight(2026, 4, 3, Copenhagen()));
  EXPECT_EQ(due.answer, absl::FromCivil(absl::CivilHour(2026, 4, 2, 22), absl::UTCTimeZone()));
  EXPECT_EQ(due.acknowledge,
            absl::FromCivil(absl::CivilHour(2026, 3, 27, 23), absl::UTCTimeZone()));
}

TEST(ReferralClockTest, ADeadlineCapsBothAtTheMidnightThatEndsIt) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  ASSERT_OK_AND_ASSIGN(const DueTimes due, DueFor(sent, v1::URGENCY_NORMAL,
                                                  ResponseDeadline{Day(2026, 3, 5), Copenhagen()}));
  EXPECT_EQ(due.acknowledge, Midnight(2026, 3, 4, Copenhagen()));
  EXPECT_EQ(due.answer, Midnight(2026, 3, 6, Copenhagen()));
  ASSERT_OK_AND_ASSIGN(
      const DueTimes first_day,
      DueFor(sent, v1::URGENCY_NORMAL, ResponseDeadline{Day(2026, 3, 3), Copenhagen()}));
  EXPECT_EQ(first_day.acknowledge, Midnight(2026, 3, 4, Copenhagen()));
  EXPECT_EQ(first_day.answer, Midnight(2026, 3, 4, Copenhagen()));
}

TEST(ReferralClockTest, ADeadlineCapsEvenThoughItIsNoWorkingDay) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  ASSERT_OK_AND_ASSIGN(const DueTimes due, DueFor(sent, v1::URGENCY_NORMAL,
                                                  ResponseDeadline{Day(2026, 3, 8), Copenhagen()}));
  EXPECT_EQ(due.answer, Midnight(2026, 3, 9, Copenhagen()));
}

TEST(ReferralClockTest, ALaterDeadlineChangesNothing) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  ASSERT_OK_AND_ASSIGN(const DueTimes due, DueFor(sent, v1::URGENCY_NORMAL,
                                                  ResponseDeadline{Day(2026, 5, 1), Copenhagen()}));
  EXPECT_EQ(due.answer, Midnight(2026, 3, 10, Copenhagen()));
}

TEST(ReferralClockTest, TheDeadlineEndsInTheCountrysTimeZone) {
  const absl::TimeZone nuuk = Zone("America/Nuuk");
  ASSERT_OK_AND_ASSIGN(
      const DueTimes due,
      ComputeDueTimes(At(2026, 3, 2, 9, nuuk), Calendar(), nuuk, Policy(), v1::URGENCY_NORMAL,
                      ResponseDeadline{Day(2026, 3, 5), Copenhagen()}));
  EXPECT_EQ(due.answer, Midnight(2026, 3, 6, Copenhagen()));
}

TEST(ReferralClockTest, ADeadlineBeforeTheFirstWorkingDayIsRefused) {
  // Friday; the first working day is Monday 9 March.
  const absl::Time sent = At(2026, 3, 6, 9, Copenhagen());
  const auto due =
      DueFor(sent, v1::URGENCY_NORMAL, ResponseDeadline{Day(2026, 3, 8), Copenhagen()});
  EXPECT_THAT(due, HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  const auto violations = FieldViolationsOf(due.status());
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "trial_request.response_deadline");
  EXPECT_EQ(violations[0].reason, v1::ERROR_REASON_DEADLINE_TOO_EARLY);
  EXPECT_THAT(violations[0].description, testing::HasSubstr("2026-03-09"));
  EXPECT_OK(
      DueFor(sent, v1::URGENCY_NORMAL, ResponseDeadline{Day(2026, 3, 9), Copenhagen()}).status());
}

absl::Time DueAfter(absl::Time sent, const std::vector<Wait>& waits,
                    std::optional<ResponseDeadline> deadline = std::nullopt) {
  return AnswerDueAfterWaits(sent, 5, waits, Calendar(), Copenhagen(), deadline);
}

TEST(ReferralWaitingClockTest, WithoutWaitsItIsDueAsFirstSet) {
  EXPECT_EQ(DueAfter(At(2026, 3, 2, 9, Copenhagen()), {}), Midnight(2026, 3, 10, Copenhagen()));
}

TEST(ReferralWaitingClockTest, AWorkingDayOnWhichItWaitedForAMomentDoesNotCount) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  const absl::Time noon = At(2026, 3, 4, 12, Copenhagen());
  EXPECT_EQ(DueAfter(sent, {{noon, noon}}), Midnight(2026, 3, 11, Copenhagen()));
  EXPECT_EQ(DueAfter(sent, {{noon, noon + absl::Hours(1)}}), Midnight(2026, 3, 11, Copenhagen()));
}

TEST(ReferralWaitingClockTest, DaysOfSeveralWaitsCountOnceEach) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  // Wednesday morning and afternoon, then Thursday to Friday.
  const std::vector<Wait> waits = {
      {At(2026, 3, 4, 8, Copenhagen()), At(2026, 3, 4, 9, Copenhagen())},
      {At(2026, 3, 4, 15, Copenhagen()), At(2026, 3, 4, 16, Copenhagen())},
      {At(2026, 3, 5, 23, Copenhagen()), At(2026, 3, 6, 1, Copenhagen())}};
  EXPECT_EQ(DueAfter(sent, waits), Midnight(2026, 3, 13, Copenhagen()));
}

TEST(ReferralWaitingClockTest, AWaitThatEndsAtMidnightDoesNotTouchTheDayThatBegins) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  EXPECT_EQ(DueAfter(sent, {{At(2026, 3, 3, 9, Copenhagen()), Midnight(2026, 3, 4, Copenhagen())}}),
            Midnight(2026, 3, 11, Copenhagen()));
}

TEST(ReferralWaitingClockTest, WaitingOnTheSendingDayOrAtTheWeekendMovesNothing) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  EXPECT_EQ(DueAfter(sent, {{sent, sent + absl::Hours(2)},
                            {At(2026, 3, 7, 9, Copenhagen()), At(2026, 3, 8, 9, Copenhagen())}}),
            Midnight(2026, 3, 10, Copenhagen()));
}

TEST(ReferralWaitingClockTest, WaitingOnAHolidayMovesNothing) {
  const absl::Time sent = At(2026, 12, 24, 9, Copenhagen());
  EXPECT_EQ(
      DueAfter(sent, {{At(2026, 12, 25, 1, Copenhagen()), At(2026, 12, 25, 9, Copenhagen())}}),
      Midnight(2027, 1, 5, Copenhagen()));
}

TEST(ReferralWaitingClockTest, AWaitOverAChangeOfTheClockIsMeasuredInTheDesksDays) {
  // Friday to Monday over the night in which the clock goes forward, then back.
  EXPECT_EQ(DueAfter(At(2026, 3, 26, 12, Copenhagen()),
                     {{At(2026, 3, 27, 23, Copenhagen()), At(2026, 3, 30, 0, Copenhagen())}}),
            Midnight(2026, 4, 4, Copenhagen()));
  EXPECT_EQ(DueAfter(At(2026, 10, 22, 12, Copenhagen()),
                     {{At(2026, 10, 23, 23, Copenhagen()), At(2026, 10, 26, 1, Copenhagen())}}),
            Midnight(2026, 11, 3, Copenhagen()));
  // Saturday by UTC, and in the desk's zone for an hour still Friday.
  const absl::Time friday_night =
      absl::FromCivil(absl::CivilMinute(2026, 3, 6, 22, 30), absl::UTCTimeZone());
  EXPECT_EQ(DueAfter(At(2026, 3, 2, 9, Copenhagen()), {{friday_night, friday_night}}),
            Midnight(2026, 3, 11, Copenhagen()));
}

TEST(ReferralWaitingClockTest, TheDeadlineCapsHoweverLongItWaits) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  EXPECT_EQ(DueAfter(sent, {{At(2026, 3, 3, 9, Copenhagen()), At(2026, 3, 20, 9, Copenhagen())}},
                     ResponseDeadline{Day(2026, 3, 12), Copenhagen()}),
            Midnight(2026, 3, 13, Copenhagen()));
}

TEST(ReferralWaitingClockTest, AWaitOfCenturiesEnds) {
  const absl::Time sent = At(2026, 3, 2, 9, Copenhagen());
  const std::vector<Wait> waits = {{sent, At(2199, 3, 2, 9, Copenhagen())}};
  EXPECT_EQ(WaitingDays(waits, Copenhagen()).size(), 3661u);
}

}  // namespace
}  // namespace trialgate::routing
