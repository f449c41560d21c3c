// The HTTP port for those who watch the server: /metrics, /livez, /readyz.
#ifndef TRIALGATE_COMMON_OBS_HTTP_SERVER_H_
#define TRIALGATE_COMMON_OBS_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/obs/metrics.h"

namespace trialgate::obs {

// One thing that readiness rests on.
struct ReadinessCheck {
  std::string name;
  bool ok = false;
  // For a person: why not, or what to know.
  std::string detail;
};

struct HttpServerOptions {
  // "host:port" with a literal address or "localhost"; port 0 takes a free one.
  std::string listen = "127.0.0.1:7421";
  // What /metrics shows; not owned, outlives the server.
  const MetricsRegistry* metrics = nullptr;
  // What /readyz tells: 200 if every check is ok, else 503, with a line for each. Quick,
  // thread-safe. Null: always ready.
  std::function<std::vector<ReadinessCheck>()> readiness;
};

// Answers GET and HEAD: 200 to /livez as long as it runs; 404 to other paths, 405 to other methods.
// Thread-safe.
class HttpServer {
 public:
  // FAILED_PRECONDITION (CONFIGURATION): the address is malformed, in use or may not be used; the
  // message names it.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options);

  // Stops, after the answers under way.
  virtual ~HttpServer() = default;

  // The port that is listened on.
  virtual int port() const = 0;
};

}  // namespace trialgate::obs

#endif  // TRIALGATE_COMMON_OBS_HTTP_SERVER_H_
