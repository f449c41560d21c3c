#include "tools/cli/oauth.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/identity/strict_json.h"
#include "nlohmann/json.hpp"
#include "tools/cli/context.h"
#include "tools/cli/errors.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

using Json = nlohmann::json;

constexpr int kHttpOk = 200;
constexpr int kServerError = 500;
constexpr std::size_t kMaxTokenBytes = 16 << 10;
constexpr int kMaxToldColumns = 200;

// Where the provider does not say.
constexpr absl::Duration kUsualInterval = absl::Seconds(5);
constexpr absl::Duration kUsualValidity = absl::Minutes(5);

constexpr absl::Duration kSlowDown = absl::Seconds(5);
constexpr absl::Duration kShortestInterval = absl::Seconds(1);
constexpr absl::Duration kLongestInterval = absl::Minutes(1);
constexpr absl::Duration kLongestDeviceFlow = absl::Minutes(30);
constexpr absl::Duration kLongestValidity = absl::Hours(24);

std::string TextIn(const Json& object, const char* name) {
  return identity::TextMember(object, name).value_or("");
}

absl::Duration SecondsIn(const Json& object, const char* name, absl::Duration otherwise) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? absl::Seconds(found->get<double>())
                                                     : otherwise;
}

// RFC 6749, 2.3.1.
void Identify(const OAuthClient& client, HttpRequest* request) {
  if (client.secret.empty()) {
    request->form->emplace_back("client_id", client.id);
    return;
  }
  request->authorization =
      absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(FormEncode(client.id), ":",
                                                             FormEncode(client.secret.Reveal()))));
}

void AddIfSaid(Form* form, const char* name, const std::string& value) {
  if (!value.empty()) form->emplace_back(name, value);
}

// An answer of the provider's that is an object of JSON: what was asked for, or why not.
struct Answer {
  // OK: `object` is what was asked for.
  bool ok = false;
  Json object;
  // Else the code of the error, in words of the RFCs.
  std::string error = {};
};

// What the provider says of an error, unless it repeats a secret that it was sent.
std::string Told(const Answer& answer, const Form& form, const OAuthClient& client) {
  const std::string told = Clean(TextIn(answer.object, "error_description"));
  if (!client.secret.empty() && absl::StrContains(told, client.secret.Reveal())) return "";
  for (const auto& [name, value] : form) {
    const bool secret = name == "device_code" || name == "refresh_token" || name == "token";
    if (secret && absl::StrContains(told, value)) return "";
  }
  return told.empty() ? "" : absl::StrCat(" (", Cut(told, kMaxToldColumns), ")");
}

absl::Status Refusal(const Answer& answer, const Form& form, const OAuthClient& client) {
  return absl::FailedPreconditionError(
      absl::StrCat("the identity provider refuses: ", Cut(Clean(answer.error), kMaxToldColumns),
                   Told(answer, form, client)));
}

absl::Status NotAnswering(const std::string& url, absl::string_view why) {
  return WithHint(absl::UnavailableError(absl::StrCat("the identity provider at ", url, ": ", why)),
                  "check the context's issuer, and try again after a moment");
}

absl::StatusOr<Answer> Post(HttpClient& http, const OAuthClient& client, HttpRequest* request) {
  Identify(client, request);
  const absl::StatusOr<HttpResponse> response = http.Send(*request);
  if (absl::IsCancelled(response.status())) return response.status();
  if (!response.ok()) return NotAnswering(request->url, response.status().message());
  std::optional<Json> object = identity::ParseJsonObject(response->body);
  if (response->status >= kServerError || !object.has_value()) {
    return NotAnswering(request->url, absl::StrCat("answered HTTP ", response->status));
  }
  Answer answer = {.ok = response->status == kHttpOk, .object = *std::move(object)};
  if (!answer.ok) answer.error = TextIn(answer.object, "error");
  if (!answer.ok && answer.error.empty()) {
    return NotAnswering(request->url, absl::StrCat("answered HTTP ", response->status));
  }
  return answer;
}

absl::StatusOr<Tokens> ReadTokens(const Answer& answer, const std::string& url) {
  Tokens tokens = {.access_token = Secret(TextIn(answer.object, "access_token")),
                   .refresh_token = Secret(TextIn(answer.object, "refresh_token")),
                   .valid_for = SecondsIn(answer.object, "expires_in", kUsualValidity)};
  if (!absl::EqualsIgnoreCase(TextIn(answer.object, "token_type"), "Bearer") ||
      !IsBearerToken(tokens.access_token.Reveal()) ||
      tokens.refresh_token.Reveal().size() > kMaxTokenBytes ||
      tokens.valid_for <= absl::ZeroDuration()) {
    return NotAnswering(url, "gave no bearer token that can be used");
  }
  tokens.valid_for = std::min(tokens.valid_for, kLongestValidity);
  return tokens;
}

absl::StatusOr<Tokens> RequestTokens(HttpClient& http, const Provider& provider,
                                     const OAuthClient& client, Form form) {
  HttpRequest request = {.url = provider.token_endpoint, .form = std::move(form)};
  ABSL_ASSIGN_OR_RETURN(const Answer answer, Post(http, client, &request));
  if (answer.ok) return ReadTokens(answer, request.url);
  if (answer.error == "invalid_grant") return absl::UnauthenticatedError(answer.error);
  return Refusal(answer, *request.form, client);
}

// Asks once. Absent: not yet; `interval` is until the next time.
absl::StatusOr<std::optional<Tokens>> PollOnce(HttpClient& http, const OAuthClient& client,
                                               HttpRequest request, absl::Duration* interval) {
  const absl::StatusOr<Answer> answer = Post(http, client, &request);
  if (absl::IsUnavailable(answer.status())) {
    *interval = std::min(2 * *interval, kLongestInterval);
    return std::nullopt;
  }
  if (!answer.ok()) return answer.status();
  if (answer->ok) return ReadTokens(*answer, request.url);
  if (answer->error == "authorization_pending") return std::nullopt;
  if (answer->error == "slow_down") {
    *interval = std::min(*interval + kSlowDown, kLongestInterval);
    return std::nullopt;
  }
  if (answer->error == "access_denied") {
    return WithHint(absl::PermissionDeniedError("the sign-in was refused"),
                    "`trialgate login` begins a new one");
  }
  if (answer->error == "expired_token") return absl::DeadlineExceededError(answer->error);
  return Refusal(*answer, *request.form, client);
}

absl::Status TooLate() {
  return WithHint(absl::DeadlineExceededError("nobody signed in with the code in time"),
                  "`trialgate login` gives a new one");
}

}  // namespace

bool IsBearerToken(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxTokenBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  absl::string_view("-._~+/=").find(c) != absl::string_view::npos;
         });
}

absl::StatusOr<Provider> Discover(HttpClient& http, const std::string& issuer) {
  const std::string url =
      absl::StrCat(absl::StripSuffix(issuer, "/"), "/.well-known/openid-configuration");
  const absl::StatusOr<HttpResponse> response = http.Send({.url = url});
  if (absl::IsCancelled(response.status())) return response.status();
  if (!response.ok()) return NotAnswering(url, response.status().message());
  const std::optional<Json> document = identity::ParseJsonObject(response->body);
  if (response->status != kHttpOk || !document.has_value()) {
    return NotAnswering(url, absl::StrCat("answered HTTP ", response->status,
                                          response->status == kHttpOk ? " without JSON" : ""));
  }
  if (TextIn(*document, "issuer") != issuer) {
    return NotAnswering(
        url, absl::StrCat("says that it is \"",
                          Cut(Clean(TextIn(*document, "issuer")), kMaxToldColumns), "\""));
  }
  Provider provider = {
      .token_endpoint = TextIn(*document, "token_endpoint"),
      .device_authorization_endpoint = TextIn(*document, "device_authorization_endpoint"),
      .revocation_endpoint = TextIn(*document, "revocation_endpoint")};
  for (const std::string* endpoint : {&provider.token_endpoint, &provider.revocation_endpoint,
                                      &provider.device_authorization_endpoint}) {
    if (!endpoint->empty() && !IsTrustworthyUrl(*endpoint)) {
      return NotAnswering(url, "names addresses that are not https");
    }
  }
  if (provider.token_endpoint.empty()) return NotAnswering(url, "names no token endpoint");
  return provider;
}

absl::StatusOr<DeviceCode> RequestDeviceCode(HttpClient& http, const Provider& provider,
                                             const OAuthClient& client, const std::string& scopes,
                                             const std::string& resource, const Clock& clock) {
  if (provider.device_authorization_endpoint.empty()) {
    return WithHint(
        absl::FailedPreconditionError("the identity provider does not offer the device flow"),
        "sign in with --client-credentials, or use a certificate or --token-file");
  }
  HttpRequest request = {.url = provider.device_authorization_endpoint, .form = Form()};
  AddIfSaid(&*request.form, "scope", scopes);
  AddIfSaid(&*request.form, "resource", resource);
  ABSL_ASSIGN_OR_RETURN(const Answer answer, Post(http, client, &request));
  if (!answer.ok) return Refusal(answer, *request.form, client);
  const Json& object = answer.object;
  DeviceCode code = {
      .device_code = Secret(TextIn(object, "device_code")),
      .user_code = TextIn(object, "user_code"),
      .verification_uri = TextIn(object, "verification_uri"),
      .verification_uri_complete = TextIn(object, "verification_uri_complete"),
      .expires = clock.Now() + std::min(SecondsIn(object, "expires_in", absl::ZeroDuration()),
                                        kLongestDeviceFlow),
      .interval = std::clamp(SecondsIn(object, "interval", kUsualInterval), kShortestInterval,
                             kLongestInterval)};
  if (!IsTrustworthyUrl(code.verification_uri_complete)) code.verification_uri_complete.clear();
  if (code.device_code.empty() || code.user_code.empty() || code.expires <= clock.Now() ||
      !IsTrustworthyUrl(code.verification_uri)) {
    return NotAnswering(request.url, "gave no code that can be used");
  }
  return code;
}

absl::StatusOr<Tokens> AwaitDeviceTokens(HttpClient& http, const Provider& provider,
                                         const OAuthClient& client, const DeviceCode& code,
                                         const std::string& resource, const Clock& clock,
                                         const Wait& wait) {
  HttpRequest request = {.url = provider.token_endpoint, .form = Form()};
  request.form->emplace_back("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
  request.form->emplace_back("device_code", code.device_code.Reveal());
  AddIfSaid(&*request.form, "resource", resource);
  absl::Duration interval = code.interval;
  while (clock.Now() + interval < code.expires) {
    if (!wait(interval)) return absl::CancelledError("interrupted");
    absl::StatusOr<std::optional<Tokens>> tokens = PollOnce(http, client, request, &interval);
    if (absl::IsDeadlineExceeded(tokens.status())) return TooLate();
    if (!tokens.ok()) return tokens.status();
    if (tokens->has_value()) return **std::move(tokens);
  }
  return TooLate();
}

absl::StatusOr<Tokens> RequestClientCredentials(HttpClient& http, const Provider& provider,
                                                const OAuthClient& client,
                                                const std::string& scopes,
                                                const std::string& resource) {
  Form form = {{"grant_type", "client_credentials"}};
  AddIfSaid(&form, "scope", scopes);
  AddIfSaid(&form, "resource", resource);
  return RequestTokens(http, provider, client, std::move(form));
}

absl::StatusOr<Tokens> Refresh(HttpClient& http, const Provider& provider,
                               const OAuthClient& client, const Secret& refresh_token,
                               const std::string& resource) {
  Form form = {{"grant_type", "refresh_token"},
               {"refresh_token", std::string(refresh_token.Reveal())}};
  AddIfSaid(&form, "resource", resource);
  ABSL_ASSIGN_OR_RETURN(Tokens tokens, RequestTokens(http, provider, client, std::move(form)));
  if (tokens.refresh_token.empty()) tokens.refresh_token = refresh_token;
  return tokens;
}

absl::Status Revoke(HttpClient& http, const Provider& provider, const OAuthClient& client,
                    const Secret& token, absl::string_view hint) {
  HttpRequest request = {.url = provider.revocation_endpoint,
                         .form = Form({{"token", std::string(token.Reveal())},
                                       {"token_type_hint", std::string(hint)}})};
  Identify(client, &request);
  ABSL_ASSIGN_OR_RETURN(const HttpResponse response, http.Send(request));
  if (response.status == kHttpOk) return absl::OkStatus();
  return NotAnswering(request.url, absl::StrCat("answered HTTP ", response.status));
}

}  // namespace trialgate::cli
