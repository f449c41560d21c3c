#include "services/server/port_file.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/config/listen_address.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {

std::string BoundAddress(absl::string_view configured, int port) {
  auto address = config::ParseListenAddress(configured);
  if (!address.ok()) return std::string(configured);
  address->port = port;
  return config::FormatHostPort(*address);
}

absl::Status WritePortFile(const std::string& path, const Addresses& addresses) {
  const nlohmann::json content = {{"listen", addresses.listen},
                                  {"metrics_listen", addresses.metrics_listen},
                                  {"operator_listen", addresses.operator_listen},
                                  {"pid", getpid()}};
  const std::string unfinished = absl::StrCat(path, ".", getpid());
  std::ofstream file(unfinished);
  file << content.dump() << "\n";
  file.close();
  if (!file || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
                 absl::StrCat("cannot write the port file ", path, " (--port-file)"))
        .WithMetadata("file", path);
  }
  return absl::OkStatus();
}

}  // namespace trialgate::server
