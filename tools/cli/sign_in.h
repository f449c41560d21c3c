// Signing in, staying signed in, signing out.
#ifndef TRIALGATE_TOOLS_CLI_SIGN_IN_H_
#define TRIALGATE_TOOLS_CLI_SIGN_IN_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "tools/cli/connection.h"
#include "tools/cli/context_file.h"
#include "tools/cli/http_client.h"
#include "tools/cli/oauth.h"
#include "tools/cli/token_cache.h"

namespace trialgate::cli {

// What signing in needs of the world. Nothing is owned.
struct SignInWorld {
  const Environment& environment;
  const Clock& clock;
  // A client that trusts the authorities in the file (empty: the machine's).
  std::function<std::unique_ptr<HttpClient>(const std::string& ca_file)> http;
  // Pauses; false where interrupted.
  Wait wait;
};

// Errors are those of oauth.h, and faults of usage where the file of tokens cannot be used or the
// client's secret cannot be read.
class SignInSession {
 public:
  // `connection` has a sign_in.
  SignInSession(const SignInWorld& world, const Connection& connection);

  // Signs in, and keeps the tokens; answers until when the access token holds. `show` is told what
  // the person must do in a device flow.
  absl::StatusOr<absl::Time> SignInByDevice(const std::function<void(const DeviceCode&)>& show);
  absl::StatusOr<absl::Time> SignInByClientCredentials();

  // An access token that holds. One that expired is replaced in silence where the provider permits
  // it, by one process only: others wait for it. UNAUTHENTICATED: nobody has signed in, or the
  // sign-in no longer holds.
  absl::StatusOr<Secret> AccessToken();

  // Forgets the tokens. Answers what became of them at the provider, in words.
  absl::StatusOr<std::string> SignOut();

 private:
  absl::StatusOr<OAuthClient> Client() const;
  absl::StatusOr<absl::Time> Keep(const Tokens& tokens, Grant grant);
  // The tokens in the file, if they are of this sign-in.
  absl::StatusOr<std::optional<CachedTokens>> Cached() const;
  absl::StatusOr<Tokens> Renew(const CachedTokens& old);
  absl::Status RevokeAtProvider(const CachedTokens& tokens);
  absl::Status NotSignedIn(absl::string_view why) const;

  const SignInWorld world_;
  const std::string context_;
  const SignIn sign_in_;
  const std::string path_;
  const std::unique_ptr<HttpClient> http_;
};

// The token that a command is known by: that of the connection's file, or of its sign-in; empty
// where it names neither. A fault of usage, which never repeats what the file holds, where it
// cannot be read, others can, or it holds no token.
absl::StatusOr<Secret> AccessTokenFor(const Connection& connection, const SignInWorld& world);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_SIGN_IN_H_
