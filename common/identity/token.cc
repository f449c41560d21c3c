#include "common/identity/token.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/base64url.h"
#include "common/identity/strict_json.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using nlohmann::json;

// Sets what `typ` says of the token.
absl::Status ReadType(const json& header, Token* token) {
  if (!header.contains("typ")) return absl::OkStatus();
  const std::string type = TextMember(header, "typ").value_or("");
  token->access_token =
      absl::EqualsIgnoreCase(type, "at+jwt") || absl::EqualsIgnoreCase(type, "application/at+jwt");
  if (!token->access_token && !absl::EqualsIgnoreCase(type, "JWT")) {
    return InvalidToken("is of a type (typ) that is not accepted");
  }
  return absl::OkStatus();
}

absl::Status ReadHeader(absl::string_view text, Token* token) {
  const std::optional<json> header = ParseJsonObject(text);
  if (!header.has_value()) return InvalidToken("has a header that is not strict JSON");
  for (const char* name : {"crit", "b64", "zip"}) {
    if (header->contains(name)) {
      return InvalidToken("has an extension in its header that is not understood");
    }
  }
  const std::optional<Algorithm> algorithm =
      ParseAlgorithm(TextMember(*header, "alg").value_or(""));
  if (!algorithm.has_value()) {
    return InvalidToken("is not signed with RS256, PS256, ES256 or EdDSA");
  }
  token->algorithm = *algorithm;
  token->kid = TextMember(*header, "kid").value_or("");
  if (token->kid.empty() || token->kid.size() > kMaxKeyIdBytes) {
    return InvalidToken("does not name its key (kid)");
  }
  return ReadType(*header, token);
}

}  // namespace

absl::StatusOr<Token> ParseToken(absl::string_view text) {
  if (text.size() > kMaxTokenBytes) {
    return InvalidToken(absl::StrCat("has more than ", kMaxTokenBytes, " bytes"));
  }
  const std::size_t first = text.find('.'), last = text.rfind('.');
  if (first == last || text.find('.', first + 1) != last) {
    return InvalidToken("does not have the three parts of a signed token");
  }
  const auto header = DecodeBase64Url(text.substr(0, first));
  auto payload = DecodeBase64Url(text.substr(first + 1, last - first - 1));
  auto signature = DecodeBase64Url(text.substr(last + 1));
  if (!header.has_value() || !payload.has_value() || !signature.has_value()) {
    return InvalidToken("has a part that is not strict base64url");
  }
  Token token;
  ABSL_RETURN_IF_ERROR(ReadHeader(*header, &token));
  token.signed_part = text.substr(0, last);
  token.payload = *std::move(payload);
  token.signature = *std::move(signature);
  return token;
}

absl::Status InvalidToken(absl::string_view why) {
  return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_INVALID_TOKEN,
               absl::StrCat("the bearer token ", why, "; get a new one, or check its issuer"));
}

}  // namespace trialgate::identity
