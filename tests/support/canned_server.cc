#include "tests/support/canned_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace trialgate {
namespace {

void Check(bool ok) {
  if (!ok) std::abort();
}

// A certificate for "localhost", by itself and for a day, in a server's context.
SSL_CTX* NewTls(std::string* certificate_pem) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  Check(X509_sign(certificate, key, EVP_sha256()) > 0);

  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  Check(SSL_CTX_use_certificate(context, certificate) == 1 &&
        SSL_CTX_use_PrivateKey(context, key) == 1);
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  certificate_pem->assign(data, static_cast<std::size_t>(size));
  BIO_free(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

// One connection, with TLS or without.
class Connection {
 public:
  Connection(int socket, SSL_CTX* context) : socket_(socket) {
    if (context == nullptr) return;
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, socket_);
    open_ = SSL_accept(tls_) == 1;
  }
  ~Connection() {
    if (tls_ != nullptr && open_) SSL_shutdown(tls_);
    SSL_free(tls_);
    ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Up to the empty line; what came, where the client hung up before.
  std::string ReadHead() {
    std::string head;
    char bytes[1024];
    while (open_ && !absl::StrContains(head, "\r\n\r\n")) {
      const ssize_t count = tls_ != nullptr ? SSL_read(tls_, bytes, sizeof(bytes))
                                            : ::recv(socket_, bytes, sizeof(bytes), 0);
      if (count <= 0) break;
      head.append(bytes, static_cast<std::size_t>(count));
    }
    return head;
  }
  void Write(const std::string& text) {
    std::size_t sent = 0;
    while (open_ && sent < text.size()) {
      const ssize_t count =
          tls_ != nullptr
              ? SSL_write(tls_, text.data() + sent, static_cast<int>(text.size() - sent))
              : ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<std::size_t>(count);
    }
  }

 private:
  const int socket_;
  SSL* tls_ = nullptr;
  bool open_ = true;
};

}  // namespace

CannedServer::CannedServer(CannedTls tls) {
  if (tls == CannedTls::kCertified) tls_ = NewTls(&certificate_);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  Check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        ::listen(listener_, 16) == 0 &&
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

CannedServer::~CannedServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  {
    MutexLock lock(&mu_);
    changed_.NotifyAll();
  }
  thread_.join();
  ::close(listener_);
  SSL_CTX_free(tls_);
}

void CannedServer::Answer(std::string bytes) {
  MutexLock lock(&mu_);
  answer_ = std::move(bytes);
}

void CannedServer::Hang() {
  MutexLock lock(&mu_);
  hang_ = true;
}

std::string CannedServer::url() const {
  return tls_ == nullptr ? absl::StrCat("http://127.0.0.1:", port_)
                         : absl::StrCat("https://localhost:", port_);
}

std::vector<std::string> CannedServer::requests() const {
  MutexLock lock(&mu_);
  return requests_;
}

void CannedServer::Run() {
  // A client that hangs up in the middle of a handshake must not end the test.
  sigset_t sigpipe;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &sigpipe, nullptr);
  while (!stopping_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0) Serve(connection);
  }
}

void CannedServer::Serve(int connection) {
  Connection open(connection, tls_);
  std::string head = open.ReadHead();
  std::string answer;
  {
    MutexLock lock(&mu_);
    if (!head.empty()) requests_.push_back(std::move(head));
    changed_.NotifyAll();
    while (hang_ && !stopping_) changed_.Wait(&mu_);
    answer = answer_;
  }
  open.Write(answer);
}

}  // namespace trialgate
