// Verification and export: what a range of the trail is asked for.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/store/checkpoint.h"
#include "services/audit/audit_app.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using storage::v1::CommitRecord;
using store::CommitNumber;

constexpr int kMaxExportPage = 1000;

// Adds what is wrong with a range of numbers. Both kinds of request have the fields.
template <typename Request>
void CheckRange(const Request& request, CommitNumber head, FieldFaults* faults) {
  const auto check = [&](const char* field, CommitNumber number) {
    if (number < 0 || number > head) {
      faults->Add(field, v1::ERROR_REASON_OUT_OF_RANGE,
                  absl::StrCat("must be 0 to ", head, ", the newest event"));
    }
  };
  check("first_number", request.first_number());
  check("last_number", request.last_number());
  if (request.last_number() != 0 && request.last_number() < request.first_number()) {
    faults->Add("last_number", v1::ERROR_REASON_CONTRADICTION, "must not be before first_number");
  }
}

absl::Status CheckExport(const v1::ExportAuditEventsRequest& request, CommitNumber head) {
  FieldFaults faults;
  if (request.page_size() < 0 || request.page_size() > kMaxExportPage) {
    faults.Add("page_size", v1::ERROR_REASON_OUT_OF_RANGE, "must be 0 to 1000");
  }
  CheckRange(request, head, &faults);
  return faults.ToStatus();
}

absl::StatusOr<v1::AuditRecord> ToRecord(const store::Store& store, CommitRecord record) {
  v1::AuditRecord out;
  if (const std::string keys[] = {store::CheckpointKeyOf(record)}; !keys[0].empty()) {
    ABSL_ASSIGN_OR_RETURN(const auto written, store.GetWritten(keys, record.number()));
    if (written.front().has_value()) out.set_checkpoint(written.front()->value.value_or(""));
  }
  out.set_name(absl::StrCat("auditEvents/", record.number()));
  out.set_number(record.number());
  out.set_time_unix_nanos(record.time_unix_nanos());
  *out.mutable_commit_id() = std::move(*record.mutable_id());
  out.mutable_keys()->Swap(record.mutable_keys());
  *out.mutable_writes_digest() = std::move(*record.mutable_writes_digest());
  *out.mutable_event() = std::move(*record.mutable_event());
  *out.mutable_previous_hash() = std::move(*record.mutable_prev_hash());
  *out.mutable_hash() = std::move(*record.mutable_hash());
  return out;
}

// Where a page goes on.
absl::StatusOr<CommitNumber> Seen(const PagePosition& position, CommitNumber first,
                                  CommitNumber last) {
  if (position.after.empty()) return first - 1;
  CommitNumber seen = 0;
  if (absl::SimpleAtoi(position.after, &seen) && seen >= first && seen <= last) return seen;
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_PAGE_TOKEN,
               "the page token is damaged; export again from the first page");
}

}  // namespace

absl::StatusOr<v1::VerifyAuditTrailResponse> AuditApp::Verify(
    const v1::VerifyAuditTrailRequest& request) const {
  // Drawn once: the trail grows meanwhile.
  const CommitNumber head = store_->Head();
  FieldFaults faults;
  CheckRange(request, head, &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  const CommitNumber first = std::max<CommitNumber>(1, request.first_number());
  // 0 lets the store also compare the feed's end with the head that it notes apart.
  ABSL_ASSIGN_OR_RETURN(const store::ChainReport report,
                        store::VerifyChain(*store_, first, request.last_number(), knowledge_));
  v1::VerifyAuditTrailResponse response;
  response.set_intact(!report.fault.has_value());
  response.set_events(std::max<CommitNumber>(0, report.verified - first + 1));
  if (report.fault.has_value()) {
    response.set_first_fault(report.fault->number);
    response.set_description(report.fault->description);
  }
  for (const store::ChainFault& fault : report.faults) {
    v1::AuditFault* const told = response.add_faults();
    told->set_number(fault.number);
    told->set_description(fault.description);
  }
  response.set_head_hash(absl::BytesToHexString(report.head_hash));
  response.set_last_number(std::max<CommitNumber>(0, report.verified));
  response.set_checkpoints(report.checkpoints);
  response.set_signed_through(report.signed_through);
  response.set_signatures_tested(!knowledge_.public_keys.empty());
  return response;
}

absl::StatusOr<v1::ExportAuditEventsResponse> AuditApp::Export(
    const v1::ExportAuditEventsRequest& request) const {
  const CommitNumber head = store_->Head();
  ABSL_RETURN_IF_ERROR(CheckExport(request, head));
  const CommitNumber first = std::max<CommitNumber>(1, request.first_number());
  const std::string query = absl::StrCat("ExportAuditEvents\n", first, "\n", request.last_number());
  ABSL_ASSIGN_OR_RETURN(const PagePosition from,
                        DecodePageToken(request.page_token(), query, head));
  const CommitNumber newest = from.as_of != 0 ? from.as_of : head;
  const CommitNumber last = request.last_number() == 0 ? newest : request.last_number();
  ABSL_ASSIGN_OR_RETURN(CommitNumber seen, Seen(from, first, last));
  const int size = request.page_size() == 0 ? kMaxExportPage : request.page_size();

  v1::ExportAuditEventsResponse response;
  response.set_last_number(last);
  if (head == 0) return response;
  ABSL_ASSIGN_OR_RETURN(const std::vector<CommitRecord> beginning, store_->ReadFeed(1, 1));
  if (!beginning.empty()) response.set_trail(beginning.front().hash());
  ABSL_ASSIGN_OR_RETURN(std::vector<CommitRecord> records, store_->ReadFeed(seen + 1, size));
  std::size_t bytes = 0;
  for (CommitRecord& record : records) {
    if (record.number() > last || bytes >= kMaxPageBytes) break;
    seen = record.number();
    ABSL_ASSIGN_OR_RETURN(v1::AuditRecord out, ToRecord(*store_, std::move(record)));
    bytes += out.ByteSizeLong();
    *response.add_audit_records() = std::move(out);
  }
  if (seen < last && response.audit_records_size() > 0) {
    response.set_next_page_token(EncodePageToken(query, {absl::StrCat(seen), newest}));
  }
  return response;
}

}  // namespace trialgate::audit
