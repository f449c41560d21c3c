#include "services/audit/audit_app.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/store/chain.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using storage::v1::CommitRecord;
using store::CommitNumber;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
constexpr std::size_t kMaxResourceBytes = 512;
constexpr int kFeedBatch = 500;

absl::Status CheckList(const v1::ListAuditEventsRequest& request) {
  FieldFaults faults;
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    faults.Add("page_size", v1::ERROR_REASON_OUT_OF_RANGE, "must be 0 to 1000");
  }
  if (request.resource().size() > kMaxResourceBytes) {
    faults.Add("resource", v1::ERROR_REASON_TOO_LONG, "must have at most 512 bytes");
  }
  return faults.ToStatus();
}

// Whether the commit wrote the resource: its keys are complete, where an event lists some only. A
// store's key is a table's number in two digits, "/" and the resource's name.
bool Wrote(const CommitRecord& record, const std::string& resource) {
  constexpr std::size_t kTableBytes = 3;
  return std::any_of(record.keys().begin(), record.keys().end(), [&](const std::string& key) {
    return key.size() == kTableBytes + resource.size() && absl::EndsWith(key, resource) &&
           key[kTableBytes - 1] == '/';
  });
}

absl::StatusOr<v1::AuditEvent> ToEvent(const CommitRecord& record) {
  v1::AuditEvent event;
  if (!event.ParseFromString(record.event())) {
    return Error(absl::StatusCode::kDataLoss, v1::ERROR_REASON_STORE_CORRUPT,
                 absl::StrCat("the event of commit ", record.number(), " cannot be read"))
        .WithMetadata("where", absl::StrCat("commit ", record.number()));
  }
  event.set_name(absl::StrCat("auditEvents/", record.number()));
  event.set_number(record.number());
  constexpr std::int64_t kNanos = 1'000'000'000;
  event.mutable_time()->set_seconds(record.time_unix_nanos() / kNanos);
  event.mutable_time()->set_nanos(static_cast<int>(record.time_unix_nanos() % kNanos));
  event.set_writes_sha256(absl::BytesToHexString(record.writes_digest()));
  event.set_previous_hash(absl::BytesToHexString(record.prev_hash()));
  event.set_hash(absl::BytesToHexString(record.hash()));
  return event;
}

absl::Status CheckVerify(const v1::VerifyAuditTrailRequest& request, CommitNumber head) {
  FieldFaults faults;
  const auto check = [&](const char* field, CommitNumber number) {
    if (number < 0 || number > head) {
      faults.Add(field, v1::ERROR_REASON_OUT_OF_RANGE,
                 absl::StrCat("must be 0 to ", head, ", the newest event"));
    }
  };
  check("first_number", request.first_number());
  check("last_number", request.last_number());
  if (request.last_number() != 0 && request.last_number() < request.first_number()) {
    faults.Add("last_number", v1::ERROR_REASON_CONTRADICTION, "must not be before first_number");
  }
  return faults.ToStatus();
}

}  // namespace

absl::StatusOr<v1::ListAuditEventsResponse> AuditApp::List(
    const v1::ListAuditEventsRequest& request) const {
  ABSL_RETURN_IF_ERROR(CheckList(request));
  const CommitNumber head = store_->Head();
  const std::string query = absl::StrCat("ListAuditEvents\n", request.resource());
  ABSL_ASSIGN_OR_RETURN(const PagePosition from,
                        DecodePageToken(request.page_token(), query, head));
  const CommitNumber last = from.as_of != 0 ? from.as_of : head;
  CommitNumber seen = 0;
  if (!from.after.empty() && (!absl::SimpleAtoi(from.after, &seen) || seen < 0 || seen > last)) {
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                 "the page token is damaged; list again from the first page");
  }
  const int size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  const CommitNumber scan_end = std::min<CommitNumber>(last, seen + kMaxScannedPerPage);

  v1::ListAuditEventsResponse response;
  while (seen < scan_end && response.audit_events_size() < size) {
    ABSL_ASSIGN_OR_RETURN(const std::vector<CommitRecord> records,
                          store_->ReadFeed(seen + 1, kFeedBatch));
    if (records.empty()) break;
    for (const CommitRecord& record : records) {
      if (seen == scan_end || response.audit_events_size() == size) break;
      seen = record.number();
      if (!request.resource().empty() && !Wrote(record, request.resource())) continue;
      ABSL_ASSIGN_OR_RETURN(*response.add_audit_events(), ToEvent(record));
    }
  }
  if (seen < last) response.set_next_page_token(EncodePageToken(query, {absl::StrCat(seen), last}));
  return response;
}

absl::StatusOr<v1::VerifyAuditTrailResponse> AuditApp::Verify(
    const v1::VerifyAuditTrailRequest& request) const {
  // Drawn once: the trail grows meanwhile.
  const CommitNumber head = store_->Head();
  ABSL_RETURN_IF_ERROR(CheckVerify(request, head));
  const CommitNumber first = std::max<CommitNumber>(1, request.first_number());
  // 0 lets the store also compare the feed's end with the head that it notes apart.
  ABSL_ASSIGN_OR_RETURN(const store::ChainReport report,
                        store::VerifyChain(*store_, first, request.last_number()));
  v1::VerifyAuditTrailResponse response;
  response.set_intact(!report.fault.has_value());
  response.set_events(std::max<CommitNumber>(0, report.verified - first + 1));
  if (report.fault.has_value()) {
    response.set_first_fault(report.fault->number);
    response.set_description(report.fault->description);
  }
  response.set_head_hash(absl::BytesToHexString(report.head_hash));
  return response;
}

}  // namespace trialgate::audit
