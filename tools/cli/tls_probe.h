// Why a server was not reached, in words. gRPC says only that it was not.
#ifndef TRIALGATE_TOOLS_CLI_TLS_PROBE_H_
#define TRIALGATE_TOOLS_CLI_TLS_PROBE_H_

#include <string>

#include "absl/time/time.h"
#include "tools/cli/tls_files.h"

namespace trialgate::cli {

struct ProbeResult {
  // What is wrong, after "SERVER "; empty: TLS is not what is wrong, as far as can be told.
  std::string what;
  // What to do.
  std::string hint;
};

// Connects to `server` (host:port) once more, in the same way (`tls` null: without TLS), and says
// why that fails. Sends no call and no token.
ProbeResult ProbeTls(const std::string& server, const TlsMaterial* tls, absl::Duration timeout);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TLS_PROBE_H_
