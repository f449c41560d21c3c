// Resume tokens: up to where a stream has told what is in the store; opaque to the client and bound
// to the query.
//
//   ABSL_ASSIGN_OR_RETURN(ResumePoint from, DecodeResumeToken(store, query, call.resume_token()));
//   ... tell what has changed since from.commit, up to `head` ...
//   ABSL_ASSIGN_OR_RETURN(std::string token, EncodeResumeToken(store, query, {head, state}));
//
// `query` is everything that must be the same when the stream goes on: method, names, who asks. It
// is hashed, not contained.
#ifndef TRIALGATE_COMMON_STORE_RESUME_TOKEN_H_
#define TRIALGATE_COMMON_STORE_RESUME_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/store.h"

namespace trialgate::store {

// A token from before more commits than this has expired.
inline constexpr CommitNumber kMaxCommitsBehind = 100'000;

struct ResumePoint {
  // What was told is as of this commit; 0: nothing was told.
  CommitNumber commit = 0;
  // What the stream needs besides; at most 64 bytes.
  std::string state;
};

// The token that goes on after `point`. Errors are those of Store::ReadFeed.
absl::StatusOr<std::string> EncodeResumeToken(const Store& store, absl::string_view query,
                                              const ResumePoint& point);

// The point that `token` stands for; an empty token: the start. INVALID_ARGUMENT
// (INVALID_RESUME_TOKEN): it is no token of ours, or one of another query. OUT_OF_RANGE
// (RESUME_TOKEN_EXPIRED): it is too old, or the store does not have the commit that it was made as
// of: another one, such as a backup that was put back. Else as above.
absl::StatusOr<ResumePoint> DecodeResumeToken(const Store& store, absl::string_view query,
                                              absl::string_view token);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_RESUME_TOKEN_H_
