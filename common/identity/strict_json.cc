#include "common/identity/strict_json.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/json.h"

namespace trialgate::identity {

using nlohmann::json;

std::optional<json> ParseJsonObject(absl::string_view text) {
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) return std::nullopt;
  std::vector<JsonFault> faults;
  std::optional<json> document = ReadJson(text, kMaxJsonDepth, &faults);
  if (!document.has_value() || !document->is_object()) return std::nullopt;
  return document;
}

std::optional<std::string> TextMember(const json& object, absl::string_view name) {
  const auto member = object.find(std::string(name));
  if (member == object.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

}  // namespace trialgate::identity
