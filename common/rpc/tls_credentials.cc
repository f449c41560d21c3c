#include "common/rpc/tls_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/log.h>
#include <grpcpp/security/server_credentials.h>

#include <string>

#include "common/base/mutex.h"

namespace trialgate::rpc {
namespace {

// gRPC's own that reload (TlsServerCredentials with a watcher of files) take a certificate and the
// key of another, and then fail every handshake. These ask before each handshake.
class ReloadingTlsCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingTlsCredentials(const TlsReloader* tls, ClientCertificates clients)
      : tls_(tls), clients_(clients) {}

  // For what plugs into gRPC's own authentication, which nothing here does.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    grpc_server_credentials* const credentials = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(RequestType(), Fetch,
                                                                        this));
    const int port = grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);
    return port;
  }

  grpc_ssl_client_certificate_request_type RequestType() const {
    if (tls_->Current()->client_ca_pem().empty()) return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    return clients_ == ClientCertificates::kRequired
               ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
               : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
  }

  // Called by gRPC before each handshake; gRPC has what this makes.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    auto* const credentials = static_cast<ReloadingTlsCredentials*>(self);
    MutexLock lock(&credentials->mu_);
    const std::shared_ptr<const TlsMaterial> material = credentials->tls_->Current();
    if (material == credentials->given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {material->key_pem().Reveal().data(),
                                             material->certificate_pem().c_str()};
    // gRPC ends the process where there are none. Where no client is asked, none are used.
    const std::string& roots =
        material->client_ca_pem().empty() ? material->certificate_pem() : material->client_ca_pem();
    *config = grpc_ssl_server_certificate_config_create(roots.c_str(), &pair, 1);
    credentials->given_ = material;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const TlsReloader* const tls_;
  const ClientCertificates clients_;
  Mutex mu_;
  std::shared_ptr<const TlsMaterial> given_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> NewTlsCredentials(const TlsReloader* tls,
                                                           ClientCertificates clients) {
  return std::make_shared<ReloadingTlsCredentials>(tls, clients);
}

}  // namespace trialgate::rpc
