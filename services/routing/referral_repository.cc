#include "services/routing/referral_repository.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "services/routing/referral_state.h"
#include "services/routing/resource_names.h"

namespace trialgate::routing {
namespace {

using store::CommitNumber;
using store::IndexRange;
using store::PageOptions;
using store::RowPage;
using store::TableId;

// Parts of an index value are separated by a byte that no name has; the byte after it ends a range.
constexpr char kSeparator[] = "|";
constexpr char kAfterSeparator[] = "}";

// Lists within the index by desk.
constexpr char kOpen[] = "|open";
constexpr char kAll[] = "|all";
constexpr char kSent[] = "|sent";

// Rows that one call looks at, at most.
constexpr int kMaxScanned = 10'000;
constexpr int kScanPage = 500;

// Sorts as the instants do.
std::string Ascending(const google::protobuf::Timestamp& timestamp) {
  return absl::StrFormat("%020d", absl::ToUnixNanos(ToTime(timestamp)));
}

// Sorts the later instant first.
std::string Descending(const google::protobuf::Timestamp& timestamp) {
  return absl::StrFormat(
      "%020d", std::numeric_limits<std::int64_t>::max() - absl::ToUnixNanos(ToTime(timestamp)));
}

std::string Value(absl::string_view list, absl::string_view order) {
  return absl::StrCat(list, kSeparator, order);
}

IndexRange RangeOf(absl::string_view list) {
  return {absl::StrCat(list, kSeparator), absl::StrCat(list, kAfterSeparator)};
}

std::vector<std::string> ByRequest(const v1::Referral& referral) {
  return {Value(RequestOf(referral.name()), Ascending(referral.answer_due_time()))};
}

std::vector<std::string> ByDesk(const v1::Referral& referral) {
  const std::string due = Ascending(referral.answer_due_time());
  std::vector<std::string> values = {
      Value(absl::StrCat(referral.desk(), kAll), due),
      Value(absl::StrCat(referral.desk(), kSent), SentPosition(referral))};
  if (IsOpen(referral.state())) {
    values.push_back(Value(absl::StrCat(referral.desk(), kOpen), due));
  }
  return values;
}

std::vector<std::string> ByState(const v1::Referral& referral) {
  return {v1::ReferralState_Name(referral.state())};
}

std::vector<std::string> ByContact(const v1::Referral& referral) {
  if (referral.contact().empty()) return {};
  return {referral.contact()};
}

bool AllOpen(const std::set<v1::ReferralState>& states) {
  for (const v1::ReferralState state : states) {
    if (!IsOpen(state)) return false;
  }
  return true;
}

}  // namespace

std::string SentPosition(const v1::Referral& referral) {
  return absl::StrCat(Descending(referral.sent_time()), kSeparator, RequestOf(referral.name()));
}

const store::Table<v1::Referral>& Referrals() {
  static const auto* const kTable = new store::Table<v1::Referral>(
      TableId::TABLE_ID_REFERRAL, {{TableId::TABLE_ID_REFERRAL_BY_REQUEST, ByRequest},
                                   {TableId::TABLE_ID_REFERRAL_BY_DESK, ByDesk},
                                   {TableId::TABLE_ID_REFERRAL_BY_STATE, ByState},
                                   {TableId::TABLE_ID_REFERRAL_BY_CONTACT, ByContact}});
  return *kTable;
}

absl::StatusOr<RowPage<v1::Referral>> ListReferrals(const store::Store& store,
                                                    const ReferralQuery& query,
                                                    const PageOptions& page, CommitNumber as_of) {
  const bool of_desk = !query.desk.empty();
  const IndexRange range = !of_desk                ? RangeOf(query.request)
                           : AllOpen(query.states) ? RangeOf(absl::StrCat(query.desk, kOpen))
                                                   : RangeOf(absl::StrCat(query.desk, kAll));
  const TableId index =
      of_desk ? TableId::TABLE_ID_REFERRAL_BY_DESK : TableId::TABLE_ID_REFERRAL_BY_REQUEST;
  RowPage<v1::Referral> found;
  PageOptions part = page;
  for (int scanned = 0; scanned < kMaxScanned; scanned += part.limit) {
    // Never more than still fit, so that no row found is left behind.
    part.limit = page.limit - static_cast<int>(found.rows.size());
    ABSL_ASSIGN_OR_RETURN(auto rows, ScanIndexRange(store, Referrals(), index, range, part, as_of));
    for (auto& row : rows.rows) {
      if (query.states.empty() || query.states.count(row.value.state()) > 0) {
        found.rows.push_back(std::move(row));
      }
    }
    found.next = rows.next;
    part.after = rows.next;
    if (rows.next.empty() || static_cast<int>(found.rows.size()) == page.limit) break;
  }
  return found;
}

absl::StatusOr<std::vector<SentReferral>> ListRequestsAtDesks(const store::Store& store,
                                                              const std::vector<std::string>& desks,
                                                              absl::string_view after, int limit,
                                                              CommitNumber as_of) {
  // Positions sort newest first: of each desk the first `limit` are enough.
  std::map<std::string, std::string> merged;
  for (const std::string& desk : desks) {
    const std::string list = absl::StrCat(desk, kSent);
    IndexRange range = RangeOf(list);
    // The byte 0x02 is the first that a value may have after the position.
    if (!after.empty()) range.from = absl::StrCat(Value(list, after), "\x02");
    PageOptions part;
    part.limit = limit;
    // A merger may have brought several of one request here, which have one position.
    std::set<std::string> positions;
    do {
      ABSL_ASSIGN_OR_RETURN(const auto rows,
                            ScanIndexRange(store, Referrals(), TableId::TABLE_ID_REFERRAL_BY_DESK,
                                           range, part, as_of));
      for (const auto& row : rows.rows) {
        positions.insert(SentPosition(row.value));
        merged.emplace(SentPosition(row.value), RequestOf(row.key));
      }
      part.after = rows.next;
    } while (!part.after.empty() && static_cast<int>(positions.size()) < limit);
  }
  std::vector<SentReferral> sent;
  for (const auto& [position, request] : merged) {
    if (static_cast<int>(sent.size()) == limit) break;
    sent.push_back({position, request});
  }
  return sent;
}

absl::StatusOr<std::vector<std::string>> ReferralsOfContact(const store::Store& store,
                                                            absl::string_view contact, int limit,
                                                            CommitNumber as_of) {
  std::vector<std::string> names;
  PageOptions page;
  do {
    page.limit = std::min(kScanPage, limit - static_cast<int>(names.size()));
    ABSL_ASSIGN_OR_RETURN(
        auto rows,
        ScanIndex(store, Referrals(), TableId::TABLE_ID_REFERRAL_BY_CONTACT, contact, page, as_of));
    for (auto& row : rows.rows) names.push_back(std::move(row.key));
    page.after = rows.next;
  } while (!page.after.empty() && static_cast<int>(names.size()) < limit);
  return names;
}

absl::StatusOr<std::vector<v1::Referral>> OpenReferralsAsOf(const store::Store& store,
                                                            CommitNumber as_of) {
  std::vector<v1::Referral> open;
  for (const v1::ReferralState state :
       {v1::REFERRAL_STATE_SENT, v1::REFERRAL_STATE_ACKNOWLEDGED, v1::REFERRAL_STATE_WAITING}) {
    PageOptions page;
    page.limit = kScanPage;
    do {
      ABSL_ASSIGN_OR_RETURN(auto rows,
                            ScanIndex(store, Referrals(), TableId::TABLE_ID_REFERRAL_BY_STATE,
                                      v1::ReferralState_Name(state), page, as_of));
      for (auto& row : rows.rows) open.push_back(std::move(row.value));
      page.after = rows.next;
    } while (!page.after.empty());
  }
  return open;
}

}  // namespace trialgate::routing
