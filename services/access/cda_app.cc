#include "services/access/cda_app.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/time_util.h"
#include "services/access/cda.h"
#include "services/access/cda_repository.h"
#include "services/access/view.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_repository.h"
#include "services/feasibility/field_rules.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::access {
namespace {

using feasibility::FieldRules;
using feasibility::Presence;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
constexpr std::size_t kMaxReferenceBytes = 512;
constexpr std::size_t kMaxReasonBytes = 2048;

absl::Status NotFound(const std::string& name) {
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat(feasibility::Quoted(name), " does not exist, or is not yours to see"))
      .WithResource("trialgate.v1.Cda", IsUtf8(name) ? name : "");
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

FieldFaults FaultsOf(const v1::CreateCdaRequest& request,
                     const directory::DirectorySnapshot& directory) {
  const v1::Cda& cda = request.cda();
  FieldFaults faults;
  const FieldRules rules(&faults);
  rules.Required("cda.sponsor", !cda.sponsor().empty());
  if (!cda.sponsor().empty()) {
    rules.Reference(
        "cda.sponsor", cda.sponsor(), "organizations", "organization",
        [&](const std::string& name) { return directory.FindOrganization(name) != nullptr; });
  }
  rules.Required("cda.desk", !cda.desk().empty());
  if (!cda.desk().empty()) {
    rules.Reference("cda.desk", cda.desk(), "desks", "desk",
                    [&](const std::string& name) { return directory.FindDesk(name) != nullptr; });
  }
  const auto from = rules.Date("cda.effective_date", cda.effective_date(), Presence::kRequired);
  const auto to = rules.Date("cda.expiry_date", cda.expiry_date(), Presence::kOptional);
  if (from.has_value() && to.has_value() && *to < *from) {
    faults.Add("cda.expiry_date", v1::ERROR_REASON_DATES_REVERSED,
               "must not be before effective_date");
  }
  rules.Text("cda.reference", cda.reference(), kMaxReferenceBytes, Presence::kRequired);
  const bool set_by_server = !cda.name().empty() || cda.has_create_time() ||
                             cda.has_revoke_time() || !cda.revoke_reason().empty();
  if (set_by_server) {
    faults.Add("cda", v1::ERROR_REASON_CONTRADICTION,
               "name, create_time, revoke_time and revoke_reason must be absent: the server sets "
               "them");
  }
  if (!request.validate_only()) faults.AddAll("", store::CheckRequestId(request.request_id()));
  return faults;
}

bool MaySee(const v1::Principal& principal, const v1::Cda& cda) {
  switch (principal.role()) {
    case v1::ROLE_NATIONAL:
      return true;
    case v1::ROLE_REQUESTER:
      return principal.organization() == cda.sponsor();
    case v1::ROLE_COORDINATOR:
      return std::find(principal.desks().begin(), principal.desks().end(), cda.desk()) !=
             principal.desks().end();
    default:
      return false;
  }
}

v1::Cda ViewOf(const v1::Principal& principal, store::Row<v1::Cda> row) {
  row.value.set_etag(absl::StrCat(row.version));
  const Recipient recipient = {principal.role(), /*blinded=*/false,
                               /*may_change=*/principal.role() == v1::ROLE_NATIONAL};
  ClearHidden(recipient, &row.value);
  return std::move(row.value);
}

}  // namespace

absl::StatusOr<v1::Cda> CdaApp::Create(const v1::Principal& principal,
                                       const v1::CreateCdaRequest& request) {
  const absl::Time now = clock_->Now();
  ABSL_RETURN_IF_ERROR(FaultsOf(request, *directory_->Snapshot()).ToStatus());
  v1::Cda cda = request.cda();
  cda.clear_etag();
  *cda.mutable_create_time() = ToTimestamp(now);
  if (request.validate_only()) return cda;
  cda.set_name(absl::StrCat("cdas/", ids_->NewId()));
  const auto create = [&](store::UnitOfWork& work) -> absl::StatusOr<v1::Cda> {
    ABSL_RETURN_IF_ERROR(work.RequireExists(directory::Organizations(), cda.sponsor()).status());
    ABSL_RETURN_IF_ERROR(work.RequireExists(directory::Desks(), cda.desk()).status());
    ABSL_RETURN_IF_ERROR(work.Put(Cdas(), cda.name(), cda));
    work.SetEvent(audit::MakeEvent(principal, "CreateCda", cda.reference(), work.Changes()));
    return cda;
  };
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall call,
      store::MakeIdempotentCall(principal, "CreateCda", request.request_id(), request, now));
  ABSL_ASSIGN_OR_RETURN(auto answer,
                        store::RunIdempotent<v1::Cda>(store_, call, ids_->NewId(), {}, create));
  answer.response.set_etag(absl::StrCat(answer.commit));
  return std::move(answer.response);
}

absl::StatusOr<v1::Cda> CdaApp::Get(const v1::Principal& principal,
                                    const v1::GetCdaRequest& request) const {
  if (!IsCdaName(request.name())) return NotFound(request.name());
  ABSL_ASSIGN_OR_RETURN(auto row, store::ReadRow(*store_, Cdas(), request.name(), store_->Head()));
  if (!row.has_value() || !MaySee(principal, row->value)) return NotFound(request.name());
  return ViewOf(principal, *std::move(row));
}

absl::StatusOr<v1::ListCdasResponse> CdaApp::List(const v1::Principal& principal,
                                                  const v1::ListCdasRequest& request) const {
  FieldFaults faults;
  FieldRules(&faults).Range("page_size", request.page_size(), 0, kMaxPageSize);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  const std::string query =
      absl::StrCat("ListCdas\n", principal.role(), "\n", principal.organization(), "\n",
                   absl::StrJoin(principal.desks(), ","));
  const store::CommitNumber head = store_->Head();
  ABSL_ASSIGN_OR_RETURN(const PagePosition from,
                        DecodePageToken(request.page_token(), query, head));
  const store::CommitNumber as_of = from.as_of == 0 ? head : from.as_of;
  const int size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  // One row of its own more than the page holds is looked for: that others have CDAs must not be
  // told by a page to come that is empty, nor by a position among theirs.
  v1::ListCdasResponse response;
  std::string last;
  store::PageOptions page;
  page.after = from.after;
  page.limit = kMaxPageSize;
  do {
    ABSL_ASSIGN_OR_RETURN(auto rows, ScanRows(*store_, Cdas(), page, as_of));
    for (auto& row : rows.rows) {
      if (!MaySee(principal, row.value)) continue;
      if (response.cdas_size() == size) {
        response.set_next_page_token(EncodePageToken(query, {last, as_of}));
        return response;
      }
      last = row.key;
      *response.add_cdas() = ViewOf(principal, std::move(row));
    }
    page.after = rows.next;
  } while (!page.after.empty());
  return response;
}

absl::StatusOr<v1::Cda> CdaApp::Revoke(const v1::Principal& principal,
                                       const v1::RevokeCdaRequest& request) {
  const absl::Time now = clock_->Now();
  const auto revoke = [&](store::UnitOfWork& work) -> absl::StatusOr<v1::Cda> {
    if (!IsCdaName(request.name())) return NotFound(request.name());
    ABSL_ASSIGN_OR_RETURN(auto row, work.Get(Cdas(), request.name()));
    if (!row.has_value() || !MaySee(principal, row->value)) return NotFound(request.name());
    if (!request.etag().empty() && request.etag() != absl::StrCat(row->version)) {
      return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
                   "the CDA has changed since: read it again, decide again")
          .WithMetadata("etag", absl::StrCat(row->version));
    }
    if (row->value.has_revoke_time()) {
      return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
                   "the CDA was revoked before")
          .WithMetadata("state", "REVOKED");
    }
    FieldFaults faults;
    FieldRules(&faults).Text("reason", request.reason(), kMaxReasonBytes, Presence::kRequired);
    if (!request.validate_only()) faults.AddAll("", store::CheckRequestId(request.request_id()));
    ABSL_RETURN_IF_ERROR(faults.ToStatus());
    *row->value.mutable_revoke_time() = ToTimestamp(now);
    row->value.set_revoke_reason(request.reason());
    ABSL_RETURN_IF_ERROR(work.Put(Cdas(), row->key, row->value));
    work.SetEvent(audit::MakeEvent(principal, "RevokeCda", request.reason(), work.Changes()));
    return std::move(row->value);
  };
  if (request.validate_only() || !store::CheckRequestId(request.request_id()).empty()) {
    store::UnitOfWork work(store_, store_->Head());
    return revoke(work);
  }
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall call,
      store::MakeIdempotentCall(principal, "RevokeCda", request.request_id(), request, now));
  ABSL_ASSIGN_OR_RETURN(auto answer,
                        store::RunIdempotent<v1::Cda>(store_, call, ids_->NewId(), {}, revoke));
  answer.response.set_etag(absl::StrCat(answer.commit));
  return std::move(answer.response);
}

}  // namespace trialgate::access
