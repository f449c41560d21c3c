#include "common/identity/base64url.h"

#include "absl/strings/escaping.h"

namespace trialgate::identity {

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes)) return std::nullopt;
  // The library's decoder forgives much; its encoder writes each value in one way only.
  if (absl::WebSafeBase64Escape(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace trialgate::identity
