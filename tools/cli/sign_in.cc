#include "tools/cli/sign_in.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/cli/errors.h"
#include "tools/cli/private_file.h"

namespace trialgate::cli {
namespace {

constexpr std::size_t kMaxSecretBytes = 16 << 10;

// A token is replaced this long before it expires: a call takes time, and clocks differ.
constexpr absl::Duration kMargin = absl::Seconds(30);

// Longer than whoever holds the lock may take to speak with the provider.
constexpr absl::Duration kLongestLock = absl::Minutes(2);

constexpr char kUsualScopes[] = "openid offline_access";

// Scopes that are about a person have no meaning for a program.
std::string WithoutPersonal(const std::string& scopes) {
  std::vector<std::string> kept;
  for (const absl::string_view scope : absl::StrSplit(scopes, ' ', absl::SkipEmpty())) {
    if (scope != "openid" && scope != "offline_access") kept.emplace_back(scope);
  }
  return absl::StrJoin(kept, " ");
}

absl::StatusOr<Secret> ReadSecret(const SignIn& sign_in, const Environment& environment) {
  if (!sign_in.client_secret_env.empty()) {
    Secret secret(Variable(environment, sign_in.client_secret_env));
    if (!secret.empty()) return secret;
    return UsageError(absl::StrCat("the variable ", sign_in.client_secret_env,
                                   " is not set: the context's client-secret-env names it"));
  }
  if (sign_in.client_secret_file.empty()) return Secret();
  const auto content =
      ReadGuarded(sign_in.client_secret_file, kMaxSecretBytes, Guard::kOthersMayNotRead);
  if (!content.ok()) {
    // Not its name: it could be the secret itself, given in the wrong place.
    return UsageError(
        absl::StrCat("the file of the context's client-secret-file: ", content.status().message()));
  }
  Secret secret(absl::StripTrailingAsciiWhitespace(*content));
  if (!secret.empty()) return secret;
  return UsageError("the file of the context's client-secret-file: is empty");
}

}  // namespace

SignInSession::SignInSession(const SignInWorld& world, const Connection& connection)
    : world_(world),
      context_(connection.context),
      sign_in_(*connection.sign_in),
      path_(TokenPath(world.environment, context_)),
      http_(world.http(sign_in_.issuer_ca)) {}

absl::StatusOr<OAuthClient> SignInSession::Client() const {
  ABSL_ASSIGN_OR_RETURN(Secret secret, ReadSecret(sign_in_, world_.environment));
  return OAuthClient{.id = sign_in_.client_id, .secret = std::move(secret)};
}

absl::Status SignInSession::NotSignedIn(absl::string_view why) const {
  return WithHint(absl::UnauthenticatedError(absl::StrCat(why, " (context ", context_, ")")),
                  absl::StrCat("`trialgate login --context ", context_, "`"));
}

absl::StatusOr<absl::Time> SignInSession::Keep(const Tokens& tokens, Grant grant) {
  const absl::Time expires = world_.clock.Now() + tokens.valid_for;
  ABSL_RETURN_IF_ERROR(SaveTokens(path_, {.issuer = sign_in_.issuer,
                                          .client_id = sign_in_.client_id,
                                          .audience = sign_in_.audience,
                                          .grant = grant,
                                          .access_token = tokens.access_token,
                                          .expires = expires,
                                          .refresh_token = tokens.refresh_token}));
  return expires;
}

absl::StatusOr<absl::Time> SignInSession::SignInByDevice(
    const std::function<void(const DeviceCode&)>& show) {
  ABSL_ASSIGN_OR_RETURN(const OAuthClient client, Client());
  ABSL_ASSIGN_OR_RETURN(const Provider provider, Discover(*http_, sign_in_.issuer));
  ABSL_ASSIGN_OR_RETURN(const DeviceCode code,
                        RequestDeviceCode(*http_, provider, client,
                                          sign_in_.scopes.empty() ? kUsualScopes : sign_in_.scopes,
                                          sign_in_.audience, world_.clock));
  show(code);
  ABSL_ASSIGN_OR_RETURN(const Tokens tokens,
                        AwaitDeviceTokens(*http_, provider, client, code, sign_in_.audience,
                                          world_.clock, world_.wait));
  ABSL_ASSIGN_OR_RETURN(const FileLock lock,
                        FileLock::Take(path_ + ".lock", kLongestLock, world_.wait));
  return Keep(tokens, Grant::kDevice);
}

absl::StatusOr<absl::Time> SignInSession::SignInByClientCredentials() {
  ABSL_ASSIGN_OR_RETURN(const OAuthClient client, Client());
  if (client.secret.empty()) {
    return UsageError(
        "the context names no secret: `trialgate config set-context` --client-secret-file or "
        "--client-secret-env");
  }
  ABSL_ASSIGN_OR_RETURN(const Provider provider, Discover(*http_, sign_in_.issuer));
  ABSL_ASSIGN_OR_RETURN(
      const Tokens tokens,
      RequestClientCredentials(*http_, provider, client, WithoutPersonal(sign_in_.scopes),
                               sign_in_.audience));
  ABSL_ASSIGN_OR_RETURN(const FileLock lock,
                        FileLock::Take(path_ + ".lock", kLongestLock, world_.wait));
  return Keep(tokens, Grant::kClientCredentials);
}

absl::StatusOr<std::optional<CachedTokens>> SignInSession::Cached() const {
  ABSL_ASSIGN_OR_RETURN(std::optional<CachedTokens> tokens, LoadTokens(path_));
  if (tokens.has_value() && !AreOf(*tokens, sign_in_.issuer, sign_in_.client_id, sign_in_.audience))
    tokens.reset();
  return tokens;
}

absl::StatusOr<Tokens> SignInSession::Renew(const CachedTokens& old) {
  ABSL_ASSIGN_OR_RETURN(const OAuthClient client, Client());
  ABSL_ASSIGN_OR_RETURN(const Provider provider, Discover(*http_, sign_in_.issuer));
  if (old.grant == Grant::kClientCredentials) {
    return RequestClientCredentials(*http_, provider, client, WithoutPersonal(sign_in_.scopes),
                                    sign_in_.audience);
  }
  return Refresh(*http_, provider, client, old.refresh_token, sign_in_.audience);
}

absl::StatusOr<Secret> SignInSession::AccessToken() {
  const auto holds = [this](const std::optional<CachedTokens>& tokens) {
    return tokens.has_value() && world_.clock.Now() + kMargin < tokens->expires;
  };
  ABSL_ASSIGN_OR_RETURN(std::optional<CachedTokens> tokens, Cached());
  if (holds(tokens)) return tokens->access_token;
  ABSL_ASSIGN_OR_RETURN(const FileLock lock,
                        FileLock::Take(path_ + ".lock", kLongestLock, world_.wait));
  // Another process may have renewed them meanwhile.
  ABSL_ASSIGN_OR_RETURN(tokens, Cached());
  if (holds(tokens)) return tokens->access_token;
  if (!tokens.has_value()) return NotSignedIn("not signed in");
  if (tokens->grant == Grant::kDevice && tokens->refresh_token.empty()) {
    return NotSignedIn("the sign-in has expired");
  }
  const absl::StatusOr<Tokens> renewed = Renew(*tokens);
  if (absl::IsUnauthenticated(renewed.status())) {
    ABSL_RETURN_IF_ERROR(RemoveTokens(path_));
    return NotSignedIn("the sign-in no longer holds");
  }
  if (!renewed.ok()) return renewed.status();
  ABSL_RETURN_IF_ERROR(Keep(*renewed, tokens->grant).status());
  return renewed->access_token;
}

absl::Status SignInSession::RevokeAtProvider(const CachedTokens& tokens) {
  ABSL_ASSIGN_OR_RETURN(const OAuthClient client, Client());
  ABSL_ASSIGN_OR_RETURN(const Provider provider, Discover(*http_, sign_in_.issuer));
  if (provider.revocation_endpoint.empty()) {
    return absl::UnimplementedError("the provider revokes no tokens");
  }
  // With the refresh token goes what came of it (RFC 7009, 2.1).
  if (!tokens.refresh_token.empty()) {
    return Revoke(*http_, provider, client, tokens.refresh_token, "refresh_token");
  }
  return Revoke(*http_, provider, client, tokens.access_token, "access_token");
}

absl::StatusOr<std::string> SignInSession::SignOut() {
  ABSL_ASSIGN_OR_RETURN(const FileLock lock,
                        FileLock::Take(path_ + ".lock", kLongestLock, world_.wait));
  const auto tokens = Cached();
  ABSL_RETURN_IF_ERROR(RemoveTokens(path_));
  if (!tokens.ok() || !tokens->has_value()) return "There was no sign-in to end.";
  const absl::Status revoked = RevokeAtProvider(**tokens);
  if (revoked.ok()) return "Signed out; the tokens are revoked.";
  return absl::StrCat("Signed out here; the tokens were not revoked: ", revoked.message(), ".");
}

absl::StatusOr<Secret> AccessTokenFor(const Connection& connection, const SignInWorld& world) {
  if (connection.sign_in.has_value()) return SignInSession(world, connection).AccessToken();
  if (connection.token_file.empty()) return Secret();
  const auto content =
      ReadGuarded(connection.token_file, kMaxSecretBytes, Guard::kOthersMayNotRead);
  if (!content.ok()) {
    return UsageError(absl::StrCat(connection.token_file, ": ", content.status().message()));
  }
  const absl::string_view token = absl::StripAsciiWhitespace(*content);
  if (IsBearerToken(token)) return Secret(token);
  return UsageError(absl::StrCat(connection.token_file, ": holds no access token"));
}

}  // namespace trialgate::cli
