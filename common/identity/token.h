// A bearer token taken apart: JWS in its compact form (RFC 7515, section 7.1). Nothing of it is
// believed yet.
#ifndef TRIALGATE_COMMON_IDENTITY_TOKEN_H_
#define TRIALGATE_COMMON_IDENTITY_TOKEN_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/jwk.h"

namespace trialgate::identity {

inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;

struct Token {
  Algorithm algorithm = Algorithm::kRs256;
  // Which of the provider's keys signed it.
  std::string kid;
  // Whether it says that it is an access token (`typ` "at+jwt", RFC 9068) rather than any JWT.
  bool access_token = false;
  // What the signature is over: a part of the text that was parsed.
  absl::string_view signed_part;
  std::string payload;
  std::string signature;
};

// Takes `text` apart, which the result refers to. UNAUTHENTICATED (INVALID_TOKEN) unless it is
// - three parts of strict base64url, in kMaxTokenBytes bytes,
// - with a header that is strict JSON, with `alg` one of the four (never "none"), with a `kid` of 1
//   to kMaxKeyIdBytes bytes, with no `crit`, `b64` or `zip`, and with `typ`, if any, "JWT",
//   "at+jwt" or "application/at+jwt" in any case.
// Keys in the header or at addresses that it names (jwk, jku, x5c, x5u) are not looked at.
absl::StatusOr<Token> ParseToken(absl::string_view text);

// UNAUTHENTICATED (INVALID_TOKEN). `why` goes on after "the bearer token" and holds nothing of it:
// "has expired".
absl::Status InvalidToken(absl::string_view why);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_TOKEN_H_
