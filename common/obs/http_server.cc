#include "common/obs/http_server.h"

#include <CivetServer.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/listen_address.h"

namespace trialgate::obs {
namespace {

constexpr std::chrono::milliseconds kKnockInterval{10};

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kUnavailable = 503;

struct Page {
  int code = kOk;
  std::string body;
  std::string type = "text/plain; charset=utf-8";
};

absl::string_view Words(int code) {
  switch (code) {
    case kOk:
      return "OK";
    case kNotFound:
      return "Not Found";
    case kMethodNotAllowed:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

void Send(mg_connection* connection, const Page& page, bool with_body) {
  std::string answer = absl::StrCat(
      "HTTP/1.1 ", page.code, " ", Words(page.code), "\r\nContent-Type: ", page.type,
      "\r\nContent-Length: ", page.body.size(), "\r\nCache-Control: no-store\r\n",
      page.code == kMethodNotAllowed ? "Allow: GET, HEAD\r\n" : "", "Connection: close\r\n\r\n");
  if (with_body) answer += page.body;
  mg_write(connection, answer.data(), answer.size());
}

class Handler final : public CivetHandler {
 public:
  explicit Handler(std::function<Page(const std::string& path)> page) : page_(std::move(page)) {}

  bool handleGet(CivetServer*, mg_connection* connection) override {
    Send(connection, PageOf(connection), true);
    return true;
  }
  bool handleHead(CivetServer*, mg_connection* connection) override {
    Send(connection, PageOf(connection), false);
    return true;
  }
  bool handlePost(CivetServer*, mg_connection* connection) override { return Refuse(connection); }
  bool handlePut(CivetServer*, mg_connection* connection) override { return Refuse(connection); }
  bool handleDelete(CivetServer*, mg_connection* connection) override { return Refuse(connection); }
  bool handleOptions(CivetServer*, mg_connection* connection) override {
    return Refuse(connection);
  }
  bool handlePatch(CivetServer*, mg_connection* connection) override { return Refuse(connection); }

 private:
  Page PageOf(mg_connection* connection) const {
    const char* const path = mg_get_request_info(connection)->local_uri;
    return page_(path == nullptr ? "" : path);
  }
  static bool Refuse(mg_connection* connection) {
    Send(connection, {kMethodNotAllowed, "only GET and HEAD\n"}, true);
    return true;
  }

  const std::function<Page(const std::string&)> page_;
};

Page Readiness(const HttpServerOptions& options) {
  Page page;
  if (options.readiness) {
    for (const ReadinessCheck& check : options.readiness()) {
      if (!check.ok) page.code = kUnavailable;
      absl::StrAppend(&page.body, check.ok ? "[+] " : "[-] ", check.name,
                      check.detail.empty() ? "" : ": ", check.detail, "\n");
    }
  }
  absl::StrAppend(&page.body, page.code == kOk ? "ready\n" : "not ready\n");
  return page;
}

Page PageAt(const HttpServerOptions& options, const std::string& path) {
  if (path == "/livez") return {kOk, "alive\n"};
  if (path == "/readyz") return Readiness(options);
  if (path == "/metrics" && options.metrics != nullptr) {
    return {kOk, options.metrics->Expose(), "text/plain; version=0.0.4; charset=utf-8"};
  }
  return {kNotFound, "try /metrics, /livez or /readyz\n"};
}

class CivetHttpServer final : public HttpServer {
 public:
  explicit CivetHttpServer(const HttpServerOptions& options)
      : options_(options), handler_([this](const std::string& p) { return PageAt(options_, p); }) {}

  ~CivetHttpServer() override {
    if (server_ == nullptr) return;
    // civetweb looks whether it is to stop when a connection comes, or every two seconds.
    std::atomic<bool> stopped = false;
    std::thread knocking([this, &stopped] {
      while (!stopped) {
        config::Knock(address_);
        std::this_thread::sleep_for(kKnockInterval);
      }
    });
    server_.reset();
    stopped = true;
    knocking.join();
  }

  absl::Status Listen() {
    ABSL_ASSIGN_OR_RETURN(address_, config::ParseListenAddress(options_.listen));
    const std::vector<std::string> settings = {"listening_ports",
                                               config::FormatHostPort(address_),
                                               "num_threads",
                                               "4",
                                               "request_timeout_ms",
                                               "10000",
                                               "enable_keep_alive",
                                               "no",
                                               "max_request_size",
                                               "16384",
                                               "enable_directory_listing",
                                               "no"};
    // CivetServer's constructor throws when it cannot listen.
    try {
      server_ = std::make_unique<CivetServer>(settings);
    } catch (const std::exception&) {
      return config::ListenError(address_, options_.listen, "--metrics-listen");
    }
    server_->addHandler("/", &handler_);
    address_.port = server_->getListeningPorts().front();
    return absl::OkStatus();
  }

  int port() const override { return address_.port; }

 private:
  const HttpServerOptions options_;
  Handler handler_;
  config::ListenAddress address_;        // with the port that was bound
  std::unique_ptr<CivetServer> server_;  // last: it uses the rest
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options) {
  auto server = std::make_unique<CivetHttpServer>(options);
  ABSL_RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace trialgate::obs
