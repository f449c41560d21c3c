#include "services/directory/calendar.h"

#include "common/base/civil_date.h"

namespace trialgate::directory {
namespace {

template <typename Holiday>
bool InForce(const Holiday& holiday, absl::civil_year_t year) {
  return year >= holiday.first_year() && (holiday.last_year() == 0 || year <= holiday.last_year());
}

}  // namespace

absl::CivilDay EasterSunday(int year) {
  // The Gregorian computus; names as in the usual account of it.
  const int golden = year % 19;
  const int century = year / 100;
  const int skipped_leap_days = century - century / 4;
  const int moon_correction = (8 * century + 13) / 25;
  // Days from 21 March to the full moon, with the two exceptions that keep it within 29 days.
  int epact_days = (19 * golden + skipped_leap_days - moon_correction + 15) % 30;
  if (epact_days == 29 || (epact_days == 28 && golden > 10)) --epact_days;
  const absl::CivilDay full_moon = absl::CivilDay(year, 3, 21) + epact_days;
  return absl::NextWeekday(full_moon, absl::Weekday::sunday);
}

absl::Time EndOfDay(absl::CivilDay day, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day + 1));
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

WorkingCalendar::WorkingCalendar(const v1::Calendar& calendar) : calendar_(calendar) {
  for (const std::string& text : calendar.single_holidays()) {
    if (const auto day = ParseDate(text); day.ok()) single_holidays_.insert(*day);
  }
}

bool WorkingCalendar::IsWorkingDay(absl::CivilDay day) const {
  const absl::Weekday weekday = absl::GetWeekday(day);
  if (weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday) return false;
  if (single_holidays_.count(day) != 0) return false;
  for (const v1::FixedHoliday& holiday : calendar_.fixed_holidays()) {
    if (holiday.month() == day.month() && holiday.day() == day.day() &&
        InForce(holiday, day.year())) {
      return false;
    }
  }
  const absl::CivilDay easter = EasterSunday(static_cast<int>(day.year()));
  for (const v1::EasterHoliday& holiday : calendar_.easter_holidays()) {
    if (easter + holiday.offset_days() == day && InForce(holiday, day.year())) return false;
  }
  return true;
}

absl::CivilDay WorkingCalendar::LastCountedDay(absl::CivilDay sent_on, int count,
                                               const std::set<absl::CivilDay>& waiting_days) const {
  absl::CivilDay day = sent_on;
  for (int span = 0; span < kMaxSpanDays && count > 0; ++span) {
    ++day;
    if (IsWorkingDay(day) && waiting_days.count(day) == 0) --count;
  }
  return day;
}

}  // namespace trialgate::directory
