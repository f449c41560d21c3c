#include "tools/cli/token_cache.h"

#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/identity/strict_json.h"
#include "nlohmann/json.hpp"
#include "tools/cli/errors.h"
#include "tools/cli/oauth.h"
#include "tools/cli/private_file.h"

namespace trialgate::cli {
namespace {

constexpr std::size_t kMaxFileBytes = 64 << 10;

// The form of the file. One that is not known is of another version of this program.
constexpr int kFormat = 1;

constexpr char kDevice[] = "device";
constexpr char kClientCredentials[] = "client-credentials";

std::optional<CachedTokens> Parse(const std::string& content) {
  const std::optional<nlohmann::json> object = identity::ParseJsonObject(content);
  if (!object.has_value() || object->value("format", nlohmann::json()) != kFormat) {
    return std::nullopt;
  }
  const auto text = [&](const char* name) {
    return identity::TextMember(*object, name).value_or("");
  };
  const nlohmann::json expires = object->value("expires", nlohmann::json());
  CachedTokens tokens = {
      .issuer = text("issuer"),
      .client_id = text("client_id"),
      .audience = text("audience"),
      .grant = text("grant") == kDevice ? Grant::kDevice : Grant::kClientCredentials,
      .access_token = Secret(text("access_token")),
      .expires =
          absl::FromUnixSeconds(expires.is_number_integer() ? expires.get<std::int64_t>() : 0),
      .refresh_token = Secret(text("refresh_token"))};
  if (!IsBearerToken(tokens.access_token.Reveal())) return std::nullopt;
  return tokens;
}

}  // namespace

bool AreOf(const CachedTokens& tokens, absl::string_view issuer, absl::string_view client_id,
           absl::string_view audience) {
  return tokens.issuer == issuer && tokens.client_id == client_id && tokens.audience == audience;
}

std::string TokenPath(const Environment& environment, const std::string& context) {
  const std::string state = Variable(environment, "XDG_STATE_HOME");
  const std::string folder =
      state.empty() ? std::filesystem::path(ContextFilePath(environment)).parent_path().string()
                    : absl::StrCat(state, "/trialgate");
  return absl::StrCat(folder.empty() ? "." : folder, "/tokens/", context, ".json");
}

absl::StatusOr<std::optional<CachedTokens>> LoadTokens(const std::string& path) {
  const auto content = ReadGuarded(path, kMaxFileBytes, Guard::kOwnerOnly);
  if (absl::IsNotFound(content.status())) return std::nullopt;
  if (!content.ok()) return UsageError(absl::StrCat(path, ": ", content.status().message()));
  std::optional<CachedTokens> tokens = Parse(*content);
  if (tokens.has_value()) return tokens;
  return WithHint(UsageError(absl::StrCat(path, ": holds no tokens of this program")),
                  "remove the file, then `trialgate login`");
}

absl::Status SaveTokens(const std::string& path, const CachedTokens& tokens) {
  const nlohmann::ordered_json object = {
      {"format", kFormat},
      {"issuer", tokens.issuer},
      {"client_id", tokens.client_id},
      {"audience", tokens.audience},
      {"grant", tokens.grant == Grant::kDevice ? kDevice : kClientCredentials},
      {"access_token", std::string(tokens.access_token.Reveal())},
      {"expires", absl::ToUnixSeconds(tokens.expires)},
      {"refresh_token", std::string(tokens.refresh_token.Reveal())}};
  return WritePrivate(path, object.dump(1) + "\n");
}

absl::Status RemoveTokens(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  return error ? UsageError(absl::StrCat(path, ": ", error.message())) : absl::OkStatus();
}

}  // namespace trialgate::cli
