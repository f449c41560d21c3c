// A server on loopback that says to everybody what a test has told it to say.
#ifndef TRIALGATE_TESTS_SUPPORT_CANNED_SERVER_H_
#define TRIALGATE_TESTS_SUPPORT_CANNED_SERVER_H_

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

// OpenSSL's TLS context.
struct ssl_ctx_st;

namespace trialgate {

enum class CannedTls { kNone, kCertified };

// Takes one connection after the other, reads a request's head, writes the answer, and hangs up.
// Thread-safe. Ends the process where it cannot listen.
class CannedServer {
 public:
  // With kCertified it speaks TLS, with a certificate of its own for "localhost".
  explicit CannedServer(CannedTls tls = CannedTls::kNone);
  // Hangs up on who is connected.
  ~CannedServer();
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  // The bytes of the next answers.
  void Answer(std::string bytes);
  // From now on, connections stay open without an answer.
  void Hang();

  // "http://127.0.0.1:1234", or with https and "localhost".
  std::string url() const;
  int port() const { return port_; }
  // What a client must trust; PEM.
  const std::string& certificate() const { return certificate_; }
  // The heads of the requests so far.
  std::vector<std::string> requests() const;

 private:
  void Run();
  void Serve(int connection);

  ssl_ctx_st* tls_ = nullptr;
  std::string certificate_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable Mutex mu_;
  CondVar changed_;
  std::string answer_ ABSL_GUARDED_BY(mu_);
  bool hang_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_CANNED_SERVER_H_
