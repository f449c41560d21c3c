// The gRPC server around services: address, limits, health, reflection, shutdown.
//
//   std::vector<std::unique_ptr<rpc::Service>> services;
//   services.push_back(NewAuditService(&app));
//   ABSL_ASSIGN_OR_RETURN(auto server, rpc::Server::Start(options, std::move(services)));
//   ... server->port() ...
//   server->Shutdown(absl::Seconds(10));
#ifndef TRIALGATE_COMMON_RPC_SERVER_H_
#define TRIALGATE_COMMON_RPC_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/call_gate.h"
#include "common/rpc/handler.h"
#include "common/rpc/stream_runner.h"
#include "common/rpc/tls_credentials.h"

namespace trialgate {
namespace obs {
class MetricsRegistry;
}  // namespace obs

namespace rpc {

// When the server ends a connection that nobody misbehaves on. How many there are, gRPC 1.51 cannot
// limit: that is for what stands in front.
struct ConnectionLimits {
  // From then on, give or take a tenth, a connection takes no further calls, and its client opens
  // another; what is under way on it has `grace` to end. So clients spread over servers again, and
  // a certificate is looked at by a handshake from time to time.
  absl::Duration max_age = absl::Hours(1);
  absl::Duration grace = absl::Minutes(5);
  // Without a call for so long.
  absl::Duration max_idle = absl::Minutes(15);
  // For TLS and HTTP/2 to begin.
  absl::Duration handshake = absl::Seconds(10);
};

struct ServerOptions {
  // "host:port"; port 0 takes a free one.
  std::string listen = "127.0.0.1:7420";
  // Believe the client who it is (principal.h), without encryption: on loopback only.
  bool insecure_dev = false;
  // Certificate and key, and what clients' certificates are verified by; not owned, outlives the
  // server. Required, unless insecure_dev.
  const TlsReloader* tls = nullptr;
  // Whether a client without a certificate is turned away in the handshake.
  ClientCertificates client_certificates = ClientCertificates::kRequired;
  // Calls that are under way at most; one more is RESOURCE_EXHAUSTED (OVERLOADED, with RetryInfo).
  int max_calls_in_flight = 1000;
  // Bytes of the request messages of all calls under way, together; a call beyond them is
  // RESOURCE_EXHAUSTED (OVERLOADED, with RetryInfo), unless it is alone. Messages that are still
  // being received do not count yet.
  std::size_t max_request_bytes_in_flight = std::size_t{256} << 20;
  // Threads that run handlers.
  int worker_threads = 64;
  // Bytes of one request message. gRPC itself answers a larger one with RESOURCE_EXHAUSTED, in its
  // own words and without details of ours: the log and the metrics see a call that was cancelled.
  int max_receive_bytes = 16 << 20;
  // Bytes that gRPC holds for all connections together, at most: beyond them it reads no further,
  // and ends calls whose messages are still coming in.
  std::size_t max_memory_bytes = std::size_t{384} << 20;
  // Bytes of one call's metadata.
  int max_metadata_bytes = 16 << 10;
  ConnectionLimits connections;
  // Tell anyone who can connect which services, methods and messages there are.
  bool reflection = false;
  // A deadline beyond this, or none, counts as one in this time.
  absl::Duration max_call_duration = absl::Minutes(5);
  // Of streams, which are no calls under way once they are open.
  StreamLimits streams;
  // Says who calls; not owned, outlives the server. Required.
  const Authenticator* authenticator = nullptr;
  // Holds back callers that call too much; not owned, outlives the server. Null: nobody.
  RateGate* rate_gate = nullptr;
  // Looks over requests and completes answers; not owned, outlives the server. Null: nobody does.
  const MessageGuard* message_guard = nullptr;
  // Records reads of confidential content; not owned, outlives the server. Null: nobody does.
  ReadRecorder* read_recorder = nullptr;
  // Where calls are counted; not owned, outlives the server. Null: nowhere.
  obs::MetricsRegistry* metrics = nullptr;
};

// Thread-safe.
class Server {
 public:
  // Whether Start would take the options: FAILED_PRECONDITION (CONFIGURATION) where the address is
  // malformed, or there is neither TLS nor insecure_dev, or both, or insecure_dev and an address
  // that is not loopback. Does not try the port.
  static absl::Status Check(const ServerOptions& options);

  // Listens and serves; health of every service is SERVING from then on. FAILED_PRECONDITION
  // (CONFIGURATION): as Check, and where the address is in use or may not be used. The message
  // names the address.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options, std::vector<std::unique_ptr<Service>> services);

  // Shuts down without grace unless that was done.
  virtual ~Server() = default;

  // The port that is listened on.
  virtual int port() const = 0;

  // Says in the health service whether this server wants calls. Calls are taken either way.
  virtual void SetServing(bool serving) = 0;

  // Takes no further calls, ends streams at once, with the token by which their clients go on,
  // waits up to `grace` for calls under way, cancels the rest, and returns
  // when no handler runs any more. A call is under way from when its whole message was read until
  // its answer was sent; connections without one do not delay this. May be called again.
  virtual void Shutdown(absl::Duration grace) = 0;
};

}  // namespace rpc
}  // namespace trialgate

#endif  // TRIALGATE_COMMON_RPC_SERVER_H_
