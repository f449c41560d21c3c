#include "common/identity/claims.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/identity/principal.h"
#include "common/identity/strict_json.h"
#include "common/identity/token.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using nlohmann::json;

constexpr absl::Duration kMaxSkew = absl::Minutes(10);
constexpr std::size_t kMaxSubBytes = 255;
constexpr double kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z
constexpr absl::string_view kHashedPrefix = "sha256-";

absl::Status BadSetting(absl::string_view setting, absl::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("identity: ", setting, " ", what))
      .WithMetadata("setting", setting);
}

// Whether the claim is there and says something.
bool IsSaid(const json& payload, const std::string& name) {
  const auto claim = payload.find(name);
  if (claim == payload.end() || claim->is_null()) return false;
  if (claim->is_string()) return !claim->get_ref<const std::string&>().empty();
  return !claim->is_array() || !claim->empty();
}

// The texts of a claim that is a text or a list of texts; none where it is something else.
std::optional<std::vector<std::string>> Texts(const json& claim) {
  if (claim.is_string()) return std::vector<std::string>{claim.get<std::string>()};
  if (!claim.is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const json& element : claim) {
    if (!element.is_string()) return std::nullopt;
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

absl::Status CheckAudience(const json& payload, const std::string& wanted) {
  const auto claim = payload.find("aud");
  const auto texts = claim == payload.end() ? std::nullopt : Texts(*claim);
  if (!texts.has_value() || std::find(texts->begin(), texts->end(), wanted) == texts->end()) {
    return InvalidToken("is not for this service (aud)");
  }
  return absl::OkStatus();
}

// Sets `time` where the claim is there.
absl::Status ReadTime(const json& payload, const char* name, absl::Time* time) {
  const auto claim = payload.find(name);
  if (claim == payload.end()) return absl::OkStatus();
  const double seconds = claim->is_number() ? claim->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kMaxSeconds)) {
    return InvalidToken(absl::StrCat("has a time (", name, ") that is none"));
  }
  *time = absl::UnixEpoch() + absl::Seconds(seconds);
  return absl::OkStatus();
}

absl::Status ReadTimes(const json& payload, TokenTimes* times) {
  if (!payload.contains("exp")) return InvalidToken("never expires (exp)");
  ABSL_RETURN_IF_ERROR(ReadTime(payload, "exp", &times->expires));
  ABSL_RETURN_IF_ERROR(ReadTime(payload, "nbf", &times->not_before));
  return ReadTime(payload, "iat", &times->issued);
}

absl::Status ReadRole(const json& payload, const TokenConfig& config, v1::Principal* principal) {
  if (!IsSaid(payload, config.role_claim)) {
    return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_NO_ROLE,
                 absl::StrCat("the bearer token gives its subject no role here (claim ",
                              config.role_claim, "); ask who administers the identity provider"));
  }
  const auto names = Texts(payload[config.role_claim]);
  const auto role =
      names.has_value() && names->size() == 1 ? CallerRole(names->front()) : std::nullopt;
  if (!role.has_value()) return InvalidToken("does not say one known role");
  principal->set_role(*role);
  return absl::OkStatus();
}

absl::Status ReadOrganization(const json& payload, const TokenConfig& config,
                              v1::Principal* principal) {
  if (!IsSaid(payload, config.organization_claim)) return absl::OkStatus();
  const auto organization = TextMember(payload, config.organization_claim);
  if (!organization.has_value()) return InvalidToken("names an organization that is no text");
  principal->set_organization(*organization);
  return absl::OkStatus();
}

absl::Status ReadDesks(const json& payload, const TokenConfig& config, v1::Principal* principal) {
  if (!IsSaid(payload, config.desks_claim)) return absl::OkStatus();
  const json& claim = payload[config.desks_claim];
  auto desks = Texts(claim);
  if (!desks.has_value()) return InvalidToken("names desks that are no texts");
  if (claim.is_string()) {
    const std::string text = std::move(desks->front());
    *desks = absl::StrSplit(text, absl::ByAnyChar(", "), absl::SkipEmpty());
  }
  for (std::string& desk : *desks) principal->add_desks(std::move(desk));
  return absl::OkStatus();
}

absl::StatusOr<v1::Principal> ReadPrincipal(const json& payload, const TokenConfig& config) {
  v1::Principal principal;
  principal.set_subject(SubjectOf(TextMember(payload, "sub").value_or("")));
  if (principal.subject().empty()) return InvalidToken("does not say whose it is (sub)");
  ABSL_RETURN_IF_ERROR(ReadRole(payload, config, &principal));
  ABSL_RETURN_IF_ERROR(ReadOrganization(payload, config, &principal));
  ABSL_RETURN_IF_ERROR(ReadDesks(payload, config, &principal));
  const absl::string_view fault = PrincipalFault(principal);
  if (!fault.empty()) return InvalidToken(absl::StrCat("makes no principal: ", fault));
  return principal;
}

}  // namespace

absl::Status CheckTokenConfig(const TokenConfig& config) {
  if (config.issuer.empty()) return BadSetting("issuer", "must be given");
  if (config.audience.empty()) return BadSetting("audience", "must be given");
  if (config.clock_skew < absl::ZeroDuration() || config.clock_skew > kMaxSkew) {
    return BadSetting("clock_skew", "must be from 0 to 10 minutes");
  }
  if (config.cache_size == 0) return BadSetting("cache_size", "must be at least 1");
  const std::set<std::string> names = {config.role_claim, config.organization_claim,
                                       config.desks_claim};
  if (names.size() != 3 || names.contains("")) {
    return BadSetting("claims", "must be three different names");
  }
  return absl::OkStatus();
}

absl::StatusOr<Claims> ReadClaims(absl::string_view payload, const TokenConfig& config) {
  const std::optional<json> object = ParseJsonObject(payload);
  if (!object.has_value()) return InvalidToken("has claims that are not strict JSON");
  if (TextMember(*object, "iss") != config.issuer) {
    return InvalidToken("is from another issuer (iss)");
  }
  ABSL_RETURN_IF_ERROR(CheckAudience(*object, config.audience));
  Claims claims;
  ABSL_RETURN_IF_ERROR(ReadTimes(*object, &claims.times));
  ABSL_ASSIGN_OR_RETURN(claims.principal, ReadPrincipal(*object, config));
  return claims;
}

absl::Status CheckTimes(const TokenTimes& times, absl::Duration skew, absl::Time now) {
  if (now >= times.expires + skew) return InvalidToken("has expired");
  if (now < times.not_before - skew) return InvalidToken("is not valid yet (nbf)");
  if (now < times.issued - skew) return InvalidToken("is issued in the future (iat)");
  return absl::OkStatus();
}

std::string SubjectOf(absl::string_view sub) {
  const auto is_control = [](char c) { return absl::ascii_iscntrl(c); };
  if (sub.size() > kMaxSubBytes || std::any_of(sub.begin(), sub.end(), is_control)) return "";
  const bool looks_hashed = absl::StartsWith(sub, kHashedPrefix);
  if (sub.empty() || (IsSubject(sub) && !looks_hashed)) return std::string(sub);
  return absl::StrCat(kHashedPrefix, Sha256Hex(sub));
}

}  // namespace trialgate::identity
