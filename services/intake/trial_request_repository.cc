#include "services/intake/trial_request_repository.h"

#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"

namespace trialgate::intake {
namespace {

using store::TableId;

// Parts of an index value are separated by a byte that no name has; the byte after it ends a range.
constexpr char kSeparator[] = "|";
constexpr char kAfterSeparator[] = "}";
// In the index by state: requests in any.
constexpr char kAnyState[] = "any";

// Rows that one call looks at, at most.
constexpr int kMaxScanned = 10'000;

// Sorts the later instant first.
std::string NewestFirst(const v1::TrialRequest& request) {
  const absl::Time time = absl::FromUnixSeconds(request.create_time().seconds()) +
                          absl::Nanoseconds(request.create_time().nanos());
  return absl::StrFormat("%020d",
                         std::numeric_limits<std::int64_t>::max() - absl::ToUnixNanos(time));
}

std::vector<std::string> BySubmittingDesk(const v1::TrialRequest& request) {
  if (!request.has_submitter()) return {};
  return {absl::StrCat(request.submitting_desk(), kSeparator, IdeaPosition(request))};
}

std::vector<std::string> ByRequester(const v1::TrialRequest& request) {
  if (request.requester().empty()) return {};
  return {absl::StrCat(request.requester(), kSeparator, NewestFirst(request))};
}

std::vector<std::string> ByState(const v1::TrialRequest& request) {
  const std::string order = NewestFirst(request);
  return {absl::StrCat(v1::TrialRequestState_Name(request.state()), kSeparator, order),
          absl::StrCat(kAnyState, kSeparator, order)};
}

}  // namespace

std::string IdeaPosition(const v1::TrialRequest& request) {
  return absl::StrCat(NewestFirst(request), kSeparator, request.name());
}

const store::Table<v1::TrialRequest>& TrialRequests() {
  static const auto* const kTable = new store::Table<v1::TrialRequest>(
      TableId::TABLE_ID_TRIAL_REQUEST,
      {{TableId::TABLE_ID_TRIAL_REQUEST_BY_REQUESTER, ByRequester},
       {TableId::TABLE_ID_TRIAL_REQUEST_BY_STATE, ByState},
       {TableId::TABLE_ID_TRIAL_REQUEST_BY_SUBMITTING_DESK, BySubmittingDesk}});
  return *kTable;
}

const store::Table<v1::TrialRequest>& TrialRequestRevisions() {
  static const auto* const kTable =
      new store::Table<v1::TrialRequest>(TableId::TABLE_ID_TRIAL_REQUEST_REVISION);
  return *kTable;
}

std::string RevisionName(absl::string_view request, int revision) {
  return absl::StrCat(request, "/revisions/", revision);
}

const store::Table<v1::CollatedAnswer>& CollatedAnswers() {
  static const auto* const kTable =
      new store::Table<v1::CollatedAnswer>(TableId::TABLE_ID_COLLATED_ANSWER);
  return *kTable;
}

std::string AnswerName(absl::string_view request, int version) {
  return absl::StrCat(request, "/answers/", version);
}

absl::StatusOr<store::RowPage<v1::TrialRequest>> ListTrialRequests(const store::Store& store,
                                                                   const TrialRequestQuery& query,
                                                                   const store::PageOptions& page,
                                                                   store::CommitNumber as_of) {
  const bool any_state = query.state == v1::TRIAL_REQUEST_STATE_UNSPECIFIED;
  const std::string list = !query.requester.empty() ? query.requester
                           : any_state              ? std::string(kAnyState)
                                                    : v1::TrialRequestState_Name(query.state);
  const TableId index = query.requester.empty() ? TableId::TABLE_ID_TRIAL_REQUEST_BY_STATE
                                                : TableId::TABLE_ID_TRIAL_REQUEST_BY_REQUESTER;
  const store::IndexRange range = {absl::StrCat(list, kSeparator),
                                   absl::StrCat(list, kAfterSeparator)};
  store::RowPage<v1::TrialRequest> found;
  store::PageOptions part = page;
  for (int scanned = 0; scanned < kMaxScanned; scanned += part.limit) {
    // Never more than still fit, so that no row found is left behind.
    part.limit = page.limit - static_cast<int>(found.rows.size());
    ABSL_ASSIGN_OR_RETURN(auto rows,
                          ScanIndexRange(store, TrialRequests(), index, range, part, as_of));
    for (auto& row : rows.rows) {
      if (any_state || row.value.state() == query.state) found.rows.push_back(std::move(row));
    }
    found.next = rows.next;
    part.after = rows.next;
    if (rows.next.empty() || static_cast<int>(found.rows.size()) == page.limit) break;
  }
  return found;
}

absl::StatusOr<std::vector<SubmittedIdea>> ListSubmittedIdeas(const store::Store& store,
                                                              const std::vector<std::string>& desks,
                                                              absl::string_view after, int limit,
                                                              store::CommitNumber as_of) {
  // Of each desk the first `limit` are enough.
  std::map<std::string, std::string> merged;
  for (const std::string& desk : desks) {
    store::IndexRange range = {absl::StrCat(desk, kSeparator), absl::StrCat(desk, kAfterSeparator)};
    // The byte 0x02 is the first that a value may have after the position.
    if (!after.empty()) range.from = absl::StrCat(desk, kSeparator, after, "\x02");
    store::PageOptions part;
    part.limit = limit;
    ABSL_ASSIGN_OR_RETURN(
        const auto rows,
        ScanIndexRange(store, TrialRequests(), TableId::TABLE_ID_TRIAL_REQUEST_BY_SUBMITTING_DESK,
                       range, part, as_of));
    for (const auto& row : rows.rows) merged.emplace(IdeaPosition(row.value), row.key);
  }
  std::vector<SubmittedIdea> ideas;
  for (const auto& [position, request] : merged) {
    if (static_cast<int>(ideas.size()) == limit) break;
    ideas.push_back({position, request});
  }
  return ideas;
}

}  // namespace trialgate::intake
