// How ReferralApp changes one referral: part of its implementation, for its own files alone.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_APP_CHANGE_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_APP_CHANGE_H_

#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/person_reference_repository.h"
#include "services/routing/referral_app.h"
#include "services/routing/referral_repository.h"
#include "services/routing/resource_names.h"

namespace trialgate::routing {

// ABORTED (ETAG_MISMATCH) where an etag is given and is not that of `version`.
absl::Status CheckReferralEtag(const std::string& given, store::CommitNumber version);

namespace internal {

// The persons that a call gives, by the names under which they are stored.
template <typename Call>
directory::PersonsByName PersonsOf(const Call&) {
  return {};
}
inline directory::PersonsByName PersonsOf(const v1::AnswerReferralRequest& call) {
  v1::Referral answered;
  answered.set_name(call.name());
  *answered.mutable_offers() = call.offers();
  return directory::TakePersons(&answered);
}

// Many desks may offer one busy site at once.
inline store::UnitOfWorkOptions Patiently() {
  store::UnitOfWorkOptions options;
  options.max_attempts = 40;
  return options;
}

}  // namespace internal

template <typename Call>
absl::Status ReferralApp::StartTurn(const v1::Principal& principal, const Call& call,
                                    Turn* turn) const {
  if (!IsNameBelowRequest(call.name(), "referrals"))
    return NotFoundError("trialgate.v1.Referral", call.name());
  ABSL_ASSIGN_OR_RETURN(auto row, turn->work->Get(Referrals(), call.name()));
  if (principal.role() == v1::ROLE_REQUESTER) {
    // Of another's request the same is read as of one that does not exist.
    auto request = progress_->Get(turn->work, RequestOf(call.name()));
    if (!request.ok() && !absl::IsNotFound(request.status())) return request.status();
    if (!row.has_value() || !request.ok() || principal.organization().empty() ||
        request->requester() != principal.organization()) {
      return NotFoundError("trialgate.v1.Referral", call.name());
    }
    turn->request = *std::move(request);
  } else if (std::is_same_v<Call, v1::ReplyToReferralRequest> &&
             principal.role() == v1::ROLE_COORDINATOR) {
    ABSL_RETURN_IF_ERROR(StartReply(principal, row, call.name(), turn));
  } else {
    if (!row.has_value() || !WorksAt(principal, row->value.desk())) {
      return NotFoundError("trialgate.v1.Referral", call.name());
    }
    ABSL_ASSIGN_OR_RETURN(turn->request, progress_->Get(turn->work, RequestOf(call.name())));
  }
  ABSL_RETURN_IF_ERROR(CheckReferralEtag(call.etag(), row->version));
  turn->referral = std::move(row->value);
  return absl::OkStatus();
}

// The referral after `Call`: a coordinator who replies stands in the requester's place.
template <typename Call>
v1::Referral SeenBy(const v1::Principal& principal, v1::Referral referral) {
  if (std::is_same_v<Call, v1::ReplyToReferralRequest> &&
      principal.role() == v1::ROLE_COORDINATOR && !WorksAt(principal, referral.desk())) {
    return ReferralAsSeenByAsker(std::move(referral));
  }
  return ReferralAsSeenBy(principal, std::move(referral));
}

template <typename Call>
absl::StatusOr<v1::Referral> ReferralApp::Change(const v1::Principal& principal, const char* method,
                                                 const std::string& reason, const Call& call,
                                                 Act act) {
  const absl::Time now = clock_->Now();
  const std::string operation = ids_->NewId();
  FieldFaults id_faults;
  if (!call.validate_only()) id_faults = store::CheckRequestId(call.request_id());
  const bool only_check = call.validate_only() || !id_faults.empty();
  directory::PersonEdits persons(
      keys_, only_check ? directory::PersonEdits::kCheck : directory::PersonEdits::kWrite);
  const auto work = [&](store::UnitOfWork& unit) -> absl::StatusOr<v1::Referral> {
    Turn turn{&unit, now, operation, principal.role(), {}, {}, id_faults, &persons};
    ABSL_RETURN_IF_ERROR(StartTurn(principal, call, &turn));
    ABSL_RETURN_IF_ERROR(act(turn));
    unit.SetEvent(audit::MakeEvent(principal, method, reason, unit.Changes()));
    return std::move(turn.referral);
  };
  if (only_check) {
    store::UnitOfWork unit(store_, store_->Head());
    ABSL_ASSIGN_OR_RETURN(v1::Referral checked, work(unit));
    return SeenBy<Call>(principal, std::move(checked));
  }
  Call hashed = call;
  directory::ClearPersons(&hashed);
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall idempotent,
      store::MakeIdempotentCall(principal, method, call.request_id(), hashed, now));
  ABSL_ASSIGN_OR_RETURN(
      auto answer, directory::RunWithPersons<v1::Referral>(store_, idempotent, operation,
                                                           internal::Patiently(), &persons, work));
  if (answer.repeated) {
    ABSL_RETURN_IF_ERROR(directory::CheckSamePersons(*store_, *keys_, internal::PersonsOf(call)));
  }
  answer.response.set_etag(absl::StrCat(answer.commit));
  return SeenBy<Call>(principal, std::move(answer.response));
}

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_APP_CHANGE_H_
