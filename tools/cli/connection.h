// Which server a command calls, how, and as whom.
//
// What flags say holds over what the environment says, over what the context says. --context is a
// flag: where it is given, the environment is not asked. The current context, which nobody named,
// counts only while nobody names a server: its token is never sent to a server that is given in
// passing.
#ifndef TRIALGATE_TOOLS_CLI_CONNECTION_H_
#define TRIALGATE_TOOLS_CLI_CONNECTION_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/cli/context.h"
#include "tools/cli/context_file.h"
#include "tools/cli/tls_files.h"

namespace trialgate::cli {

inline constexpr absl::string_view kDefaultServer = "127.0.0.1:7420";

// How to sign in at an OpenID provider; see the keys of a context. Empty: not said.
struct SignIn {
  std::string issuer;
  std::string issuer_ca;
  std::string client_id;
  std::string audience;
  std::string scopes;
  std::string client_secret_file;
  std::string client_secret_env;
};

struct Connection {
  // The context that counts; empty where none does.
  std::string context;
  std::string server;
  // Absent: without TLS.
  std::optional<TlsFiles> tls;
  // Who to act for; empty unless the server believes it as it is.
  std::string principal;
  // File with an access token; empty: none.
  std::string token_file;
  // How to get an access token.
  std::optional<SignIn> sign_in;
};

struct ConnectionFlags {
  // Empty: not given.
  std::string context;
  // By key of a context, those that were given.
  ContextValues values;
};

// A fault of usage: a context that does not exist, contexts of which none is current, values that
// are malformed or contradict each other (see CheckContext), or a file of contexts that cannot be
// read; the file is read only where it counts.
absl::StatusOr<Connection> ChooseConnection(const ConnectionFlags& flags,
                                            const Environment& environment);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_CONNECTION_H_
