// OAuth 2.0 as a command line needs it: discovery (OpenID Connect), the device authorization grant
// (RFC 8628), client credentials and refreshing (RFC 6749), resources (RFC 8707), revocation (RFC
// 7009).
//
// Errors: UNAVAILABLE where the provider does not answer, or not as it should; FAILED_PRECONDITION
// where it refuses what it is asked for; others as said. No error repeats a secret, also not one
// that the provider repeats.
#ifndef TRIALGATE_TOOLS_CLI_OAUTH_H_
#define TRIALGATE_TOOLS_CLI_OAUTH_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "tools/cli/http_client.h"

namespace trialgate::cli {

// Addresses of a provider; empty: not offered.
struct Provider {
  std::string token_endpoint;
  std::string device_authorization_endpoint;
  std::string revocation_endpoint;
};

// Who asks the provider.
struct OAuthClient {
  std::string id;
  // Empty: a public client. Else client_secret_basic.
  Secret secret;
};

struct Tokens {
  Secret access_token;
  // Empty: none.
  Secret refresh_token;
  absl::Duration valid_for;
};

// What a person must do elsewhere.
struct DeviceCode {
  // The provider's name for this sign-in.
  Secret device_code;
  std::string user_code;
  std::string verification_uri;
  // With the user code in it; empty: not offered.
  std::string verification_uri_complete;
  absl::Time expires;
  absl::Duration interval;
};

// Pauses; false where interrupted.
using Wait = std::function<bool(absl::Duration)>;

// What the provider at `issuer` offers. UNAVAILABLE too where it says that it is another one.
absl::StatusOr<Provider> Discover(HttpClient& http, const std::string& issuer);

// Begins a device flow. Empty `scopes` and `resource` are not sent.
absl::StatusOr<DeviceCode> RequestDeviceCode(HttpClient& http, const Provider& provider,
                                             const OAuthClient& client, const std::string& scopes,
                                             const std::string& resource, const Clock& clock);

// Asks again and again, as often as the provider permits, whether the person has done it.
// PERMISSION_DENIED: the person said no. DEADLINE_EXCEEDED: too late. CANCELLED: interrupted. A
// provider that does not answer is asked again, ever more seldom (RFC 8628, 3.5).
absl::StatusOr<Tokens> AwaitDeviceTokens(HttpClient& http, const Provider& provider,
                                         const OAuthClient& client, const DeviceCode& code,
                                         const std::string& resource, const Clock& clock,
                                         const Wait& wait);

absl::StatusOr<Tokens> RequestClientCredentials(HttpClient& http, const Provider& provider,
                                                const OAuthClient& client,
                                                const std::string& scopes,
                                                const std::string& resource);

// UNAUTHENTICATED where the refresh token no longer holds. The answer's refresh token is the one to
// use from now on: where the provider gives none, the one given.
absl::StatusOr<Tokens> Refresh(HttpClient& http, const Provider& provider,
                               const OAuthClient& client, const Secret& refresh_token,
                               const std::string& resource);

// `hint`: "refresh_token" or "access_token".
absl::Status Revoke(HttpClient& http, const Provider& provider, const OAuthClient& client,
                    const Secret& token, absl::string_view hint);

// Whether `text` can follow "Bearer " (RFC 6750).
bool IsBearerToken(absl::string_view text);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_OAUTH_H_
