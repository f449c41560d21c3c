#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/access/view.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_reference_repository.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/index/fast_match.h"
#include "services/feasibility/named_organizations.h"
#include "services/feasibility/report.h"
#include "services/feasibility/report_repository.h"
#include "services/feasibility/trial_request_validation.h"
#include "services/intake/revealing_text.h"
#include "services/intake/stored_request_repository.h"
#include "services/intake/submission.h"
#include "services/intake/trial_request_app.h"
#include "services/intake/trial_request_repository.h"
#include "services/intake/trial_request_state.h"
#include "services/notices/notice_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/routing_plan.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

constexpr char kMethod[] = "SubmitTrialRequest";

// All faults of what is asked. That an organization other than the requester's own exists is not to
// be learned from what is said of it.
FieldFaults FaultsOf(const v1::Principal& principal, v1::TrialRequest asked,
                     const directory::DirectorySnapshot& directory, absl::CivilDay today) {
  FieldFaults faults = feasibility::ReplaceOthers(principal, directory, &asked);
  faults.AddAll("", feasibility::ValidateTrialRequest(asked, directory, today,
                                                      feasibility::ValidationMode::kSubmit));
  faults.AddAll("", FindRevealingTexts(asked, directory));
  return faults;
}

// Names of persons are kept in one place only, so that they can be erased.
void ClearNames(v1::FeasibilityReport* report) {
  for (v1::PlannedReferral& planned : *report->mutable_referrals()) {
    planned.clear_contact_display_name();
  }
}

void FillNames(const directory::DirectorySnapshot& directory, v1::FeasibilityReport* report) {
  for (v1::PlannedReferral& planned : *report->mutable_referrals()) {
    const v1::Contact* contact = directory.FindContact(planned.contact());
    if (contact != nullptr) planned.set_contact_display_name(contact->display_name());
  }
}

absl::Time LatestDue(const std::vector<v1::Referral>& referrals) {
  absl::Time latest = absl::InfinitePast();
  for (const v1::Referral& referral : referrals) {
    latest = std::max(latest, routing::ToTime(referral.answer_due_time()));
  }
  return latest;
}

absl::Status NoPack() {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_PACK,
               "no country's pack was applied yet: apply one with `trialgate pack apply`");
}

}  // namespace

v1::FeasibilityReport TrialRequestApp::MatchTimed(const v1::TrialRequest& request,
                                                  const WorldView& world,
                                                  absl::CivilDay today) const {
  const auto start = std::chrono::steady_clock::now();
  v1::FeasibilityReport report = feasibility::FastMatch(
      request, request.revision(), *world.directory, *world.sites, today, feasibility::MatchPage());
  if (options_.on_match) {
    options_.on_match(absl::FromChrono(std::chrono::steady_clock::now() - start));
  }
  return report;
}

absl::StatusOr<TrialRequestApp::Submission> TrialRequestApp::Prepare(
    const v1::Principal& principal, const v1::TrialRequest& given, const FieldFaults& other_faults,
    absl::Time now, const std::string& name) const {
  const std::shared_ptr<const WorldView> world = world_->CaughtUpView();
  const directory::DirectorySnapshot& directory = *world->directory;
  if (!directory.has_pack()) return NoPack();
  ABSL_RETURN_IF_ERROR(CheckMaySubmit(principal, given, directory));
  const v1::TrialRequest asked = AsSubmittedBy(principal, given, directory);
  const absl::CivilDay today = absl::ToCivilDay(now, directory.time_zone());
  FieldFaults faults = FaultsOf(principal, asked, directory, today);
  faults.AddAll("", CheckSubmitterBy(principal, asked));
  faults.AddAll("", CheckDeadlineForAnyDesk(asked, directory, now));
  faults.AddAll("", other_faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());

  Submission made;
  made.request = asked;
  const TrialRequestEvent event = principal.role() == v1::ROLE_COORDINATOR
                                      ? TrialRequestEvent::kSubmitIdea
                                      : TrialRequestEvent::kSubmit;
  ABSL_ASSIGN_OR_RETURN(
      const v1::TrialRequestState state,
      NextTrialRequestState(v1::TRIAL_REQUEST_STATE_UNSPECIFIED, event, principal.role()));
  made.request.set_name(name);
  made.request.set_state(state);
  made.request.set_revision(1);
  *made.request.mutable_create_time() = ToTimestamp(now);
  *made.request.mutable_update_time() = ToTimestamp(now);

  made.report = MatchTimed(made.request, *world, today);
  made.report.set_name(feasibility::ReportName(name, made.request.revision()));
  made.report.mutable_inputs()->set_directory_commit(world->commit);
  const v1::Organization* requester = directory.FindOrganization(asked.requester());
  ABSL_ASSIGN_OR_RETURN(
      const auto plan,
      routing::PlanReferrals(made.request, requester == nullptr ? v1::Organization() : *requester,
                             made.report.eligible(), directory, world->open_referrals, today));
  for (const v1::PlannedReferral& planned : plan) {
    const std::string referral_name = absl::StrCat(name, "/referrals/", ids_->NewId());
    ABSL_ASSIGN_OR_RETURN(v1::Referral referral,
                          MakeReferral(made.request, planned, referral_name, directory, now));
    made.request.add_referrals(referral_name);
    made.referrals.push_back(std::move(referral));
    *made.report.add_referrals() = planned;
  }
  *made.request.mutable_answer_due_time() = ToTimestamp(LatestDue(made.referrals));
  return made;
}

absl::Status TrialRequestApp::Store(const Submission& submission, const std::string& operation,
                                    absl::Time now, directory::PersonEdits* persons,
                                    store::UnitOfWork* work) const {
  v1::TrialRequest request = submission.request;
  ABSL_RETURN_IF_ERROR(directory::PutPersons(directory::TakePersons(&request), now, persons, work));
  v1::FeasibilityReport report = submission.report;
  ClearNames(&report);
  ABSL_RETURN_IF_ERROR(work->Put(TrialRequests(), request.name(), request));
  ABSL_RETURN_IF_ERROR(work->Put(TrialRequestRevisions(),
                                 RevisionName(request.name(), request.revision()), request));
  ABSL_RETURN_IF_ERROR(work->Put(feasibility::FeasibilityReports(), report.name(), report));
  notices::NoticeWriter notices(work, operation, now);
  std::set<std::string> desks;
  for (const v1::Referral& referral : submission.referrals) {
    ABSL_RETURN_IF_ERROR(work->Put(routing::Referrals(), referral.name(), referral));
    const std::string& reader = referral.contact().empty() ? referral.desk() : referral.contact();
    ABSL_RETURN_IF_ERROR(
        notices.Add(storage::v1::NOTICE_KIND_REFERRAL_SENT, reader, referral.name()));
    desks.insert(referral.desk());
    for (const std::string& informed : referral.informed_desks()) {
      ABSL_RETURN_IF_ERROR(
          notices.Add(storage::v1::NOTICE_KIND_REFERRAL_INFORMED, informed, referral.name()));
      desks.insert(informed);
    }
  }
  for (const std::string& desk : desks) {
    ABSL_ASSIGN_OR_RETURN(const bool exists, work->RequireExists(directory::Desks(), desk));
    if (!exists) {
      return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT,
                   absl::StrCat(desk, " was removed at the same time; try again"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::SubmitTrialRequestResponse> TrialRequestApp::ReadSubmission(
    const std::string& name, store::CommitNumber as_of) const {
  v1::SubmitTrialRequestResponse response;
  ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(*store_, TrialRequests(), name, as_of));
  if (!row.has_value()) return RequestNotFound(name);
  ABSL_ASSIGN_OR_RETURN(*response.mutable_report(), ReadReport(*store_, row->value, as_of));
  FillNames(*world_->View()->directory, response.mutable_report());
  *response.mutable_trial_request() = std::move(row->value);
  response.mutable_trial_request()->set_etag(absl::StrCat(row->version));
  return response;
}

absl::StatusOr<v1::SubmitTrialRequestResponse> TrialRequestApp::Validate(
    const v1::Principal& principal, const v1::TrialRequest& asked, absl::Time now) const {
  ABSL_ASSIGN_OR_RETURN(Submission made, Prepare(principal, asked, FieldFaults(), now, ""));
  v1::SubmitTrialRequestResponse response;
  *response.mutable_trial_request() = std::move(made.request);
  response.mutable_trial_request()->clear_referrals();
  *response.mutable_report() = std::move(made.report);
  response.mutable_report()->clear_name();
  return response;
}

absl::StatusOr<v1::SubmitTrialRequestResponse> TrialRequestApp::Submit(
    const v1::Principal& principal, const v1::SubmitTrialRequestRequest& call) {
  const absl::Time now = clock_->Now();
  v1::SubmitTrialRequestResponse response;
  if (call.validate_only()) {
    ABSL_ASSIGN_OR_RETURN(response, Validate(principal, call.trial_request(), now));
  } else {
    const std::string operation = ids_->NewId();
    const std::string name = absl::StrCat("trialRequests/", ids_->NewId());
    const FieldFaults id_faults = store::CheckRequestId(call.request_id());
    if (!id_faults.empty()) {
      return Prepare(principal, call.trial_request(), id_faults, now, name).status();
    }
    v1::SubmitTrialRequestRequest hashed = call;
    directory::ClearPersons(&hashed);
    ABSL_ASSIGN_OR_RETURN(
        const store::IdempotentCall idempotent,
        store::MakeIdempotentCall(principal, kMethod, call.request_id(), hashed, now));
    directory::PersonEdits persons(keys_, directory::PersonEdits::kWrite);
    // Made in the first attempt, and only where this is no retry of an answered call.
    std::optional<Submission> made;
    const auto work =
        [&](store::UnitOfWork& unit) -> absl::StatusOr<v1::SubmitTrialRequestResponse> {
      if (!made.has_value()) {
        ABSL_ASSIGN_OR_RETURN(made, Prepare(principal, call.trial_request(), id_faults, now, name));
      }
      ABSL_RETURN_IF_ERROR(Store(*made, operation, now, &persons, &unit));
      unit.SetEvent(audit::MakeEvent(principal, kMethod, "", unit.Changes()));
      // The rest of the answer is read from what is stored.
      v1::SubmitTrialRequestResponse kept;
      kept.mutable_trial_request()->set_name(name);
      return kept;
    };
    ABSL_ASSIGN_OR_RETURN(const auto answer,
                          directory::RunWithPersons<v1::SubmitTrialRequestResponse>(
                              store_, idempotent, operation, {}, &persons, work));
    const std::string& stored = answer.response.trial_request().name();
    if (answer.repeated) {
      v1::TrialRequest asked = call.trial_request();
      asked.set_name(stored);
      ABSL_RETURN_IF_ERROR(
          directory::CheckSamePersons(*store_, *keys_, directory::TakePersons(&asked)));
    }
    ABSL_ASSIGN_OR_RETURN(response, ReadSubmission(stored, answer.commit));
  }
  if (principal.role() == v1::ROLE_REQUESTER) {
    feasibility::HideCapacity(response.mutable_report());
  } else if (principal.role() == v1::ROLE_COORDINATOR) {
    // Its own idea, yet one of an organization is the requester's to change.
    const bool may_change = response.trial_request().has_submitter();
    access::ClearHidden({principal.role(), /*blinded=*/false, may_change}, &response);
  }
  return response;
}

}  // namespace trialgate::intake
