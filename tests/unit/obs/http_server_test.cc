#include "common/obs/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::obs {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The whole answer to one request.
std::string Ask(int port, const std::string& request) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t n = 0; (n = read(fd, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(n));
    }
  }
  close(fd);
  return answer;
}

std::string Get(int port, const std::string& path) {
  return Ask(port, absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options_.listen = "127.0.0.1:0";
    options_.metrics = &metrics_;
    options_.readiness = [this] { return checks_; };
  }

  void Start() { ASSERT_OK_AND_ASSIGN(server_, HttpServer::Start(options_)); }

  MetricsRegistry metrics_;
  std::vector<ReadinessCheck> checks_;
  HttpServerOptions options_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, ShowsTheMetrics) {
  metrics_.AddCounter("a_total", "Help.", {}).Add(5);
  Start();
  EXPECT_THAT(Get(server_->port(), "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("text/plain; version=0.0.4"),
                    HasSubstr("\na_total 5\n")));
}

TEST_F(HttpServerTest, IsReadyWhenEveryCheckIs) {
  checks_ = {{"store", true, ""}, {"pack", true, "none yet"}};
  Start();
  EXPECT_THAT(
      Get(server_->port(), "/readyz"),
      AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("[+] store\n[+] pack: none yet\nready\n")));
  checks_[0] = {"store", false, "the disk is full"};
  EXPECT_THAT(Get(server_->port(), "/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("[-] store: the disk is full\n"),
                    EndsWith("not ready\n")));
  EXPECT_THAT(Get(server_->port(), "/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  Start();
  EXPECT_THAT(Ask(server_->port(), "HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Length: 6\r\n"),
                    Not(HasSubstr("alive"))));
}

TEST_F(HttpServerTest, OtherPathsAndMethodsAreRefused) {
  Start();
  for (const std::string path : {"/", "/metrics/../etc/passwd", "/livez/x", "/secret"}) {
    EXPECT_THAT(Get(server_->port(), path), Not(StartsWith("HTTP/1.1 200 "))) << path;
  }
  EXPECT_THAT(Get(server_->port(), "/secret"), StartsWith("HTTP/1.1 404 "));
  for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    EXPECT_THAT(Ask(server_->port(), method + " /metrics HTTP/1.1\r\nHost: localhost\r\n"
                                              "Content-Length: 0\r\n\r\n"),
                StartsWith("HTTP/1.1 405 "))
        << method;
  }
}

TEST_F(HttpServerTest, APortInUseIsRefusedAndNamed) {
  Start();
  options_.listen = absl::StrCat("127.0.0.1:", server_->port());
  EXPECT_THAT(HttpServer::Start(options_),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             AllOf(HasSubstr(options_.listen), HasSubstr("another process"))),
                    HasReason(v1::ERROR_REASON_CONFIGURATION)));
}

}  // namespace
}  // namespace trialgate::obs
