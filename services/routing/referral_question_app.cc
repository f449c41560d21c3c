// What desks ask, what requesters reply, what authorities say.
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/store/unit_of_work.h"
#include "services/directory/directory_projection.h"
#include "services/feasibility/field_rules.h"
#include "services/notices/notice_repository.h"
#include "services/routing/referral_app.h"
#include "services/routing/referral_app_change.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"
#include "services/routing/referral_thread.h"
#include "services/routing/referral_waiting.h"
#include "services/routing/resource_names.h"

namespace trialgate::routing {
namespace {

// Whom what was said reaches: who is asked at the desk, else the desk.
const std::string& ReaderAt(const v1::Referral& referral) {
  return referral.contact().empty() ? referral.desk() : referral.contact();
}

absl::StatusOr<v1::ReferralState> Next(const v1::Referral& referral, ReferralEvent event,
                                       v1::Role by, const v1::TrialRequest& request) {
  ABSL_ASSIGN_OR_RETURN(const v1::ReferralState state,
                        NextReferralState(referral.state(), event, by, request.state()));
  ABSL_RETURN_IF_ERROR(CheckAwaited(referral, event));
  return state;
}

}  // namespace

absl::Status ReferralApp::CheckRevealing(const v1::Principal& principal, absl::string_view field,
                                         absl::string_view text, Turn& turn) const {
  const absl::CivilDay today = absl::ToCivilDay(turn.now, directory_->Snapshot()->time_zone());
  ABSL_ASSIGN_OR_RETURN(const FieldFaults faults,
                        progress_->FindRevealing(*turn.work, principal, turn.request,
                                                 turn.referral.desk(), field, text, today));
  turn.faults.AddAll("", faults);
  return absl::OkStatus();
}

// The clock stands from now on.
absl::Status ReferralApp::Wait(v1::WaitingFor waiting_for, const std::string& authority,
                               v1::ReferralState state, Turn& turn) const {
  v1::Referral& referral = turn.referral;
  StartWaiting(waiting_for, authority, turn.now, turn.request.kind(), &referral);
  referral.set_state(state);
  ABSL_RETURN_IF_ERROR(SetAnswerDue(turn.request, *directory_->Snapshot(), turn.now, &referral));
  return turn.work->Put(Referrals(), referral.name(), referral);
}

// The clock goes on.
absl::Status ReferralApp::Resume(v1::ReferralState state, Turn& turn) const {
  v1::Referral& referral = turn.referral;
  StopWaiting(turn.now, &referral);
  referral.set_state(state);
  ABSL_RETURN_IF_ERROR(SetAnswerDue(turn.request, *directory_->Snapshot(), turn.now, &referral));
  return turn.work->Put(Referrals(), referral.name(), referral);
}

absl::StatusOr<v1::Referral> ReferralApp::Ask(const v1::Principal& principal,
                                              const v1::AskRequesterRequest& call) {
  return Change(principal, "AskRequester", "", call, [&](Turn& turn) -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const v1::ReferralState state,
                          Next(turn.referral, ReferralEvent::kAsk, turn.by, turn.request));
    turn.faults.AddAll("", CheckQuestions(call));
    for (int i = 0; i < std::min(call.questions_size(), kMaxQuestionsAtOnce); ++i) {
      ABSL_RETURN_IF_ERROR(
          CheckRevealing(principal, feasibility::Element("questions", i), call.questions(i), turn));
    }
    ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
    // With room for the replies.
    ABSL_RETURN_IF_ERROR(CheckRoom(turn.referral, 2 * call.questions_size()));
    for (const std::string& text : call.questions()) {
      AddEntry(v1::THREAD_ENTRY_KIND_QUESTION, text, principal.role(), turn.now, &turn.referral);
    }
    // Of a person's idea the desk that submitted it.
    const std::string& asked = turn.request.requester().empty() ? turn.request.submitting_desk()
                                                                : turn.request.requester();
    notices::NoticeWriter notices(turn.work, turn.operation, turn.now);
    ABSL_RETURN_IF_ERROR(
        notices.Add(storage::v1::NOTICE_KIND_REQUESTER_ASKED, asked, turn.referral.name()));
    return Wait(v1::WAITING_FOR_REQUESTER, "", state, turn);
  });
}

absl::Status ReferralApp::StartReply(const v1::Principal& principal,
                                     const std::optional<store::Row<v1::Referral>>& row,
                                     const std::string& name, Turn* turn) const {
  auto request = progress_->Get(turn->work, RequestOf(name));
  if (!request.ok() && !absl::IsNotFound(request.status())) return request.status();
  if (!row.has_value() || !request.ok() || !progress_->IsSubmittedBy(principal, *request)) {
    return NotFoundError("trialgate.v1.Referral", name);
  }
  turn->request = *std::move(request);
  turn->by = v1::ROLE_REQUESTER;
  return absl::OkStatus();
}

absl::StatusOr<v1::Referral> ReferralApp::Reply(const v1::Principal& principal,
                                                const v1::ReplyToReferralRequest& call) {
  return Change(principal, "ReplyToReferral", "", call, [&](Turn& turn) -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const v1::ReferralState state,
                          Next(turn.referral, ReferralEvent::kReply, turn.by, turn.request));
    ABSL_RETURN_IF_ERROR(progress_->CheckMayReply(principal));
    turn.faults.AddAll("", CheckReplies(call, turn.referral));
    for (int i = 0; i < std::min(call.replies_size(), kMaxThreadEntries); ++i) {
      ABSL_RETURN_IF_ERROR(CheckRevealing(principal, feasibility::Element("replies", i) + ".text",
                                          call.replies(i).text(), turn));
    }
    ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
    for (const v1::ReferralReply& reply : call.replies()) {
      AddEntry(v1::THREAD_ENTRY_KIND_REPLY, reply.text(), turn.by, turn.now, &turn.referral)
          ->set_question(reply.question());
    }
    notices::NoticeWriter notices(turn.work, turn.operation, turn.now);
    ABSL_RETURN_IF_ERROR(notices.Add(storage::v1::NOTICE_KIND_REQUESTER_REPLIED,
                                     ReaderAt(turn.referral), turn.referral.name()));
    return Resume(state, turn);
  });
}

absl::StatusOr<v1::Referral> ReferralApp::WaitForAuthority(
    const v1::Principal& principal, const v1::WaitForAuthorityRequest& call) {
  return Change(
      principal, "WaitForAuthority", call.reason(), call, [&](Turn& turn) -> absl::Status {
        ABSL_ASSIGN_OR_RETURN(
            const v1::ReferralState state,
            Next(turn.referral, ReferralEvent::kWaitForAuthority, turn.by, turn.request));
        turn.faults.AddAll("", CheckWaitForAuthority(call));
        ABSL_RETURN_IF_ERROR(CheckRevealing(principal, "authority", call.authority(), turn));
        ABSL_RETURN_IF_ERROR(CheckRevealing(principal, "reason", call.reason(), turn));
        ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
        // With room for the authority's word.
        ABSL_RETURN_IF_ERROR(CheckRoom(turn.referral, 2));
        AddEntry(v1::THREAD_ENTRY_KIND_AUTHORITY_ASKED, call.reason(), principal.role(), turn.now,
                 &turn.referral)
            ->set_authority(call.authority());
        return Wait(v1::WAITING_FOR_AUTHORITY, call.authority(), state, turn);
      });
}

absl::StatusOr<v1::Referral> ReferralApp::RecordAuthorityWord(
    const v1::Principal& principal, const v1::RecordAuthorityWordRequest& call) {
  return Change(principal, "RecordAuthorityWord", "", call, [&](Turn& turn) -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(
        const v1::ReferralState state,
        Next(turn.referral, ReferralEvent::kAuthoritySpoke, turn.by, turn.request));
    turn.faults.AddAll("", CheckAuthorityWord(call));
    ABSL_RETURN_IF_ERROR(CheckRevealing(principal, "word", call.word(), turn));
    ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
    AddEntry(v1::THREAD_ENTRY_KIND_AUTHORITY_WORD, call.word(), principal.role(), turn.now,
             &turn.referral)
        ->set_authority(turn.referral.waiting_authority());
    return Resume(state, turn);
  });
}

}  // namespace trialgate::routing
