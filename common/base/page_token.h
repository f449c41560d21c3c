// Page tokens: where a list call goes on, opaque to the client and bound to the query.
//
//   ABSL_ASSIGN_OR_RETURN(PagePosition from,
//                         DecodePageToken(request.page_token(), query, store.Head()));
//   ... scan after from.after, as of from.as_of (the head, where it is 0) ...
//   response.set_next_page_token(EncodePageToken(query, {last_key, as_of}));
//
// `query` is everything that must be the same in all calls of one listing: method, parent, filter,
// who asks; not page_size, which may change. It is hashed, not contained.
#ifndef TRIALGATE_COMMON_BASE_PAGE_TOKEN_H_
#define TRIALGATE_COMMON_BASE_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace trialgate {

struct PagePosition {
  // The last key of the page before; empty at the start.
  std::string after;
  // The commit that all pages of the listing are read as of; 0 on the first page.
  std::int64_t as_of = 0;
};

// The token that goes on after `position`, in the alphabet of base64url.
std::string EncodePageToken(absl::string_view query, const PagePosition& position);

// The position that `token` stands for; an empty token is the start. INVALID_ARGUMENT
// (INVALID_PAGE_TOKEN) when it is no token of ours, or one of another query.
absl::StatusOr<PagePosition> DecodePageToken(absl::string_view token, absl::string_view query);

// As above, for lists that are read as of a commit, `head` being the newest. INVALID_ARGUMENT
// (INVALID_PAGE_TOKEN) also when as_of is not 0 to `head`: the token is forged, or of another
// store.
absl::StatusOr<PagePosition> DecodePageToken(absl::string_view token, absl::string_view query,
                                             std::int64_t head);

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_PAGE_TOKEN_H_
