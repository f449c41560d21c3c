#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/organization_standing.h"
#include "services/intake/blinding.h"
#include "services/intake/confirmation.h"
#include "services/intake/stored_request_repository.h"
#include "services/intake/trial_request_app.h"
#include "services/intake/trial_request_repository.h"
#include "services/intake/trial_request_state.h"
#include "services/notices/notice_repository.h"
#include "services/routing/offer_holds_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"
#include "services/routing/referral_waiting.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

bool MayDecide(const v1::Principal& principal, const v1::TrialRequest& request) {
  switch (principal.role()) {
    case v1::ROLE_NATIONAL:
      return true;
    case v1::ROLE_REQUESTER:
      return !principal.organization().empty() && principal.organization() == request.requester();
    case v1::ROLE_COORDINATOR:
      return IsSubmittedBy(principal, request);
    default:
      return false;
  }
}

// As whom the principal, who may decide, does: a desk stands in the place of the person whose idea
// it submitted.
v1::Role ActingAs(const v1::Principal& principal) {
  return principal.role() == v1::ROLE_COORDINATOR ? v1::ROLE_REQUESTER : principal.role();
}

// Many requests may be decided that share a busy site.
store::UnitOfWorkOptions Patiently() {
  store::UnitOfWorkOptions options;
  options.max_attempts = 40;
  return options;
}

// Who is told of what becomes of a referral.
const std::string& ReaderOf(const v1::Referral& referral) {
  return referral.contact().empty() ? referral.desk() : referral.contact();
}

absl::Status PutReferral(store::UnitOfWork* work, const v1::Referral& referral) {
  return work->Put(routing::Referrals(), referral.name(), referral);
}

}  // namespace

template <typename Call>
absl::StatusOr<v1::TrialRequest> TrialRequestApp::Change(const v1::Principal& principal,
                                                         const char* method,
                                                         const std::string& reason,
                                                         const Call& call, Act act) {
  const absl::Time now = clock_->Now();
  const std::string operation = ids_->NewId();
  FieldFaults id_faults;
  if (!call.validate_only()) id_faults = store::CheckRequestId(call.request_id());
  const auto work = [&](store::UnitOfWork& unit) -> absl::StatusOr<v1::TrialRequest> {
    ABSL_ASSIGN_OR_RETURN(auto row, GetRequest(&unit, call.name()));
    if (!MayDecide(principal, row.value)) return RequestNotFound(call.name());
    ABSL_RETURN_IF_ERROR(CheckRequestEtag(call.etag(), row.version));
    Turn turn{&unit, now, operation, std::move(row.value), id_faults};
    ABSL_RETURN_IF_ERROR(act(turn));
    *turn.request.mutable_update_time() = ToTimestamp(now);
    ABSL_RETURN_IF_ERROR(unit.Put(TrialRequests(), turn.request.name(), turn.request));
    unit.SetEvent(audit::MakeEvent(principal, method, reason, unit.Changes()));
    return std::move(turn.request);
  };
  if (call.validate_only() || !id_faults.empty()) {
    store::UnitOfWork unit(store_, store_->Head());
    return work(unit);
  }
  ABSL_ASSIGN_OR_RETURN(const store::IdempotentCall idempotent,
                        store::MakeIdempotentCall(principal, method, call.request_id(), call, now));
  ABSL_ASSIGN_OR_RETURN(auto answer, store::RunIdempotent<v1::TrialRequest>(
                                         store_, idempotent, operation, Patiently(), work));
  answer.response.set_etag(absl::StrCat(answer.commit));
  return std::move(answer.response);
}

absl::StatusOr<v1::TrialRequest> TrialRequestApp::Withdraw(
    const v1::Principal& principal, const v1::WithdrawTrialRequestRequest& call) {
  return Change(principal, "WithdrawTrialRequest", call.reason(), call,
                [&](Turn& turn) -> absl::Status {
                  ABSL_ASSIGN_OR_RETURN(
                      const v1::TrialRequestState state,
                      NextTrialRequestState(turn.request.state(), TrialRequestEvent::kWithdraw,
                                            ActingAs(principal)));
                  turn.faults.AddAll("", CheckWithdrawal(call));
                  ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
                  ABSL_RETURN_IF_ERROR(WithdrawReferrals(turn));
                  turn.request.set_state(state);
                  turn.request.set_withdraw_reason(call.reason());
                  return absl::OkStatus();
                });
}

// Ends the open referrals, gives back what any offer holds, tells those desks.
absl::Status TrialRequestApp::WithdrawReferrals(Turn& turn) const {
  ABSL_ASSIGN_OR_RETURN(std::vector<v1::Referral> referrals, GetReferrals(turn.work, turn.request));
  notices::NoticeWriter notices(turn.work, turn.operation, turn.now);
  for (v1::Referral& referral : referrals) {
    const bool open = routing::IsOpen(referral.state());
    // Whoever declined has nothing to lose.
    if (!open && referral.offers().empty()) continue;
    if (open) {
      ABSL_ASSIGN_OR_RETURN(
          const v1::ReferralState state,
          routing::NextReferralState(referral.state(), routing::ReferralEvent::kWithdraw,
                                     v1::ROLE_PROGRAM, turn.request.state()));
      routing::StopWaiting(turn.now, &referral);
      referral.set_state(state);
    }
    std::vector<routing::PlacedOffer> offers;
    for (v1::Offer& offer : *referral.mutable_offers()) offers.push_back({referral.name(), &offer});
    ABSL_RETURN_IF_ERROR(routing::ReleaseHolds(turn.work, offers));
    ABSL_RETURN_IF_ERROR(PutReferral(turn.work, referral));
    ABSL_RETURN_IF_ERROR(notices.Add(storage::v1::NOTICE_KIND_REQUEST_WITHDRAWN, ReaderOf(referral),
                                     referral.name()));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::TrialRequest> TrialRequestApp::Confirm(
    const v1::Principal& principal, const v1::ConfirmTrialRequestRequest& call) {
  return Change(principal, "ConfirmTrialRequest", "", call, [&](Turn& turn) -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(
        const v1::TrialRequestState state,
        NextTrialRequestState(turn.request.state(), TrialRequestEvent::kConfirm, principal.role()));
    ABSL_RETURN_IF_ERROR(directory::CheckNotSuspended(principal, *world_->View()->directory));
    const std::string name = AnswerName(turn.request.name(), turn.request.answer_version());
    ABSL_ASSIGN_OR_RETURN(const auto answer, turn.work->Get(CollatedAnswers(), name));
    turn.faults.AddAll(
        "", CheckSelections(call, answer.has_value() ? answer->value : v1::CollatedAnswer()));
    ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
    ABSL_RETURN_IF_ERROR(SelectOffers(call, principal.role(), turn));
    turn.request.set_state(state);
    *turn.request.mutable_selections() = call.selections();
    return absl::OkStatus();
  });
}

// Occupies the slots of what was selected, gives back the rest, tells the desks that offered.
absl::Status TrialRequestApp::SelectOffers(const v1::ConfirmTrialRequestRequest& call, v1::Role by,
                                           Turn& turn) const {
  ABSL_ASSIGN_OR_RETURN(std::vector<v1::Referral> referrals, GetReferrals(turn.work, turn.request));
  std::set<std::pair<std::string, std::string>> selected;
  for (const v1::OfferSelection& selection : call.selections()) {
    if (selection.selected()) selected.emplace(selection.referral(), selection.site());
  }
  std::vector<routing::PlacedOffer> taken, left;
  for (v1::Referral& referral : referrals) {
    for (v1::Offer& offer : *referral.mutable_offers()) {
      const bool is_selected = selected.count({referral.name(), offer.site()}) > 0;
      (is_selected ? taken : left).push_back({referral.name(), &offer});
    }
  }
  // What is given back first may be what a tentative offer takes.
  ABSL_RETURN_IF_ERROR(routing::ReleaseHolds(turn.work, left));
  const routing::FullDetail detail =
      by == v1::ROLE_NATIONAL ? routing::FullDetail::kSitesAndMonths : routing::FullDetail::kSites;
  ABSL_RETURN_IF_ERROR(
      routing::ConfirmHolds(turn.work, turn.request.recruitment_months(), taken, detail));
  notices::NoticeWriter notices(turn.work, turn.operation, turn.now);
  for (const v1::Referral& referral : referrals) {
    if (referral.offers().empty()) continue;
    ABSL_RETURN_IF_ERROR(PutReferral(turn.work, referral));
    ABSL_RETURN_IF_ERROR(notices.Add(storage::v1::NOTICE_KIND_REQUEST_CONFIRMED, ReaderOf(referral),
                                     referral.name()));
  }
  return absl::OkStatus();
}

}  // namespace trialgate::intake
