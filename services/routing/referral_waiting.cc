#include "services/routing/referral_waiting.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/routing/referral_clock.h"
#include "services/routing/timestamps.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

absl::Status Unfit(const v1::Referral& referral, absl::string_view what) {
  return Error(absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
               absl::StrCat(referral.desk(), " has no ", what, " that can be used"));
}

std::vector<Wait> WaitsOf(const v1::Referral& referral, absl::Time now) {
  std::vector<Wait> waits;
  for (const v1::WaitingSpan& span : referral.waiting_spans()) {
    waits.push_back(
        {ToTime(span.start_time()), span.has_end_time() ? ToTime(span.end_time()) : now});
  }
  return waits;
}

}  // namespace

void StartWaiting(v1::WaitingFor waiting_for, const std::string& authority, absl::Time now,
                  v1::TrialKind kind, v1::Referral* referral) {
  v1::WaitingSpan* const span = referral->add_waiting_spans();
  span->set_waiting_for(waiting_for);
  span->set_authority(authority);
  *span->mutable_start_time() = ToTimestamp(now);
  referral->set_waiting_for(waiting_for);
  referral->set_waiting_authority(authority);
  *referral->mutable_waiting_since_time() = ToTimestamp(now);
  if (!referral->has_acknowledge_time()) *referral->mutable_acknowledge_time() = ToTimestamp(now);
  if (kind == v1::TRIAL_KIND_DATA_ACCESS && waiting_for == v1::WAITING_FOR_AUTHORITY) {
    referral->set_outcome(v1::REFERRAL_OUTCOME_PENDING);
  }
}

void StopWaiting(absl::Time now, v1::Referral* referral) {
  for (v1::WaitingSpan& span : *referral->mutable_waiting_spans()) {
    if (!span.has_end_time()) *span.mutable_end_time() = ToTimestamp(now);
  }
  referral->clear_waiting_for();
  referral->clear_waiting_authority();
  referral->clear_waiting_since_time();
  if (referral->outcome() == v1::REFERRAL_OUTCOME_PENDING) referral->clear_outcome();
}

absl::Status SetAnswerDue(const v1::TrialRequest& request,
                          const directory::DirectorySnapshot& directory, absl::Time now,
                          v1::Referral* referral) {
  const v1::Desk* const desk = directory.FindDesk(referral->desk());
  if (desk == nullptr) return Unfit(*referral, "record");
  const v1::Calendar* const calendar = directory.FindCalendar(desk->calendar());
  if (calendar == nullptr) return Unfit(*referral, "calendar");
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(desk->time_zone(), &zone)) return Unfit(*referral, "time zone");
  std::optional<ResponseDeadline> deadline;
  if (!request.response_deadline().empty()) {
    ABSL_ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDate(request.response_deadline()));
    deadline = ResponseDeadline{date, directory.time_zone()};
  }
  const int days = referral->answer_days() > 0
                       ? referral->answer_days()
                       : AnswerDays(directory.settings().policy(), request.urgency());
  *referral->mutable_answer_due_time() =
      ToTimestamp(AnswerDueAfterWaits(ToTime(referral->sent_time()), days, WaitsOf(*referral, now),
                                      directory::WorkingCalendar(*calendar), zone, deadline));
  return absl::OkStatus();
}

absl::Status CheckAwaited(const v1::Referral& referral, ReferralEvent event) {
  const bool for_authority = referral.waiting_for() == v1::WAITING_FOR_AUTHORITY;
  if (referral.state() != v1::REFERRAL_STATE_WAITING ||
      for_authority == (event == ReferralEvent::kAuthoritySpoke)) {
    return absl::OkStatus();
  }
  const absl::string_view words =
      for_authority ? "the referral waits for an authority, not for the requester: a reply is not "
                      "possible before the desk records what the authority said"
                    : "the referral waits for the requester's reply, not for an authority";
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE, words)
      .WithMetadata("state", "WAITING")
      .WithMetadata("event", EventName(event))
      .WithMetadata("waiting_for",
                    absl::StripPrefix(v1::WaitingFor_Name(referral.waiting_for()), "WAITING_FOR_"));
}

}  // namespace trialgate::routing
