// TrialRequestApp::AddReferral: a further desk is asked.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_repository.h"
#include "services/intake/added_referral.h"
#include "services/intake/blinding.h"
#include "services/intake/revealing_text.h"
#include "services/intake/stored_request_repository.h"
#include "services/intake/submission.h"
#include "services/intake/submitter_repository.h"
#include "services/intake/trial_request_app.h"
#include "services/intake/trial_request_repository.h"
#include "services/intake/trial_request_state.h"
#include "services/notices/notice_repository.h"
#include "services/routing/referral_move_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

constexpr char kMethod[] = "AddReferral";

absl::Status Tell(const v1::Referral& referral, notices::NoticeWriter* notices) {
  const std::string& reader = referral.contact().empty() ? referral.desk() : referral.contact();
  ABSL_RETURN_IF_ERROR(
      notices->Add(storage::v1::NOTICE_KIND_REFERRAL_SENT, reader, referral.name()));
  for (const std::string& desk : referral.informed_desks()) {
    ABSL_RETURN_IF_ERROR(
        notices->Add(storage::v1::NOTICE_KIND_REFERRAL_INFORMED, desk, referral.name()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::AddReferralResponse> TrialRequestApp::AddTo(
    const v1::Principal& principal, const v1::AddReferralRequest& call,
    const std::string& referral_name, const directory::DirectorySnapshot& directory,
    Turn& turn) const {
  v1::TrialRequest& request = turn.request;
  ABSL_ASSIGN_OR_RETURN(
      const v1::TrialRequestState state,
      NextTrialRequestState(request.state(), TrialRequestEvent::kAddReferral, principal.role()));
  const absl::CivilDay today = absl::ToCivilDay(turn.now, directory.time_zone());
  turn.faults.AddAll("", CheckAddReferral(call, request, directory, today));
  v1::TrialRequest named = request;
  ABSL_RETURN_IF_ERROR(FillSubmitter(*store_, *keys_, turn.work->read_at(), &named));
  if (IsBlinded(request)) {
    CheckRevealing("reason", call.reason(), named, directory, &turn.faults);
  } else {
    CheckNamesSubmitter("reason", call.reason(), named, &turn.faults);
  }
  ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
  ABSL_RETURN_IF_ERROR(
      routing::CheckNoneOpenAt(turn.work, request, call.desk(), /*except=*/"", /*may_know=*/true));
  ABSL_RETURN_IF_ERROR(turn.work->RequireExists(directory::Desks(), call.desk()).status());
  v1::PlannedReferral planned = PlanAdded(call, directory, today);
  if (planned.contact().empty()) {
    ABSL_ASSIGN_OR_RETURN(const routing::OpenReferrals counts,
                          routing::CountOpenAtDesk(*turn.work, call.desk()));
    planned.set_contact(routing::ChosenContact(*directory.FindDesk(call.desk()), request, directory,
                                               counts, today));
  }
  const absl::StatusOr<v1::Referral> made =
      MakeReferral(request, planned, referral_name, directory, turn.now);
  if (ReasonOf(made.status()) == v1::ERROR_REASON_INVALID_FIELDS) {
    turn.faults.Add("desk", v1::ERROR_REASON_DEADLINE_TOO_EARLY,
                    absl::StrCat("does not work before the requester's deadline, ",
                                 request.response_deadline(), ", is over"));
    return turn.faults.ToStatus();
  }
  ABSL_RETURN_IF_ERROR(made.status());
  v1::Referral referral = *made;
  ABSL_ASSIGN_OR_RETURN(
      const v1::ReferralState sent,
      routing::NextReferralState(v1::REFERRAL_STATE_UNSPECIFIED, routing::ReferralEvent::kAdd,
                                 principal.role(), request.state()));
  referral.set_state(sent);
  referral.set_added(true);
  referral.set_add_reason(call.reason());
  request.set_state(state);
  request.add_referrals(referral_name);
  *request.mutable_update_time() = ToTimestamp(turn.now);
  *request.mutable_answer_due_time() = ToTimestamp(std::max(
      routing::ToTime(request.answer_due_time()), routing::ToTime(referral.answer_due_time())));
  ABSL_RETURN_IF_ERROR(turn.work->Put(routing::Referrals(), referral_name, referral));
  ABSL_RETURN_IF_ERROR(turn.work->Put(TrialRequests(), request.name(), request));
  notices::NoticeWriter notices(turn.work, turn.operation, turn.now);
  ABSL_RETURN_IF_ERROR(Tell(referral, &notices));
  v1::AddReferralResponse response;
  *response.mutable_trial_request() = request;
  *response.mutable_referral() = std::move(referral);
  return response;
}

absl::StatusOr<v1::AddReferralResponse> TrialRequestApp::AddReferral(
    const v1::Principal& principal, const v1::AddReferralRequest& call) {
  const absl::Time now = clock_->Now();
  const std::string operation = ids_->NewId();
  const std::string referral_name = absl::StrCat(call.name(), "/referrals/", ids_->NewId());
  const auto directory = world_->CaughtUpView()->directory;
  FieldFaults id_faults;
  if (!call.validate_only()) id_faults = store::CheckRequestId(call.request_id());
  const auto work = [&](store::UnitOfWork& unit) -> absl::StatusOr<v1::AddReferralResponse> {
    ABSL_ASSIGN_OR_RETURN(auto row, GetRequest(&unit, call.name()));
    ABSL_RETURN_IF_ERROR(CheckRequestEtag(call.etag(), row.version));
    Turn turn{&unit, now, operation, std::move(row.value), id_faults};
    ABSL_ASSIGN_OR_RETURN(auto response, AddTo(principal, call, referral_name, *directory, turn));
    unit.SetEvent(audit::MakeEvent(principal, kMethod, call.reason(), unit.Changes()));
    return response;
  };
  if (call.validate_only() || !id_faults.empty()) {
    store::UnitOfWork unit(store_, store_->Head());
    ABSL_ASSIGN_OR_RETURN(auto response, work(unit));
    response.mutable_referral()->clear_name();
    response.mutable_trial_request()->mutable_referrals()->RemoveLast();
    return response;
  }
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall idempotent,
      store::MakeIdempotentCall(principal, kMethod, call.request_id(), call, now));
  ABSL_ASSIGN_OR_RETURN(auto answer, store::RunIdempotent<v1::AddReferralResponse>(
                                         store_, idempotent, operation, {}, work));
  answer.response.mutable_trial_request()->set_etag(absl::StrCat(answer.commit));
  answer.response.mutable_referral()->set_etag(absl::StrCat(answer.commit));
  return std::move(answer.response);
}

}  // namespace trialgate::intake
