#include "services/intake/answer_collation_app.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/store/unit_of_work.h"
#include "services/access/cda_repository.h"
#include "services/directory/organization_standing.h"
#include "services/intake/blinding.h"
#include "services/intake/collated_answer.h"
#include "services/intake/revealing_text.h"
#include "services/intake/stored_request_repository.h"
#include "services/intake/submitter_repository.h"
#include "services/intake/trial_request_repository.h"
#include "services/intake/trial_request_state.h"
#include "services/intake/visible_request_repository.h"
#include "services/notices/notice_repository.h"
#include "services/routing/referral_line_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"
#include "services/routing/resource_names.h"

namespace trialgate::intake {
namespace {

// Whether the end of a referral changes anything for a request, given the others' states.
bool AnswersNow(const v1::TrialRequest& request, const std::vector<v1::Referral>& referrals) {
  if (request.state() == v1::TRIAL_REQUEST_STATE_ANSWERED) return true;
  return request.state() == v1::TRIAL_REQUEST_STATE_ROUTED &&
         std::none_of(referrals.begin(), referrals.end(), [](const v1::Referral& referral) {
           return routing::IsOpen(referral.state());
         });
}

}  // namespace

absl::Status AnswerCollation::CheckMaySee(const store::Store& store, const v1::Principal& principal,
                                          const std::string& name, std::int64_t as_of) const {
  return FindVisibleRequest(store, principal, name, as_of).status();
}

absl::StatusOr<bool> AnswerCollation::IsSubmittedBy(const store::Store& store,
                                                    const v1::Principal& principal,
                                                    const std::string& name,
                                                    std::int64_t as_of) const {
  if (!routing::IsTrialRequestName(name)) return false;
  ABSL_ASSIGN_OR_RETURN(const auto row, ReadRow(store, TrialRequests(), name, as_of));
  return row.has_value() && intake::IsSubmittedBy(principal, row->value);
}

bool AnswerCollation::IsSubmittedBy(const v1::Principal& principal,
                                    const v1::TrialRequest& request) const {
  return intake::IsSubmittedBy(principal, request);
}

absl::StatusOr<int> AnswerCollation::MoveSubmittedIdeas(store::UnitOfWork* work,
                                                        const std::string& desk,
                                                        const std::string& successor, int limit,
                                                        absl::Time now) const {
  ABSL_ASSIGN_OR_RETURN(const auto ideas,
                        ListSubmittedIdeas(work->store(), {desk}, "", limit, work->read_at()));
  int moved = 0;
  for (const SubmittedIdea& idea : ideas) {
    ABSL_ASSIGN_OR_RETURN(auto row, work->Get(TrialRequests(), idea.request));
    if (!row.has_value() || row->value.submitting_desk() != desk) continue;
    row->value.set_submitting_desk(successor);
    *row->value.mutable_update_time() = ToTimestamp(now);
    ABSL_RETURN_IF_ERROR(work->Put(TrialRequests(), idea.request, row->value));
    ++moved;
  }
  return moved;
}

absl::StatusOr<bool> AnswerCollation::HasSubmittedIdeas(const store::Store& store,
                                                        const std::string& desk,
                                                        std::int64_t as_of) const {
  ABSL_ASSIGN_OR_RETURN(const auto ideas, ListSubmittedIdeas(store, {desk}, "", 1, as_of));
  return !ideas.empty();
}

absl::Status AnswerCollation::CheckMayReply(const v1::Principal& principal) const {
  return directory::CheckNotSuspended(principal, *directory_->Snapshot());
}

absl::StatusOr<v1::TrialRequest> AnswerCollation::Get(store::UnitOfWork* work,
                                                      const std::string& name) const {
  ABSL_ASSIGN_OR_RETURN(auto row, GetRequest(work, name));
  return std::move(row.value);
}

absl::StatusOr<FieldFaults> AnswerCollation::FindRevealing(
    const store::UnitOfWork& work, const v1::Principal& by, const v1::TrialRequest& request,
    const std::string& desk, absl::string_view field, absl::string_view text,
    absl::CivilDay today) const {
  FieldFaults faults;
  const bool submitted_here = intake::IsSubmittedBy(by, request);
  // Who submitted a person's idea knows the person, whom no other desk is told.
  if (request.has_submitter() && (submitted_here || by.role() == v1::ROLE_NATIONAL)) {
    v1::TrialRequest named = request;
    ABSL_RETURN_IF_ERROR(FillSubmitter(work.store(), *keys_, work.read_at(), &named));
    CheckNamesSubmitter(field, text, named, &faults);
  }
  if (!IsBlinded(request)) return faults;
  if (by.role() == v1::ROLE_COORDINATOR && !submitted_here) {
    // What a desk learnt by a CDA it knows when that has ended.
    ABSL_ASSIGN_OR_RETURN(const bool may_know, access::HasHadCda(work.store(), SponsorOf(request),
                                                                 desk, today, work.read_at()));
    if (!may_know) return faults;
  }
  v1::TrialRequest asked = request;
  asked.clear_submitter();  // looked for above
  CheckRevealing(field, text, asked, *directory_->Snapshot(), &faults);
  return faults;
}

absl::Status AnswerCollation::OnReferralEnded(store::UnitOfWork* work, const v1::Referral& ended,
                                              const std::string& operation, absl::Time now) {
  ABSL_ASSIGN_OR_RETURN(v1::TrialRequest request, Get(work, routing::RequestOf(ended.name())));
  ABSL_ASSIGN_OR_RETURN(std::vector<v1::Referral> referrals, GetReferrals(work, request));
  if (!AnswersNow(request, referrals)) return absl::OkStatus();
  const TrialRequestEvent event = request.state() == v1::TRIAL_REQUEST_STATE_ROUTED
                                      ? TrialRequestEvent::kAllEnded
                                      : TrialRequestEvent::kEndedLate;
  ABSL_ASSIGN_OR_RETURN(const v1::TrialRequestState state,
                        NextTrialRequestState(request.state(), event, v1::ROLE_PROGRAM));
  ABSL_ASSIGN_OR_RETURN(const v1::FeasibilityReport report,
                        ReadReport(work->store(), request, work->read_at()));
  const auto directory = directory_->Snapshot();
  WorkLines lines;
  for (const v1::Referral& referral : referrals) {
    if (!IsUnanswered(referral.state())) continue;
    ABSL_ASSIGN_OR_RETURN(lines[referral.name()], routing::GetLines(work, referral));
  }
  v1::CollatedAnswer answer =
      CollateAnswer(request, report, std::move(referrals), lines, *directory,
                    absl::ToCivilDay(now, directory->time_zone()));
  answer.set_version(request.answer_version() + 1);
  answer.set_name(AnswerName(request.name(), answer.version()));
  *answer.mutable_create_time() = ToTimestamp(now);
  ABSL_RETURN_IF_ERROR(work->Put(CollatedAnswers(), answer.name(), answer));

  request.set_state(state);
  request.set_answer_version(answer.version());
  *request.mutable_update_time() = ToTimestamp(now);
  ABSL_RETURN_IF_ERROR(work->Put(TrialRequests(), request.name(), request));
  notices::NoticeWriter notices(work, absl::StrCat(operation, "-answer"), now);
  return notices.Add(storage::v1::NOTICE_KIND_ANSWER_READY, AskerOf(request), request.name());
}

}  // namespace trialgate::intake
