#include "services/routing/referral_clock.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
int AnswerDays(const v1::Policy& policy, v1::Urgency urgency) {
  switch (urgency) {
    case v1::URGENCY_EXPEDITED:
      return policy.answer_days_expedited();
    case v1::URGENCY_RARE_DISEASE:
      return policy.answer_days_rare_disease();
    default:
      return policy.answer_days_normal();
  }
}

FieldFaults CheckDeadline(absl::CivilDay deadline, absl::CivilDay first_working_day,
                          absl::string_view whose) {
  FieldFaults faults;
  if (deadline < first_working_day) {
    faults.Add("trial_request.response_deadline", v1::ERROR_REASON_DEADLINE_TOO_EARLY,
               absl::StrCat("lies before the first working day of ", whose, ", ",
                            FormatDate(first_working_day)));
  }
  return faults;
}

absl::StatusOr<DueTimes> ComputeDueTimes(absl::Time sent,
                                         const directory::WorkingCalendar& calendar,
                                         absl::TimeZone desk_zone, const v1::Policy& policy,
                                         v1::Urgency urgency,
                                         const std::optional<ResponseDeadline>& deadline) {
  const absl::CivilDay sent_on = absl::ToCivilDay(sent, desk_zone);
  const auto end_of = [&](int days) {
    return directory::EndOfDay(calendar.LastCountedDay(sent_on, days, {}), desk_zone);
  };
  DueTimes due{end_of(policy.acknowledge_days()), end_of(AnswerDays(policy, urgency))};
  if (deadline.has_value()) {
    const absl::CivilDay first = calendar.NextWorkingDay(sent_on);
    ABSL_RETURN_IF_ERROR(CheckDeadline(deadline->date, first, "a desk that is asked").ToStatus());
    const absl::Time cap = directory::EndOfDay(deadline->date, deadline->zone);
    due.acknowledge = std::min(due.acknowledge, cap);
    due.answer = std::min(due.answer, cap);
  }
  return due;
}

std::set<absl::CivilDay> WaitingDays(const std::vector<Wait>& waits, absl::TimeZone desk_zone) {
  std::set<absl::CivilDay> days;
  for (const Wait& wait : waits) {
    const absl::CivilDay first = absl::ToCivilDay(wait.start, desk_zone);
    const absl::CivilDay last =
        std::min(std::max(first, absl::ToCivilDay(wait.end - absl::Nanoseconds(1), desk_zone)),
                 first + directory::WorkingCalendar::kMaxSpanDays);
    for (absl::CivilDay day = first; day <= last; ++day) days.insert(day);
  }
  return days;
}

absl::Time AnswerDueAfterWaits(absl::Time sent, int answer_days, const std::vector<Wait>& waits,
                               const directory::WorkingCalendar& calendar, absl::TimeZone desk_zone,
                               const std::optional<ResponseDeadline>& deadline) {
  const absl::CivilDay last = calendar.LastCountedDay(absl::ToCivilDay(sent, desk_zone),
                                                      answer_days, WaitingDays(waits, desk_zone));
  const absl::Time due = directory::EndOfDay(last, desk_zone);
  if (!deadline.has_value()) return due;
  return std::min(due, directory::EndOfDay(deadline->date, deadline->zone));
}

}  // namespace trialgate::routing
