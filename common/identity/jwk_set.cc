#include "common/identity/jwk_set.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/identity/strict_json.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using nlohmann::json;

absl::Status Refuse(v1::ErrorReason reason, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat("the key set ", what));
}

}  // namespace

absl::StatusOr<JwkSet> JwkSet::Parse(absl::string_view text) {
  if (text.size() > kMaxJwkSetBytes) {
    return Refuse(v1::ERROR_REASON_TOO_LONG,
                  absl::StrCat("has more than ", kMaxJwkSetBytes, " bytes"));
  }
  const std::optional<json> document = ParseJsonObject(text);
  if (!document.has_value()) {
    return Refuse(v1::ERROR_REASON_MALFORMED_JSON, "is not one well-formed JSON object");
  }
  const auto keys = document->find("keys");
  if (keys == document->end() || !keys->is_array()) {
    return Refuse(v1::ERROR_REASON_REQUIRED, "has no list \"keys\"");
  }
  if (keys->size() > kMaxJwkSetKeys) {
    return Refuse(v1::ERROR_REASON_TOO_MANY,
                  absl::StrCat("has more than ", kMaxJwkSetKeys, " keys"));
  }
  JwkSet set;
  std::map<std::string, int> uses;  // of each id
  for (const json& key : *keys) {
    if (key.is_object() && TextMember(key, "use") != "enc") {
      ++uses[TextMember(key, "kid").value_or("")];
    }
    std::shared_ptr<const Jwk> usable = Jwk::FromJson(key);
    if (usable != nullptr) set.keys_.insert_or_assign(usable->kid(), std::move(usable));
  }
  std::erase_if(set.keys_, [&](const auto& entry) { return uses[entry.first] > 1; });
  set.skipped_ = keys->size() - set.keys_.size();
  return set;
}

std::shared_ptr<const Jwk> JwkSet::Find(absl::string_view kid) const {
  const auto key = keys_.find(kid);
  return key == keys_.end() ? nullptr : key->second;
}

}  // namespace trialgate::identity
