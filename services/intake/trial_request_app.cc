#include "services/intake/trial_request_app.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/filter/list_query.h"
#include "common/store/unit_of_work.h"
#include "services/access/cda_repository.h"
#include "services/audit/event_writer.h"
#include "services/directory/personal_number.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/report.h"
#include "services/intake/collated_answer.h"
#include "services/intake/stored_request_repository.h"
#include "services/intake/study_record.h"
#include "services/intake/trial_request_list_fields.h"
#include "services/intake/trial_request_repository.h"
#include "services/intake/visible_request_repository.h"
#include "services/routing/resource_names.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

// The action of the event that records what a CDA has shown.
constexpr char kUnblind[] = "UnblindTrialRequest";

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;

// What stays the same over the pages of one listing.
std::string QueryText(const v1::Principal& principal, const v1::ListTrialRequestsRequest& call) {
  return absl::StrCat("ListTrialRequests\n", principal.role(), "\n", principal.organization(), "\n",
                      absl::StrJoin(principal.desks(), ","), "\n", call.state(), "\n",
                      call.filter());
}

void CheckList(const v1::ListTrialRequestsRequest& call, FieldFaults* faults) {
  const feasibility::FieldRules rules(faults);
  rules.Range("page_size", call.page_size(), 0, kMaxPageSize);
  rules.Enum("state", call.state(), *v1::TrialRequestState_descriptor(),
             feasibility::Presence::kOptional);
}

absl::Status AnswerNotFound(const std::string& name) {
  return routing::NotFoundError("trialgate.v1.CollatedAnswer", name);
}

// For those who may see the request.
absl::Status NotAnswered(const v1::TrialRequest& request, const std::string& name) {
  const bool ended = request.state() == v1::TRIAL_REQUEST_STATE_WITHDRAWN ||
                     request.state() == v1::TRIAL_REQUEST_STATE_CLOSED;
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat(request.name(), ended ? " ended before it was answered"
                                                  : " is not answered yet: desks are still asked"))
      .WithResource("trialgate.v1.CollatedAnswer", name);
}

}  // namespace

TrialRequestApp::TrialRequestApp(store::Store* store, const WorldCache* world, keys::KeyStore* keys,
                                 const Clock* clock, IdGenerator* ids, Options options)
    : store_(store),
      world_(world),
      keys_(keys),
      clock_(clock),
      ids_(ids),
      options_(std::move(options)),
      views_(store, world, clock) {}

absl::Status TrialRequestApp::RecordUnblindings(
    const v1::Principal& principal, const std::vector<storage::v1::Unblinding>& shown) const {
  if (shown.empty()) return absl::OkStatus();
  std::vector<std::string> names;
  for (const auto& unblinding : shown) names.push_back(access::UnblindingName(unblinding));
  ABSL_ASSIGN_OR_RETURN(const auto rows,
                        ReadRows(*store_, access::Unblindings(), names, store_->Head()));
  const auto is_recorded = [](const auto& row) { return row.has_value(); };
  if (std::all_of(rows.begin(), rows.end(), is_recorded)) return absl::OkStatus();
  const auto record = [&](store::UnitOfWork& work) -> absl::Status {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      ABSL_ASSIGN_OR_RETURN(const auto row, work.Get(access::Unblindings(), names[i]));
      if (row.has_value()) continue;
      // Read by the same unit of work: what was shown is never recorded behind the revocation.
      ABSL_ASSIGN_OR_RETURN(const auto cda, work.Get(access::Cdas(), shown[i].cda()));
      if (!cda.has_value() || cda->value.has_revoke_time()) {
        return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT,
                     "a CDA was revoked at this moment: read again");
      }
      ABSL_RETURN_IF_ERROR(work.Put(access::Unblindings(), names[i], shown[i]));
    }
    // Another call may have recorded all of them meanwhile.
    const auto changes = work.Changes();
    if (!changes.empty()) work.SetEvent(audit::MakeEvent(principal, kUnblind, "", changes));
    return absl::OkStatus();
  };
  return RunUnitOfWork(store_, ids_->NewId(), {}, record).status();
}

absl::StatusOr<TrialRequestView> TrialRequestApp::ReadView(const v1::Principal& principal,
                                                           const std::string& name,
                                                           store::CommitNumber as_of) const {
  ABSL_ASSIGN_OR_RETURN(TrialRequestView view, views_.Get(principal, name, as_of));
  ABSL_RETURN_IF_ERROR(RecordUnblindings(principal, view.unblindings));
  return view;
}

absl::StatusOr<v1::TrialRequest> TrialRequestApp::Get(
    const v1::Principal& principal, const v1::GetTrialRequestRequest& call) const {
  return GetAsOf(principal, call.name(), store_->Head());
}

absl::StatusOr<v1::TrialRequest> TrialRequestApp::GetAsOf(const v1::Principal& principal,
                                                          const std::string& name,
                                                          store::CommitNumber as_of) const {
  ABSL_ASSIGN_OR_RETURN(TrialRequestView view, ReadView(principal, name, as_of));
  return std::move(view.request);
}

absl::StatusOr<feasibility::ReportView> TrialRequestApp::ReportSeenBy(
    const v1::Principal& principal, const std::string& request) const {
  ABSL_ASSIGN_OR_RETURN(TrialRequestView seen, ReadView(principal, request, store_->Head()));
  feasibility::ReportView view;
  view.desks = seen.desks;
  if (!seen.blinded) return view;
  view.is_own_site = [desks = *std::move(seen.desks), directory = world_->View()->directory,
                      clock = clock_](const std::string& site) {
    return IsOwnSite(desks, site, *directory, TodayIn(*clock, directory->time_zone()));
  };
  return view;
}

absl::StatusOr<v1::ListTrialRequestsResponse> TrialRequestApp::List(
    const v1::Principal& principal, const v1::ListTrialRequestsRequest& call) const {
  filter::CallFaults faults;
  CheckList(call, faults.fields());
  const filter::ListQuery<v1::TrialRequest> wanted(TrialRequestFields(principal.role()),
                                                   {call.filter()}, &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  const std::string text = QueryText(principal, call);
  const store::CommitNumber head = store_->Head();
  ABSL_ASSIGN_OR_RETURN(const PagePosition from, DecodePageToken(call.page_token(), text, head));
  const store::CommitNumber as_of = from.as_of == 0 ? head : from.as_of;
  store::PageOptions page;
  page.after = from.after;
  page.limit = call.page_size() == 0 ? kDefaultPageSize : call.page_size();
  ABSL_ASSIGN_OR_RETURN(TrialRequestViewPage found,
                        views_.List(principal, call.state(), page, as_of));
  v1::ListTrialRequestsResponse response;
  std::vector<storage::v1::Unblinding> shown;
  for (TrialRequestView& view : found.views) {
    if (!wanted.Matches(view.request)) continue;
    if (as_of != head && principal.role() == v1::ROLE_COORDINATOR) {
      // A later page shows nothing whose referral was handed over since the first.
      const absl::Status seen_now =
          FindVisibleRequest(*store_, principal, view.request.name(), head).status();
      if (absl::IsNotFound(seen_now)) continue;
      ABSL_RETURN_IF_ERROR(seen_now);
    }
    shown.insert(shown.end(), view.unblindings.begin(), view.unblindings.end());
    *response.add_trial_requests() = std::move(view.request);
  }
  ABSL_RETURN_IF_ERROR(RecordUnblindings(principal, shown));
  if (!found.next.empty()) {
    response.set_next_page_token(EncodePageToken(text, {found.next, as_of}));
  }
  return response;
}

absl::StatusOr<v1::CollatedAnswer> TrialRequestApp::GetAnswer(
    const v1::Principal& principal, const v1::GetCollatedAnswerRequest& call) const {
  const std::string& name = call.name();
  const bool newest = routing::IsTrialRequestName(name);
  if (!newest && !routing::IsNameBelowRequest(name, "answers")) return AnswerNotFound(name);
  const std::string request_name = routing::RequestOf(name);
  const store::CommitNumber as_of = store_->Head();
  // A desk that sees the request, not its answer, is shown nothing by a CDA here.
  const auto view = principal.role() == v1::ROLE_COORDINATOR
                        ? views_.Get(principal, request_name, as_of)
                        : ReadView(principal, request_name, as_of);
  if (absl::IsNotFound(view.status())) return AnswerNotFound(name);
  ABSL_RETURN_IF_ERROR(view.status());
  // Of desks only the one in the requester's place.
  if (principal.role() == v1::ROLE_COORDINATOR && !view->submitted_here) {
    return AnswerNotFound(name);
  }
  const v1::TrialRequest& request = view->request;
  const std::string answer_name = newest ? AnswerName(name, request.answer_version()) : name;
  ABSL_ASSIGN_OR_RETURN(auto answer, ReadRow(*store_, CollatedAnswers(), answer_name, as_of));
  if (!answer.has_value()) {
    return request.answer_version() == 0 ? NotAnswered(request, name) : AnswerNotFound(name);
  }
  if (principal.role() == v1::ROLE_REQUESTER) {
    // As the report that the requester sees: scores count slots, and their order would tell.
    ABSL_ASSIGN_OR_RETURN(v1::FeasibilityReport report, ReadReport(*store_, request, as_of));
    feasibility::HideCapacity(&report);
    OrderLines(report, &answer->value);
  }
  return std::move(answer->value);
}

absl::StatusOr<v1::ImportStudyRecordResponse> TrialRequestApp::Import(
    const v1::ImportStudyRecordRequest& call) const {
  const auto directory = world_->CaughtUpView()->directory;
  if (!directory->has_pack()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_PACK,
                 "no country's pack was applied yet: apply one with `trialgate pack apply`");
  }
  ABSL_ASSIGN_OR_RETURN(v1::ImportStudyRecordResponse response,
                        DeriveDraft(call.study_record(), directory->settings(),
                                    absl::ToCivilDay(clock_->Now(), directory->time_zone())));
  // What a submit would refuse is not handed out as a draft either.
  FieldFaults faults;
  directory::CheckPersonalNumbers(response.draft(), "draft.",
                                  directory->settings().personal_numbers(), &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  return response;
}

}  // namespace trialgate::intake
