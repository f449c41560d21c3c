#include "services/intake/submission.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "services/directory/calendar.h"
#include "services/directory/organization_standing.h"
#include "services/directory/validity.h"
#include "services/intake/blinding.h"
#include "services/routing/referral_clock.h"
#include "services/routing/referral_state.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

absl::Status Unfit(const std::string& desk, absl::string_view what) {
  return Error(absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
               absl::StrCat(desk, " has no ", what, " that can be used"));
}

absl::StatusOr<routing::DueTimes> DueTimesOf(const v1::TrialRequest& request,
                                             const std::string& desk_name,
                                             const directory::DirectorySnapshot& directory,
                                             absl::Time sent) {
  const v1::Desk* desk = directory.FindDesk(desk_name);
  if (desk == nullptr) return Unfit(desk_name, "record");
  const v1::Calendar* calendar = directory.FindCalendar(desk->calendar());
  if (calendar == nullptr) return Unfit(desk_name, "calendar");
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(desk->time_zone(), &zone)) return Unfit(desk_name, "time zone");
  std::optional<routing::ResponseDeadline> deadline;
  if (!request.response_deadline().empty()) {
    ABSL_ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDate(request.response_deadline()));
    deadline = routing::ResponseDeadline{date, directory.time_zone()};
  }
  return routing::ComputeDueTimes(sent, directory::WorkingCalendar(*calendar), zone,
                                  directory.settings().policy(), request.urgency(), deadline);
}

}  // namespace

absl::Status CheckMaySubmit(const v1::Principal& principal, const v1::TrialRequest& request,
                            const directory::DirectorySnapshot& directory) {
  if (principal.role() != v1::ROLE_COORDINATOR) {
    return directory::CheckApproved(
        principal.role() == v1::ROLE_REQUESTER ? principal.organization() : request.requester(),
        directory, "nothing can be submitted for it");
  }
  const bool at_clinic =
      std::any_of(principal.desks().begin(), principal.desks().end(), [&](const std::string& name) {
        const v1::Desk* desk = directory.FindDesk(name);
        return desk != nullptr && desk->kind() == v1::DESK_KIND_IDEA_CLINIC;
      });
  if (at_clinic && request.kind() == v1::TRIAL_KIND_IDEA) return absl::OkStatus();
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED,
               "a coordinator may submit an idea only, and only at an idea clinic");
}

v1::TrialRequest AsSubmittedBy(const v1::Principal& principal, v1::TrialRequest request,
                               const directory::DirectorySnapshot& directory) {
  if (principal.role() != v1::ROLE_COORDINATOR || !request.has_submitter() ||
      !request.submitting_desk().empty()) {
    return request;
  }
  std::vector<std::string> clinics;
  for (const std::string& name : principal.desks()) {
    const v1::Desk* const desk = directory.FindDesk(name);
    if (desk != nullptr && desk->kind() == v1::DESK_KIND_IDEA_CLINIC) clinics.push_back(name);
  }
  if (clinics.size() == 1) request.set_submitting_desk(clinics.front());
  return request;
}

FieldFaults CheckSubmitterBy(const v1::Principal& principal, const v1::TrialRequest& request) {
  FieldFaults faults;
  if (!request.has_submitter()) return faults;
  if (principal.role() == v1::ROLE_REQUESTER) {
    faults.Add("trial_request.submitter", v1::ERROR_REASON_CONTRADICTION,
               "must be absent: ideas of persons come through an idea clinic");
  }
  const auto& desks = principal.desks();
  if (principal.role() == v1::ROLE_COORDINATOR && !request.submitting_desk().empty() &&
      std::find(desks.begin(), desks.end(), request.submitting_desk()) == desks.end()) {
    faults.Add("trial_request.submitting_desk", v1::ERROR_REASON_UNKNOWN_VALUE,
               "is not a desk of yours");
  }
  return faults;
}

FieldFaults CheckDeadlineForAnyDesk(const v1::TrialRequest& request,
                                    const directory::DirectorySnapshot& directory,
                                    absl::Time sent) {
  const auto deadline = ParseDate(request.response_deadline());
  const absl::CivilDay today = absl::ToCivilDay(sent, directory.time_zone());
  if (!deadline.ok() || *deadline < today) return {};
  std::optional<absl::CivilDay> earliest;
  for (const auto& [name, desk] : directory.desks()) {
    const v1::Calendar* calendar = directory.FindCalendar(desk->calendar());
    absl::TimeZone zone;
    if (directory::ValidityOn(desk->valid_from(), desk->valid_to(), today) !=
            directory::Validity::kValid ||
        calendar == nullptr || !absl::LoadTimeZone(desk->time_zone(), &zone)) {
      continue;
    }
    const absl::CivilDay first =
        directory::WorkingCalendar(*calendar).NextWorkingDay(absl::ToCivilDay(sent, zone));
    earliest = std::min(first, earliest.value_or(first));
  }
  if (!earliest.has_value()) return {};
  return routing::CheckDeadline(*deadline, *earliest, "any desk");
}

absl::StatusOr<v1::Referral> MakeReferral(const v1::TrialRequest& request,
                                          const v1::PlannedReferral& planned,
                                          const std::string& name,
                                          const directory::DirectorySnapshot& directory,
                                          absl::Time sent) {
  ABSL_ASSIGN_OR_RETURN(const routing::DueTimes due,
                        DueTimesOf(request, planned.desk(), directory, sent));
  ABSL_ASSIGN_OR_RETURN(
      const v1::ReferralState state,
      routing::NextReferralState(v1::REFERRAL_STATE_UNSPECIFIED, routing::ReferralEvent::kRoute,
                                 v1::ROLE_PROGRAM, request.state()));
  v1::Referral referral;
  referral.set_name(name);
  referral.set_desk(planned.desk());
  referral.set_contact(planned.contact());
  referral.set_state(state);
  referral.set_round(1);
  *referral.mutable_sites() = planned.sites();
  *referral.mutable_informed_desks() = planned.informed_desks();
  *referral.mutable_rules() = planned.rules();
  referral.set_title(TitleForDesks(request));
  *referral.mutable_sent_time() = ToTimestamp(sent);
  *referral.mutable_acknowledge_due_time() = ToTimestamp(due.acknowledge);
  *referral.mutable_answer_due_time() = ToTimestamp(due.answer);
  referral.set_answer_days(routing::AnswerDays(directory.settings().policy(), request.urgency()));
  return referral;
}

}  // namespace trialgate::intake
