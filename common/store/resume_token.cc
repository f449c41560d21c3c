#include "common/store/resume_token.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

// Of the hash of a commit: enough to tell two histories apart.
constexpr std::size_t kMarkBytes = 8;
constexpr std::size_t kMaxTokenBytes = 512;

absl::Status Invalid() {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_RESUME_TOKEN,
               "the resume token is damaged or belongs to another query or caller; watch anew")
      .WithFieldViolation("resume_token", v1::ERROR_REASON_INVALID_RESUME_TOKEN,
                          "does not belong to this query");
}

absl::Status Expired() {
  return Error(absl::StatusCode::kOutOfRange, v1::ERROR_REASON_RESUME_TOKEN_EXPIRED,
               "the resume token is too old, or of a trail that was replaced; watch anew");
}

// By which a commit is known again.
absl::StatusOr<std::string> MarkOf(const Store& store, CommitNumber commit) {
  if (commit == 0) return std::string(kMarkBytes, '\0');
  ABSL_ASSIGN_OR_RETURN(const auto records, store.ReadFeed(commit, 1));
  if (records.empty()) return Expired();
  return records.front().hash().substr(0, kMarkBytes);
}

std::string Bound(absl::string_view query) { return absl::StrCat("watch\n", query); }

}  // namespace

absl::StatusOr<std::string> EncodeResumeToken(const Store& store, absl::string_view query,
                                              const ResumePoint& point) {
  ABSL_ASSIGN_OR_RETURN(const std::string mark, MarkOf(store, point.commit));
  return EncodePageToken(Bound(query), {absl::StrCat(mark, point.state), point.commit});
}

absl::StatusOr<ResumePoint> DecodeResumeToken(const Store& store, absl::string_view query,
                                              absl::string_view token) {
  if (token.empty()) return ResumePoint();
  if (token.size() > kMaxTokenBytes) return Invalid();
  auto position = DecodePageToken(token, Bound(query));
  if (!position.ok() || position->after.size() < kMarkBytes || position->as_of < 0) {
    return Invalid();
  }
  const CommitNumber head = store.Head();
  if (position->as_of > head || position->as_of < head - kMaxCommitsBehind) return Expired();
  ABSL_ASSIGN_OR_RETURN(const std::string mark, MarkOf(store, position->as_of));
  if (!absl::StartsWith(position->after, mark)) return Expired();
  return ResumePoint{position->as_of, position->after.substr(kMarkBytes)};
}

}  // namespace trialgate::store
