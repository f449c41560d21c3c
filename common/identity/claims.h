// What a token says, and what it must say to be accepted (RFC 7519, 9068).
#ifndef TRIALGATE_COMMON_IDENTITY_CLAIMS_H_
#define TRIALGATE_COMMON_IDENTITY_CLAIMS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::identity {

struct TokenConfig {
  // What `iss` must be, to the byte.
  std::string issuer;
  // What `aud` must be, or have among its values, to the byte: a name of this service, and not the
  // client id of an application, for which ID tokens are issued.
  std::string audience;
  // By how much the issuer's clock and ours may differ.
  absl::Duration clock_skew = absl::Seconds(60);
  // Names of the claims that say what the subject may do here; each at the payload's top.
  std::string role_claim = "trialgate_role";
  std::string organization_claim = "trialgate_organization";
  std::string desks_claim = "trialgate_desks";
  // Accept only tokens that say that they are access tokens (`typ` "at+jwt"); not every provider
  // writes it.
  bool require_access_token_type = false;
  // Verified tokens that are remembered, at most.
  std::size_t cache_size = 10'000;
};

// FAILED_PRECONDITION (CONFIGURATION, metadata "setting"): issuer, audience or the name of a claim
// is empty, two claims have one name, the skew is not from 0 to 10 minutes, or the cache has no
// room.
absl::Status CheckTokenConfig(const TokenConfig& config);

// When a token may be used, without the skew.
struct TokenTimes {
  absl::Time expires = absl::InfiniteFuture();
  absl::Time not_before = absl::InfinitePast();
  absl::Time issued = absl::InfinitePast();
};

struct Claims {
  v1::Principal principal;
  TokenTimes times;
};

// Reads the payload of a token whose signature has been verified.
//
// - `iss` and `aud` are as `config` has them; `exp` is there, `nbf` and `iat` if they like, each a
//   number of seconds from 0 to the end of the year 9999; `sub` is there.
// - The role claim is the name of a role that callers can have, or a list of that one name. The
//   organization claim is "organizations/x". The desks claim is a list of "desks/x", or a text of
//   them, apart by commas or spaces. Absent, null and empty are the same. The principal that they
//   make passes PrincipalFault: nobody has what is another role's.
// - The subject of the principal is SubjectOf(`sub`).
//
// UNAUTHENTICATED: NO_ROLE where there is no role claim, else INVALID_TOKEN.
absl::StatusOr<Claims> ReadClaims(absl::string_view payload, const TokenConfig& config);

// UNAUTHENTICATED (INVALID_TOKEN) unless a token of these times may be used `now`.
absl::Status CheckTimes(const TokenTimes& times, absl::Duration skew, absl::Time now);

// The subject of a principal that stands for the `sub` of a token: `sub` itself where IsSubject
// permits, else ("auth0|123") "sha256-" and the 64 hexadecimal digits of its SHA-256. A `sub` that
// itself looks like that is hashed too, so that no two stand for one. Empty where `sub` is none:
// not 1 to 255 bytes (the limit of OpenID Connect), or with a control character.
std::string SubjectOf(absl::string_view sub);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_CLAIMS_H_
