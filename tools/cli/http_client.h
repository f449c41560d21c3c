// HTTP as signing in needs it: one small request, one small answer.
#ifndef TRIALGATE_TOOLS_CLI_HTTP_CLIENT_H_
#define TRIALGATE_TOOLS_CLI_HTTP_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace trialgate::cli {

// Names and values, sent as application/x-www-form-urlencoded.
using Form = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string url;
  // Absent: GET, else POST.
  std::optional<Form> form = {};
  // The value of the header Authorization; empty: not sent.
  std::string authorization = {};
};

struct HttpResponse {
  int status = 0;
  std::string body;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // The answer, whatever its status. UNAVAILABLE: none came, for the reason that the message gives,
  // which never repeats what was sent. CANCELLED: interrupted.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;
};

// The real one: see common/identity/curl_transfer.h for what it takes care of. `ca_file` holds the
// authorities (PEM) that may sign the other side's certificate; empty: the machine's.
// `is_interrupted` is asked now and then.
std::unique_ptr<HttpClient> NewCurlClient(const std::string& ca_file,
                                          std::function<bool()> is_interrupted);

// `text` as it stands in a form or an address.
std::string FormEncode(absl::string_view text);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_HTTP_CLIENT_H_
