// Base64url as JOSE writes it (RFC 7515, section 2).
#ifndef TRIALGATE_COMMON_IDENTITY_BASE64URL_H_
#define TRIALGATE_COMMON_IDENTITY_BASE64URL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace trialgate::identity {

// The bytes that `text` is the one encoding of. None where it is no encoding, or not the one that
// an encoder writes: with padding, blanks, other characters, or bits set that stand for no byte.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_BASE64URL_H_
