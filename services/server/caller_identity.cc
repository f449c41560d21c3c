#include "services/server/caller_identity.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "common/rpc/certificate_authenticator.h"
#include "common/rpc/composed_authenticator.h"

namespace trialgate::server {

absl::StatusOr<std::unique_ptr<CallerIdentity>> CallerIdentity::Start(
    const ServerConfig& config, const Clock* clock, obs::MetricsRegistry* metrics) {
  std::unique_ptr<CallerIdentity> identity(new CallerIdentity());
  if (config.insecure_dev) {
    identity->authenticator_ = rpc::NewInsecureAuthenticator();
    return identity;
  }
  ABSL_ASSIGN_OR_RETURN(identity->tls_,
                        rpc::TlsReloader::Start({.files = config.tls}, clock, metrics));
  rpc::VerifyToken verify;
  if (!config.tokens.config.issuer.empty()) {
    ABSL_RETURN_IF_ERROR(identity->StartTokens(config.tokens, clock));
    verify = [tokens = identity->tokens_.get()](absl::string_view token) {
      return tokens->Verify(token);
    };
  }
  std::unique_ptr<rpc::Authenticator> certificates;
  if (!config.tls.client_ca.empty()) {
    certificates = rpc::NewCertificateAuthenticator(identity->tls_.get(), clock);
  }
  identity->authenticator_ =
      rpc::NewComposedAuthenticator(std::move(verify), std::move(certificates));
  return identity;
}

absl::Status CallerIdentity::StartTokens(const TokenSettings& settings, const Clock* clock) {
  ABSL_RETURN_IF_ERROR(identity::CheckTokenConfig(settings.config));
  identity::CurlFetcherOptions fetcher;
  fetcher.ca_file = settings.ca_file;
  fetcher_ = identity::NewCurlFetcher(fetcher);
  if (settings.jwks.empty()) {
    ABSL_ASSIGN_OR_RETURN(
        keys_, identity::NewDiscoveredKeySource(settings.config.issuer, fetcher_.get(), clock));
  } else if (absl::StrContains(settings.jwks, "://")) {
    ABSL_ASSIGN_OR_RETURN(keys_, identity::NewUrlKeySource(settings.jwks, fetcher_.get(), clock));
  } else {
    ABSL_ASSIGN_OR_RETURN(keys_, identity::NewFileKeySource(settings.jwks, clock));
  }
  tokens_ = std::make_unique<identity::TokenVerifier>(settings.config, keys_.get(), clock);
  return absl::OkStatus();
}

void CallerIdentity::Apply(rpc::ServerOptions* options) const {
  options->authenticator = authenticator_.get();
  options->tls = tls_.get();
  options->client_certificates =
      tokens_ == nullptr ? rpc::ClientCertificates::kRequired : rpc::ClientCertificates::kOptional;
}

}  // namespace trialgate::server
