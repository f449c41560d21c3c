// When a referral must be acknowledged and answered.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_CLOCK_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_CLOCK_H_

#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "services/directory/calendar.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// Both are midnights in the desk's time zone that end a counted working day, unless the requester's
// deadline comes first.
struct DueTimes {
  absl::Time acknowledge;
  absl::Time answer;
};

// The last date on which an answer is of use, in the country's time zone.
struct ResponseDeadline {
  absl::CivilDay date;
  absl::TimeZone zone;
};

// Working days that `policy` gives to answer a request of this urgency.
int AnswerDays(const v1::Policy& policy, v1::Urgency urgency);

// The fault of a request's response deadline that lies before `first_working_day`, of which
// `whose` says whose it is, as in "the first working day of a desk that is asked"; else none.
FieldFaults CheckDeadline(absl::CivilDay deadline, absl::CivilDay first_working_day,
                          absl::string_view whose);

// The due instants of a referral sent at `sent` to a desk that works by `calendar` in `desk_zone`.
// The sending day, in the desk's zone, is not counted. The deadline caps both at the midnight that
// ends it in its zone.
// INVALID_ARGUMENT (INVALID_FIELDS; trial_request.response_deadline: DEADLINE_TOO_EARLY): the
// deadline lies before the desk's first working day.
absl::StatusOr<DueTimes> ComputeDueTimes(absl::Time sent,
                                         const directory::WorkingCalendar& calendar,
                                         absl::TimeZone desk_zone, const v1::Policy& policy,
                                         v1::Urgency urgency,
                                         const std::optional<ResponseDeadline>& deadline);

// A span in which a referral waited, from `start` until before `end`; one that ends as it begins
// still touches its day.
struct Wait {
  absl::Time start;
  absl::Time end;
};

// The days in `desk_zone` at any moment of which a referral waited; of each wait no more than
// WorkingCalendar::kMaxSpanDays.
std::set<absl::CivilDay> WaitingDays(const std::vector<Wait>& waits, absl::TimeZone desk_zone);

// When a referral that was sent at `sent`, with `answer_days` working days, and that waited in
// `waits`, must be answered: the midnight that ends the last counted day. The deadline caps it, and
// waiting moves no deadline.
absl::Time AnswerDueAfterWaits(absl::Time sent, int answer_days, const std::vector<Wait>& waits,
                               const directory::WorkingCalendar& calendar, absl::TimeZone desk_zone,
                               const std::optional<ResponseDeadline>& deadline);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_CLOCK_H_
