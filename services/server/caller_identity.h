// How this server knows who calls: certificates, access tokens, or, with --insecure-dev, the
// client's word.
#ifndef TRIALGATE_SERVICES_SERVER_CALLER_IDENTITY_H_
#define TRIALGATE_SERVICES_SERVER_CALLER_IDENTITY_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/identity/http_fetcher.h"
#include "common/identity/key_source.h"
#include "common/identity/token_verifier.h"
#include "common/obs/metrics.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/server.h"
#include "common/rpc/tls_reloader.h"
#include "services/server/server_config.h"

namespace trialgate::server {

// Thread-safe.
class CallerIdentity {
 public:
  // Reads certificates and keys; those of an identity provider are fetched meanwhile. `clock` and
  // `metrics` are not owned and outlive this. FAILED_PRECONDITION (CONFIGURATION): a file, address
  // or setting cannot be used.
  static absl::StatusOr<std::unique_ptr<CallerIdentity>> Start(const ServerConfig& config,
                                                               const Clock* clock,
                                                               obs::MetricsRegistry* metrics);
  CallerIdentity(const CallerIdentity&) = delete;
  CallerIdentity& operator=(const CallerIdentity&) = delete;

  // Has `options` serve with this identity, which outlives the server.
  void Apply(rpc::ServerOptions* options) const;

 private:
  CallerIdentity() = default;

  absl::Status StartTokens(const TokenSettings& settings, const Clock* clock);

  // In order of use.
  std::unique_ptr<rpc::TlsReloader> tls_;
  std::unique_ptr<identity::HttpFetcher> fetcher_;
  std::unique_ptr<identity::KeySource> keys_;
  std::unique_ptr<identity::TokenVerifier> tokens_;  // null: none are taken
  std::unique_ptr<rpc::Authenticator> authenticator_;
};

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_CALLER_IDENTITY_H_
