// Tells other programs where the server listens.
#ifndef TRIALGATE_SERVICES_SERVER_PORT_FILE_H_
#define TRIALGATE_SERVICES_SERVER_PORT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trialgate::server {

// "127.0.0.1:40123" for what was configured as "127.0.0.1:0" or "localhost:0".
std::string BoundAddress(absl::string_view configured, int port);

struct Addresses {
  std::string listen;
  std::string metrics_listen;
  // Empty: operators are not served.
  std::string operator_listen;
};

// Writes {"listen": ..., "metrics_listen": ..., "operator_listen": ..., "pid": ...}: all of it at
// once, so that whoever sees the file can read it. FAILED_PRECONDITION (CONFIGURATION): it cannot
// be written.
absl::Status WritePortFile(const std::string& path, const Addresses& addresses);

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_PORT_FILE_H_
