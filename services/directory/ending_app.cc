#include "services/directory/ending_app.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_repository.h"
#include "services/directory/ending.h"
#include "services/directory/not_found.h"
#include "services/directory/record_edit_app.h"
#include "services/directory/succession.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using store::UnitOfWork;

constexpr absl::Duration kCacheWait = absl::Seconds(2);

absl::Status CheckEtag(const std::string& given, store::CommitNumber version) {
  if (given.empty() || given == EtagOf(version)) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
               "the record has changed since: read it again, decide again")
      .WithMetadata("etag", EtagOf(version));
}

// Referrals and requests may be worked on meanwhile.
store::UnitOfWorkOptions Patiently() {
  store::UnitOfWorkOptions options;
  options.max_attempts = 40;
  return options;
}

void SetEtag(const std::string& etag, v1::EndDeskResponse* response) {
  response->mutable_desk()->set_etag(etag);
}
void SetEtag(const std::string& etag, v1::EndRegionResponse* response) {
  response->mutable_region()->set_etag(etag);
}

template <typename Call, typename Record>
void SetEnd(const Call& call, Record* record) {
  record->set_valid_to(call.last_day());
  if (!call.successor().empty()) record->set_successor(call.successor());
}

std::shared_ptr<const DirectorySnapshot> After(const DirectorySnapshot& before,
                                               const auto& record) {
  DirectorySnapshotBuilder builder(before);
  builder.Put(record);
  return builder.Build(before.commit());
}

}  // namespace

EndingApp::Turn EndingApp::StartTurn(const std::string& request_id, bool validate_only) const {
  Turn turn;
  turn.now = clock_->Now();
  turn.operation = ids_->NewId();
  turn.directory = cache_->Snapshot();
  turn.today = absl::ToCivilDay(turn.now, turn.directory->time_zone());
  if (!validate_only) turn.faults = store::CheckRequestId(request_id);
  return turn;
}

template <typename Response, typename Call>
absl::StatusOr<Response> EndingApp::Run(
    const v1::Principal& principal, const char* method, const Call& call, const Turn& turn,
    absl::FunctionRef<absl::StatusOr<Response>(UnitOfWork&)> work) {
  if (call.validate_only() || !turn.faults.empty()) {
    UnitOfWork unit(store_, store_->Head());
    return work(unit);
  }
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall idempotent,
      store::MakeIdempotentCall(principal, method, call.request_id(), call, turn.now));
  ABSL_ASSIGN_OR_RETURN(auto answer, store::RunIdempotent<Response>(
                                         store_, idempotent, turn.operation, Patiently(), work));
  cache_->WaitUntilSeen(answer.commit, kCacheWait);
  SetEtag(EtagOf(answer.commit), &answer.response);
  return std::move(answer.response);
}

absl::StatusOr<v1::SuccessionSummary> EndingApp::Succeed(const std::set<std::string>& desks,
                                                         const DirectorySnapshot& after,
                                                         absl::CivilDay day, const Turn& turn,
                                                         UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(v1::SuccessionSummary summary,
                        succession_->MoveAll(work, after, turn.operation, turn.now));
  const absl::CivilDay then = std::max(day, turn.today);
  for (const std::string& name : desks) {
    const v1::Desk* const now = DeskInChargeOn(after, name, turn.today);
    if (now != nullptr && now->name() != name) continue;  // its referrals moved
    const v1::Desk* const later = DeskInChargeOn(after, name, then);
    if (later != nullptr && later->name() == name) continue;  // they stay
    ABSL_ASSIGN_OR_RETURN(
        const v1::SuccessionSummary waiting,
        succession_->CountWaiting(work, name, later == nullptr ? "" : later->name(), then));
    if (later == nullptr && waiting.waiting_referrals() > 0) {
      const int left = waiting.waiting_referrals();
      return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STILL_NEEDED,
                   absl::StrCat(name, " has ", left,
                                " open referrals, and no other desk takes over: name a successor, "
                                "or hand them over first"))
          .WithMetadata("open_referrals", absl::StrCat(left));
    }
    summary.set_waiting_referrals(summary.waiting_referrals() + waiting.waiting_referrals());
    summary.set_referrals_without_cda(summary.referrals_without_cda() +
                                      waiting.referrals_without_cda());
  }
  return summary;
}

absl::StatusOr<v1::EndDeskResponse> EndingApp::EndDeskIn(const v1::Principal& principal,
                                                         const v1::EndDeskRequest& call, Turn turn,
                                                         UnitOfWork* work) {
  if (!MayBeName(call.name())) return NotFoundError("Desk", call.name());
  ABSL_ASSIGN_OR_RETURN(auto row, work->Get(Desks(), call.name()));
  if (!row.has_value()) return NotFoundError("Desk", call.name());
  ABSL_RETURN_IF_ERROR(CheckEtag(call.etag(), row->version));
  v1::Desk& desk = row->value;
  ABSL_RETURN_IF_ERROR(CheckNotEnded(desk.name(), desk.valid_to(), turn.today));
  turn.faults.AddAll("", CheckEnd(call, desk, *turn.directory, turn.today));
  ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
  SetEnd(call, &desk);
  const auto after = After(*turn.directory, desk);
  ABSL_RETURN_IF_ERROR(CheckNotNeeded(desk, *after));
  if (!desk.successor().empty()) {
    ABSL_RETURN_IF_ERROR(work->RequireExists(Desks(), desk.successor()).status());
  }
  ABSL_RETURN_IF_ERROR(NoteFields(desk.name(), {"successor", "valid_to"}, work));
  ABSL_RETURN_IF_ERROR(work->Put(Desks(), desk.name(), desk));
  ABSL_ASSIGN_OR_RETURN(const absl::CivilDay last, ParseDate(desk.valid_to()));
  v1::EndDeskResponse response;
  ABSL_ASSIGN_OR_RETURN(*response.mutable_summary(),
                        Succeed({desk.name()}, *after, last + 1, turn, work));
  *response.mutable_desk() = std::move(desk);
  work->SetEvent(audit::MakeEvent(principal, "EndDesk", call.reason(), work->Changes()));
  return response;
}

absl::StatusOr<v1::EndDeskResponse> EndingApp::EndDesk(const v1::Principal& principal,
                                                       const v1::EndDeskRequest& call) {
  const Turn turn = StartTurn(call.request_id(), call.validate_only());
  return Run<v1::EndDeskResponse>(principal, "EndDesk", call, turn, [&](UnitOfWork& work) {
    return EndDeskIn(principal, call, turn, &work);
  });
}

absl::StatusOr<v1::EndRegionResponse> EndingApp::EndRegionIn(const v1::Principal& principal,
                                                             const v1::EndRegionRequest& call,
                                                             Turn turn, UnitOfWork* work) {
  if (!MayBeName(call.name())) return NotFoundError("Region", call.name());
  ABSL_ASSIGN_OR_RETURN(auto row, work->Get(Regions(), call.name()));
  if (!row.has_value()) return NotFoundError("Region", call.name());
  ABSL_RETURN_IF_ERROR(CheckEtag(call.etag(), row->version));
  v1::Region& region = row->value;
  ABSL_RETURN_IF_ERROR(CheckNotEnded(region.name(), region.valid_to(), turn.today));
  turn.faults.AddAll("", CheckEnd(call, region, *turn.directory, turn.today));
  ABSL_RETURN_IF_ERROR(turn.faults.ToStatus());
  SetEnd(call, &region);
  const auto after = After(*turn.directory, region);
  ABSL_RETURN_IF_ERROR(CheckNotNeeded(region, *after));
  if (!region.successor().empty()) {
    ABSL_RETURN_IF_ERROR(work->RequireExists(Regions(), region.successor()).status());
  }
  ABSL_RETURN_IF_ERROR(NoteFields(region.name(), {"successor", "valid_to"}, work));
  ABSL_RETURN_IF_ERROR(work->Put(Regions(), region.name(), region));
  std::set<std::string> desks;
  for (const auto& [name, desk] : after->desks()) {
    const auto& regions = desk->regions();
    if (std::find(regions.begin(), regions.end(), region.name()) != regions.end()) {
      desks.insert(name);
    }
  }
  ABSL_ASSIGN_OR_RETURN(const absl::CivilDay last, ParseDate(region.valid_to()));
  v1::EndRegionResponse response;
  ABSL_ASSIGN_OR_RETURN(*response.mutable_summary(), Succeed(desks, *after, last + 1, turn, work));
  *response.mutable_region() = std::move(region);
  work->SetEvent(audit::MakeEvent(principal, "EndRegion", call.reason(), work->Changes()));
  return response;
}

absl::StatusOr<v1::EndRegionResponse> EndingApp::EndRegion(const v1::Principal& principal,
                                                           const v1::EndRegionRequest& call) {
  const Turn turn = StartTurn(call.request_id(), call.validate_only());
  return Run<v1::EndRegionResponse>(principal, "EndRegion", call, turn, [&](UnitOfWork& work) {
    return EndRegionIn(principal, call, turn, &work);
  });
}

}  // namespace trialgate::directory
