// What an operator can set.
#ifndef TRIALGATE_SERVICES_SERVER_SERVER_CONFIG_H_
#define TRIALGATE_SERVICES_SERVER_SERVER_CONFIG_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/claims.h"
#include "common/obs/log.h"
#include "common/rpc/rate_limiter.h"
#include "common/rpc/server.h"
#include "common/rpc/tls_material.h"

namespace trialgate::server {

// Access tokens of an OpenID provider.
struct TokenSettings {
  // Of what tokens must say; an empty issuer: none are taken.
  identity::TokenConfig config;
  // A file or an address of the provider's keys; empty: the issuer's discovery document says where.
  std::string jwks;
  // The authorities of the provider's certificate, in PEM; empty: the machine's.
  std::string ca_file;
};

struct ServerConfig {
  // "rocksdb", in data_dir, or "memory".
  std::string store = "rocksdb";
  std::string data_dir = "trialgate-data";
  // Keys of persons' fields; apart from the data, so that no copy of that holds them. Empty:
  // "{data_dir}-keys".
  std::string keys_dir;
  // Take persons whose keys are lost for erased, instead of refusing to start.
  bool give_up_lost_keys = false;
  // Days for which keys of persons' fields that were replaced are kept.
  int replaced_keys_days = 30;
  std::string listen = "127.0.0.1:7420";
  std::string metrics_listen = "127.0.0.1:7421";
  // Whether metrics_listen may be an address that other machines reach.
  bool metrics_public = false;
  // Where operators are served; empty: nowhere.
  std::string operator_listen;
  // Where backups lie; empty: none are made.
  std::string backup_dir;
  // Written once the server listens: the addresses as JSON. Empty: none.
  std::string port_file;
  // Believe every client, without TLS. Else tls has a certificate and a key, and there are
  // authorities for clients, or tokens, or both.
  bool insecure_dev = false;
  rpc::TlsFiles tls;
  TokenSettings tokens;
  rpc::ConnectionLimits connections;
  // Whether clients may ask which services, methods and messages there are.
  bool reflection = false;
  obs::Level log_level = obs::Level::kInfo;
  int max_calls_in_flight = 1000;
  int worker_threads = 64;
  // How long a call may wait and work whose client gives it longer, or does not say.
  absl::Duration max_call_duration = absl::Minutes(5);
  // What each caller may do.
  rpc::RateLimits rates;
  // Of streams; their share of an organization is that of the rates.
  rpc::StreamLimits streams;
  // The private key that signs checkpoints of the audit trail. Empty: there are none.
  std::string audit_key;
  // Public keys of earlier checkpoints. Empty: none.
  std::string audit_public_keys;
  // Where the last commit signed is noted, apart from the data. Empty: "{audit_key}.last".
  std::string audit_witness;
  // Take a trail that ends with this commit for one that an operator put back; 0: none.
  int audit_accept_restored = 0;
  // A checkpoint is signed after so many commits, and after so long when there was any.
  int audit_checkpoint_commits = 1000;
  absl::Duration audit_checkpoint_interval = absl::Minutes(10);
  // Time for calls under way when the server is asked to end.
  absl::Duration shutdown_grace = absl::Seconds(20);
  // The instant at which the server's clock starts, for tests.
  std::optional<absl::Time> test_clock;

  // Set: to be printed instead of serving.
  std::optional<std::string> print;
};

// Reads the configuration. INVALID_ARGUMENT (INVALID_FIELDS): every fault, with where it stands.
// Whether files and addresses can be used is not tried here.
absl::StatusOr<ServerConfig> ReadServerConfig(
    const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment);

// The variables of this process's environment.
std::map<std::string, std::string> ProcessEnvironment();

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_SERVER_CONFIG_H_
