// Contexts: named ways to reach a server, and who to be there.
//
//   [contexts.denmark]
//   server = "trialgate.example:7420"
//   ca = "ca.pem"
//   issuer = "https://login.example"
//   client-id = "trialgate-cli"
//
// Each key is also known elsewhere: `server-name` is the flag --server-name of `config
// set-context`; a key that counts for single commands too is a global flag, and the environment's
// TRIALGATE_SERVER_NAME. A value is a text; a switch's is "true" where it is on.
#ifndef TRIALGATE_TOOLS_CLI_CONTEXT_H_
#define TRIALGATE_TOOLS_CLI_CONTEXT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace trialgate::cli {

enum class KeyKind { kText, kSwitch, kPath };

struct ContextKey {
  absl::string_view name;
  KeyKind kind;
  // Whether a flag or a variable can give it to a single command.
  bool global;
  absl::string_view help;
};

const std::vector<ContextKey>& ContextKeys();

// Null where no key has this name.
const ContextKey* FindContextKey(absl::string_view name);

// "TRIALGATE_SERVER_NAME" for `server-name`.
std::string VariableOf(const ContextKey& key);

// Values by key; what is absent is not said.
using ContextValues = std::map<std::string, std::string>;

// A value, and where it was said ("--ca", "TRIALGATE_CA", "context denmark: ca"), for faults.
struct Said {
  std::string value;
  std::string where;
};
using SaidValues = std::map<std::string, Said>;

// Each value as said at `prefix` and its key.
SaidValues SaidAt(absl::string_view prefix, const ContextValues& values);

// Lays `values` over those of `below`, which hold where nothing else is said. Who says how to be
// known, or how to be connected, says it whole: a token from a file takes the place of a sign-in.
SaidValues LayOver(const SaidValues& below, const SaidValues& values);

// Adds a fault for each value that is malformed, or that contradicts another, or that lacks one.
// Faults never repeat a value.
void CheckContext(const SaidValues& values, FieldFaults* faults);

// Whether the connection is one with TLS: unless `insecure` is on, where anything about TLS is
// said, where there is a token to protect, or where the server is not on this machine.
bool IsTls(const SaidValues& values);

// Whether `server` ("host:port") is this machine, by its address or as "localhost".
bool IsLoopback(absl::string_view server);

// Whether secrets may be sent to this address: https, or http on this machine; without user or
// fragment.
bool IsTrustworthyUrl(absl::string_view url);

// How many characters a name of a context has at most.
inline constexpr int kMaxContextName = 64;

// Letters, digits, ".", "_" and "-", the first a letter or digit: it becomes a file's name.
bool IsContextName(absl::string_view name);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_CONTEXT_H_
