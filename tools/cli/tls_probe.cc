#include "tools/cli/tls_probe.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/identity/sigpipe_held.h"
#include "common/rpc/openssl_ptr.h"
#include "common/rpc/pem.h"

namespace trialgate::cli {
namespace {

// The protocol of gRPC, as ALPN has it: its length, and the name.
constexpr std::uint8_t kHttp2[] = {2, 'h', '2'};

constexpr int kPauseMillis = 20;
constexpr std::size_t kMaxCertificates = 4000;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;

struct Outcome {
  // The server was reached, and its certificate verified.
  bool connected = false;
  // It went on after it had seen our certificate, or that there is none.
  bool greeted = false;
  bool asked_for_certificate = false;
  // The verdict over the server's certificate.
  long verified = X509_V_OK;
  // OpenSSL's first error, 0 if none.
  unsigned long error = 0;
};

std::string HostOf(const std::string& server) {
  char* host = nullptr;
  char* port = nullptr;
  BIO_parse_hostserv(server.c_str(), &host, &port, BIO_PARSE_PRIO_HOST);
  const std::string name = host == nullptr ? "" : host;
  OPENSSL_free(host);
  OPENSSL_free(port);
  return name;
}

// The files were tested when they were read (see LoadTlsFiles).
std::vector<rpc::X509Ptr> Certificates(const std::string& pem) {
  return rpc::CertificatesOfPem(pem, kMaxCertificates).value_or(std::vector<rpc::X509Ptr>());
}

void TrustAuthorities(SSL_CTX* context, const std::string& pem) {
  if (pem.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  for (const rpc::X509Ptr& authority : Certificates(pem)) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
  }
}

void ShowCertificate(SSL_CTX* context, const TlsMaterial& tls) {
  if (tls.certificate_pem.empty()) return;
  const std::vector<rpc::X509Ptr> chain = Certificates(tls.certificate_pem);
  for (const rpc::X509Ptr& certificate : chain) {
    if (certificate == chain.front()) {
      SSL_CTX_use_certificate(context, certificate.get());
    } else {
      SSL_CTX_add1_chain_cert(context, certificate.get());
    }
  }
  SSL_CTX_use_PrivateKey(context, rpc::KeyOfPem(tls.key_pem).get());
}

void ExpectName(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1) return;
  X509_VERIFY_PARAM_set1_host(expected, name.c_str(), 0);
  SSL_set_tlsext_host_name(ssl, name.c_str());
}

// Called when the server asks for a certificate, before ours is shown.
int NoteAsking(SSL* /*ssl*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 1;
}

// Repeats `step`, which answers more than 0 once it is done, as long as `connection` asks for it.
template <typename Step>
bool Finish(BIO* connection, std::time_t deadline, Step step) {
  while (step() <= 0) {
    if (!BIO_should_retry(connection) || BIO_wait(connection, deadline, kPauseMillis) <= 0) {
      return false;
    }
  }
  return true;
}

// Waits for the first bytes of a server that has accepted the connection. One that does not want
// our certificate says so only now (TLS 1.3), or just hangs up, as gRPC's do.
bool IsGreeted(BIO* connection, std::time_t deadline) {
  char byte = 0;
  return Finish(connection, deadline, [&] { return BIO_read(connection, &byte, 1); });
}

Outcome Connect(const std::string& server, const TlsMaterial& tls, bool verify,
                absl::Duration timeout) {
  Outcome outcome;
  ERR_clear_error();
  const ContextPtr context{SSL_CTX_new(TLS_client_method())};
  TrustAuthorities(context.get(), tls.ca_pem);
  ShowCertificate(context.get(), tls);
  SSL_CTX_set_cert_cb(context.get(), NoteAsking, &outcome.asked_for_certificate);
  SSL_CTX_set_verify(context.get(), verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  ERR_clear_error();
  const rpc::BioPtr connection{BIO_new_ssl_connect(context.get())};
  SSL* ssl = nullptr;
  if (connection == nullptr || BIO_get_ssl(connection.get(), &ssl) <= 0) return outcome;
  SSL_set_alpn_protos(ssl, kHttp2, sizeof(kHttp2));
  ExpectName(ssl, tls.server_name.empty() ? HostOf(server) : tls.server_name);
  BIO_set_conn_hostname(connection.get(), server.c_str());
  BIO_set_nbio(connection.get(), 1);
  const std::time_t deadline = std::time(nullptr) + std::max(1L, absl::ToInt64Seconds(timeout));
  outcome.connected = Finish(connection.get(), deadline,
                             [&] { return static_cast<int>(BIO_do_connect(connection.get())); });
  outcome.greeted = outcome.connected && IsGreeted(connection.get(), deadline);
  outcome.error = ERR_peek_error();
  outcome.verified = SSL_get_verify_result(ssl);
  ERR_clear_error();
  return outcome;
}

bool IsAlert(const Outcome& outcome) {
  return ERR_GET_LIB(outcome.error) == ERR_LIB_SSL &&
         ERR_GET_REASON(outcome.error) > SSL_AD_REASON_OFFSET;
}

std::string WordsOf(const Outcome& outcome) {
  const char* const words = ERR_reason_error_string(outcome.error);
  return IsAlert(outcome) && words != nullptr ? words : "it hangs up";
}

ProbeResult WhyNotTrusted(const Outcome& outcome, const TlsMaterial& tls) {
  switch (outcome.verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {"shows a certificate that has expired",
              "its operator must renew it; or this machine's clock is wrong"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {"shows a certificate that is not valid yet",
              "its operator must look at it; or this machine's clock is wrong"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {"shows a certificate for another name",
              "call the server by a name that its certificate has, or give that name with "
              "--server-name"};
    default:
      return {absl::StrCat("shows a certificate that is not to be trusted: ",
                           X509_verify_cert_error_string(outcome.verified)),
              tls.ca_pem.empty()
                  ? "give the certificate of the authority that signed it with --ca FILE"
                  : "--ca must hold the certificate of the authority that signed it"};
  }
}

// What the server said of our certificate.
ProbeResult WhyRefused(const Outcome& outcome, const TlsMaterial& tls) {
  if (tls.certificate_pem.empty()) {
    return {"asks for a client's certificate", "give yours with --certificate and --key"};
  }
  return {absl::StrCat("does not accept the client's certificate: ", WordsOf(outcome)),
          "--certificate must be one that an authority of the server signed, valid and not "
          "revoked"};
}

}  // namespace

ProbeResult ProbeTls(const std::string& server, const TlsMaterial* tls, absl::Duration timeout) {
  const identity::SigpipeHeld held;
  if (tls == nullptr) {
    const Outcome outcome = Connect(server, TlsMaterial(), /*verify=*/false, timeout);
    if (!outcome.connected && !IsAlert(outcome)) return {};
    return {"is to be called with TLS",
            "give the authority that signed its certificate with --ca, or a context that does"};
  }
  const Outcome outcome = Connect(server, *tls, /*verify=*/true, timeout);
  if (outcome.greeted) return {};
  if (outcome.verified != X509_V_OK) return WhyNotTrusted(outcome, *tls);
  if (outcome.asked_for_certificate) return WhyRefused(outcome, *tls);
  if (ERR_GET_LIB(outcome.error) == ERR_LIB_SSL &&
      ERR_GET_REASON(outcome.error) == SSL_R_WRONG_VERSION_NUMBER) {
    return {"answers without TLS", "call it with --insecure if it is on this machine"};
  }
  return {};
}

}  // namespace trialgate::cli
