// The tokens of the last sign-in with a context, in a file of their own for each context.
#ifndef TRIALGATE_TOOLS_CLI_TOKEN_CACHE_H_
#define TRIALGATE_TOOLS_CLI_TOKEN_CACHE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "tools/cli/context_file.h"

namespace trialgate::cli {

enum class Grant { kDevice, kClientCredentials };

struct CachedTokens {
  // For whom and for what they are: a context that says otherwise meanwhile does not use them.
  std::string issuer;
  std::string client_id;
  std::string audience;
  Grant grant = Grant::kDevice;
  Secret access_token;
  absl::Time expires;
  // Empty: none.
  Secret refresh_token;
};

// Whether the tokens are of the sign-in that a context says so.
bool AreOf(const CachedTokens& tokens, absl::string_view issuer, absl::string_view client_id,
           absl::string_view audience);

// Where the tokens of the context `context` lie: in $XDG_STATE_HOME/trialgate/tokens, else in
// tokens/ beside the file of contexts.
std::string TokenPath(const Environment& environment, const std::string& context);

// None where there is no such file. A fault of usage: others can read it, or it holds no tokens;
// what it holds is not repeated.
absl::StatusOr<std::optional<CachedTokens>> LoadTokens(const std::string& path);

// Writes the file, for this user only.
absl::Status SaveTokens(const std::string& path, const CachedTokens& tokens);

// Removes the file, if there is one.
absl::Status RemoveTokens(const std::string& path);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TOKEN_CACHE_H_
