// The composition root: store, projections, apps, services, ports.
#ifndef TRIALGATE_SERVICES_SERVER_WIRING_H_
#define TRIALGATE_SERVICES_SERVER_WIRING_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/server/server_config.h"

namespace trialgate::server {

// A server that serves. Thread-safe.
class TrialgateServer {
 public:
  // Opens the store, loads what is derived from it, and serves on its ports.
  //   FAILED_PRECONDITION (CONFIGURATION, STORE_LOCKED, STORE_FORMAT), DATA_LOSS (STORE_CORRUPT): a
  //   port, folder or file cannot be used; the message says which, and what to do.
  static absl::StatusOr<std::unique_ptr<TrialgateServer>> Start(const ServerConfig& config);

  // Stops without grace unless that was done.
  virtual ~TrialgateServer() = default;

  // "127.0.0.1:7420", with the port that is really listened on.
  virtual std::string listen_address() const = 0;
  virtual std::string metrics_address() const = 0;
  // Empty: operators are not served.
  virtual std::string operator_address() const = 0;

  // Says not to be ready any more, then waits for calls under way, as configured. May be called
  // again.
  virtual void Drain() = 0;
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_WIRING_H_
