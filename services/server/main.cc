// trialgate-server. Ends with 0 when asked to; with 2 when it cannot start as configured.
#include <iostream>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/obs/log.h"
#include "services/server/server_config.h"
#include "services/server/shutdown_signal.h"
#include "services/server/wiring.h"
#include "trialgate/v1/errors.pb.h"

namespace {

// For a person: what is wrong, and every fault of the configuration on a line of its own.
int Refuse(const absl::Status& status) {
  const auto faults = trialgate::FieldViolationsOf(status);
  std::cerr << "trialgate-server: " << trialgate::ReasonName(trialgate::ReasonOf(status)) << ": "
            << (faults.empty() ? std::string(status.message()) : "the configuration is at fault")
            << "\n";
  for (const auto& fault : faults) {
    std::cerr << "  " << fault.field << " " << fault.description << "\n";
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  namespace server = trialgate::server;
  server::ShutdownSignal shutdown;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto config = server::ReadServerConfig(arguments, server::ProcessEnvironment());
  if (!config.ok()) return Refuse(config.status());
  if (config->print.has_value()) {
    std::cout << *config->print;
    return 0;
  }
  auto running = server::TrialgateServer::Start(*config);
  if (!running.ok()) return Refuse(running.status());
  const int signal = shutdown.Wait();
  trialgate::obs::LogLine(trialgate::obs::Level::kInfo, "draining").With("signal", signal);
  (*running)->Drain();
  running->reset();
  trialgate::obs::LogLine(trialgate::obs::Level::kInfo, "ended");
  return 0;
}
