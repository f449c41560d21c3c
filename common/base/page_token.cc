#include "common/base/page_token.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

// A token is, before base64url: version, eight bytes of as_of, check bytes, `after`. The check
// covers all of it and the query, so that a damaged token and one of another query are both
// noticed.
constexpr char kVersion = 1;
constexpr std::size_t kAsOfBytes = 8;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kHeaderBytes = 1 + kAsOfBytes + kCheckBytes;
// No key of ours is that long; bounds the work on a hostile token.
constexpr std::size_t kMaxTokenBytes = 4096;

std::string Check(absl::string_view query, const PagePosition& position) {
  Sha256Hasher hasher;
  hasher.AddWithLength(query);
  hasher.AddUint64(static_cast<std::uint64_t>(position.as_of));
  hasher.AddWithLength(position.after);
  return hasher.Finish().substr(0, kCheckBytes);
}

absl::Status BadToken() {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_PAGE_TOKEN,
               "the page token is damaged or belongs to another query; list again from the first "
               "page")
      .WithFieldViolation("page_token", v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                          "does not belong to this query");
}

}  // namespace

std::string EncodePageToken(absl::string_view query, const PagePosition& position) {
  std::string bytes(1, kVersion);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(position.as_of) >> shift & 0xff));
  }
  bytes += Check(query, position);
  bytes += position.after;
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<PagePosition> DecodePageToken(absl::string_view token, absl::string_view query) {
  if (token.empty()) return PagePosition();
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() < kHeaderBytes || bytes[0] != kVersion) {
    return BadToken();
  }
  std::uint64_t as_of = 0;
  for (std::size_t i = 1; i <= kAsOfBytes; ++i) {
    as_of = as_of << 8 | static_cast<unsigned char>(bytes[i]);
  }
  PagePosition position{bytes.substr(kHeaderBytes), static_cast<std::int64_t>(as_of)};
  if (bytes.compare(1 + kAsOfBytes, kCheckBytes, Check(query, position)) != 0) return BadToken();
  return position;
}

absl::StatusOr<PagePosition> DecodePageToken(absl::string_view token, absl::string_view query,
                                             std::int64_t head) {
  ABSL_ASSIGN_OR_RETURN(PagePosition position, DecodePageToken(token, query));
  if (position.as_of < 0 || position.as_of > head) return BadToken();
  return position;
}

}  // namespace trialgate
