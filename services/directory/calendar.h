// Working days, and how a referral's clock counts them.
//
//   const WorkingCalendar calendar(*directory.FindCalendar(desk.calendar()));
//   const absl::CivilDay last = calendar.LastCountedDay(sent_on, 5, waiting_days);
//   const absl::Time due = EndOfDay(last, zone);
#ifndef TRIALGATE_SERVICES_DIRECTORY_CALENDAR_H_
#define TRIALGATE_SERVICES_DIRECTORY_CALENDAR_H_

#include <set>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

// Easter Sunday of a year of the Gregorian calendar.
absl::CivilDay EasterSunday(int year);

// The midnight that ends `day` in `zone`. Where a change of the clock skips that midnight, the
// instant of the change; where one repeats it, the earlier of the two.
absl::Time EndOfDay(absl::CivilDay day, absl::TimeZone zone);

// Immutable, hence safe to read from any thread.
class WorkingCalendar {
 public:
  // A count ends at the latest so many days after the sending day, whatever the calendar holds and
  // however long the referral waits.
  static constexpr int kMaxSpanDays = 3660;

  explicit WorkingCalendar(const v1::Calendar& calendar);

  // Whether desks work on `day`: not on Saturdays, Sundays and the calendar's holidays.
  bool IsWorkingDay(absl::CivilDay day) const;

  // The `count`-th working day, 1 and up, after `sent_on` that is not one of `waiting_days` (the
  // days at any moment of which the referral waited).
  absl::CivilDay LastCountedDay(absl::CivilDay sent_on, int count,
                                const std::set<absl::CivilDay>& waiting_days) const;

  // The first working day after `day`.
  absl::CivilDay NextWorkingDay(absl::CivilDay day) const { return LastCountedDay(day, 1, {}); }

 private:
  v1::Calendar calendar_;
  std::set<absl::CivilDay> single_holidays_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_CALENDAR_H_
