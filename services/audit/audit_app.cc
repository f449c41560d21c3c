#include "services/audit/audit_app.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/store/checkpoint.h"
#include "services/audit/event_filter.h"
#include "services/audit/event_time.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using storage::v1::CommitRecord;
using store::CommitNumber;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
constexpr std::size_t kMaxNameBytes = 512;
constexpr std::size_t kMaxWordBytes = 128;
constexpr int kFeedBatch = 500;

// A time that nanoseconds can tell: up to the year 2261.
void CheckTime(const char* field, bool is_set, const google::protobuf::Timestamp& time,
               FieldFaults* faults) {
  constexpr std::int64_t kMaxSeconds = 9'200'000'000;
  if (!is_set || (time.seconds() >= 0 && time.seconds() <= kMaxSeconds && time.nanos() >= 0 &&
                  time.nanos() < kNanosPerSecond)) {
    return;
  }
  faults->Add(field, v1::ERROR_REASON_OUT_OF_RANGE, "must be an instant from 1970 to 2261");
}

void CheckPageSize(int page_size, FieldFaults* faults) {
  if (page_size < 0 || page_size > kMaxPageSize) {
    faults->Add("page_size", v1::ERROR_REASON_OUT_OF_RANGE, "must be 0 to 1000");
  }
}

absl::Status CheckList(const v1::ListAuditEventsRequest& request) {
  FieldFaults faults;
  CheckPageSize(request.page_size(), &faults);
  const auto check = [&](const char* field, const std::string& text, std::size_t limit) {
    if (text.size() <= limit) return;
    faults.Add(field, v1::ERROR_REASON_TOO_LONG,
               absl::StrCat("must have at most ", limit, " bytes"));
  };
  check("resource", request.resource(), kMaxNameBytes);
  check("action", request.action(), kMaxWordBytes);
  check("subject", request.subject(), kMaxWordBytes);
  check("organization", request.organization(), kMaxNameBytes);
  check("desk", request.desk(), kMaxNameBytes);
  if (request.include_children() && request.resource().empty()) {
    faults.Add("include_children", v1::ERROR_REASON_CONTRADICTION, "needs a resource");
  }
  if (!v1::Role_IsValid(request.role())) {
    faults.Add("role", v1::ERROR_REASON_INVALID_FORMAT, "must be a role");
  }
  CheckTime("start_time", request.has_start_time(), request.start_time(), &faults);
  CheckTime("end_time", request.has_end_time(), request.end_time(), &faults);
  if (request.has_start_time() && request.has_end_time() && faults.empty() &&
      ToNanos(request.end_time()) < ToNanos(request.start_time())) {
    faults.Add("end_time", v1::ERROR_REASON_CONTRADICTION, "must not be before start_time");
  }
  return faults.ToStatus();
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
  *event.mutable_time() = ToTimestamp(record.time_unix_nanos());
  event.set_writes_sha256(absl::BytesToHexString(record.writes_digest()));
  event.set_previous_hash(absl::BytesToHexString(record.prev_hash()));
  event.set_hash(absl::BytesToHexString(record.hash()));
  return event;
}

v1::AuditCheckpoint ToCheckpoint(const store::Row<storage::v1::Checkpoint>& row) {
  v1::AuditCheckpoint checkpoint;
  checkpoint.set_name(row.key);
  checkpoint.set_number(row.value.number());
  checkpoint.set_hash(absl::BytesToHexString(row.value.hash()));
  *checkpoint.mutable_time() = ToTimestamp(row.value.time_unix_nanos());
  checkpoint.set_trail(absl::BytesToHexString(row.value.trail()));
  checkpoint.set_key_id(absl::BytesToHexString(row.value.key_id()));
  checkpoint.set_signature(absl::BytesToHexString(row.value.signature()));
  checkpoint.set_stored_by(row.version);
  return checkpoint;
}

// Everything that must be the same in all calls of one listing.
std::string QueryOf(v1::ListAuditEventsRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  return absl::StrCat("ListAuditEvents\n", request.SerializeAsString());
}

// Commits `first` to `last`, in order, or as many before `last` as can be read at once.
absl::StatusOr<std::vector<CommitRecord>> ReadBackward(const store::Store& store,
                                                       CommitNumber first, CommitNumber last) {
  while (true) {
    ABSL_ASSIGN_OR_RETURN(std::vector<CommitRecord> records,
                          store.ReadFeed(first, static_cast<int>(last - first + 1)));
    // A feed that lacks records is the business of verification.
    std::erase_if(records, [&](const CommitRecord& record) { return record.number() > last; });
    if (first == last || (!records.empty() && records.back().number() == last)) return records;
    first += (last - first + 1) / 2;
  }
}

// Where a listing stands: commit `seen` is the last one that it has looked at, in its direction.
class Cursor {
 public:
  Cursor(CommitNumber seen, CommitNumber last, bool backward)
      : seen_(seen), last_(last), backward_(backward) {}

  bool AtEnd() const { return backward_ ? seen_ <= 1 : seen_ >= last_; }
  CommitNumber seen() const { return seen_; }
  void See(CommitNumber number) { seen_ = number; }

  // The next commits, in the direction of the listing, at most `limit`.
  absl::StatusOr<std::vector<CommitRecord>> Read(const store::Store& store, int limit) const {
    if (!backward_) return store.ReadFeed(seen_ + 1, limit);
    const CommitNumber first = std::max<CommitNumber>(1, seen_ - limit);
    ABSL_ASSIGN_OR_RETURN(std::vector<CommitRecord> records, ReadBackward(store, first, seen_ - 1));
    std::reverse(records.begin(), records.end());
    return records;
  }

 private:
  CommitNumber seen_;
  const CommitNumber last_;
  const bool backward_;
};

}  // namespace

absl::StatusOr<v1::ListAuditEventsResponse> AuditApp::List(
    const v1::ListAuditEventsRequest& request) const {
  ABSL_RETURN_IF_ERROR(CheckList(request));
  const CommitNumber head = store_->Head();
  const std::string query = QueryOf(request);
  ABSL_ASSIGN_OR_RETURN(const PagePosition from,
                        DecodePageToken(request.page_token(), query, head));
  const CommitNumber last = from.as_of != 0 ? from.as_of : head;
  CommitNumber seen = request.newest_first() ? last + 1 : 0;
  if (!from.after.empty() && (!absl::SimpleAtoi(from.after, &seen) || seen < 1 || seen > last)) {
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                 "the page token is damaged; list again from the first page");
  }
  const EventFilter filter(&request);
  const int size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  Cursor cursor(seen, last, request.newest_first());
  v1::ListAuditEventsResponse response;
  std::size_t bytes = 0;
  const auto is_full = [&] {
    return response.audit_events_size() == size || bytes >= kMaxPageBytes;
  };
  for (int scanned = 0; scanned < kMaxScannedPerPage && !cursor.AtEnd() && !is_full();) {
    ABSL_ASSIGN_OR_RETURN(const std::vector<CommitRecord> records,
                          cursor.Read(*store_, std::min(kFeedBatch, kMaxScannedPerPage - scanned)));
    if (records.empty()) break;
    for (const CommitRecord& record : records) {
      if (cursor.AtEnd() || is_full()) break;
      cursor.See(record.number());
      ++scanned;
      if (!filter.HasTime(record)) continue;
      ABSL_ASSIGN_OR_RETURN(v1::AuditEvent event, ToEvent(record));
      if (!filter.Take(record, &event)) continue;
      bytes += event.ByteSizeLong();
      *response.add_audit_events() = std::move(event);
    }
  }
  if (!cursor.AtEnd()) {
    response.set_next_page_token(EncodePageToken(query, {absl::StrCat(cursor.seen()), last}));
  }
  return response;
}

absl::StatusOr<v1::ListAuditCheckpointsResponse> AuditApp::ListCheckpoints(
    const v1::ListAuditCheckpointsRequest& request) const {
  FieldFaults faults;
  CheckPageSize(request.page_size(), &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  const CommitNumber head = store_->Head();
  constexpr absl::string_view kQuery = "ListAuditCheckpoints";
  ABSL_ASSIGN_OR_RETURN(const PagePosition from,
                        DecodePageToken(request.page_token(), kQuery, head));
  const CommitNumber as_of = from.as_of != 0 ? from.as_of : head;
  store::PageOptions page;
  page.after = from.after;
  page.limit = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  ABSL_ASSIGN_OR_RETURN(const auto rows,
                        store::ScanRows(*store_, store::Checkpoints(), page, as_of));
  v1::ListAuditCheckpointsResponse response;
  for (const auto& row : rows.rows) *response.add_audit_checkpoints() = ToCheckpoint(row);
  if (!rows.next.empty()) {
    response.set_next_page_token(EncodePageToken(kQuery, {rows.next, as_of}));
  }
  return response;
}

}  // namespace trialgate::audit
