#include "tools/cli/http_client.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/identity/curl_transfer.h"

namespace trialgate::cli {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr std::size_t kMaxAnswerBytes = 256 << 10;

std::string Encoded(const Form& form) {
  std::string body;
  for (const auto& [name, value] : form) {
    absl::StrAppend(&body, body.empty() ? "" : "&", FormEncode(name), "=", FormEncode(value));
  }
  return body;
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(const std::string& ca_file, std::function<bool()> is_interrupted)
      : limits_{.ca_file = ca_file,
                .timeout = kTimeout,
                .max_bytes = kMaxAnswerBytes,
                .should_stop = std::move(is_interrupted)} {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    identity::HttpCall call = {.url = request.url};
    if (request.form.has_value()) call.form = Encoded(*request.form);
    call.authorization = request.authorization;
    ABSL_ASSIGN_OR_RETURN(identity::HttpAnswer answer, identity::Transfer(call, limits_));
    return HttpResponse{.status = answer.status, .body = std::move(answer.body)};
  }

 private:
  const identity::TransferLimits limits_;
};

}  // namespace

std::unique_ptr<HttpClient> NewCurlClient(const std::string& ca_file,
                                          std::function<bool()> is_interrupted) {
  return std::make_unique<CurlClient>(ca_file, std::move(is_interrupted));
}

std::string FormEncode(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_') {
      encoded.push_back(c);
    } else {
      absl::StrAppend(&encoded, "%",
                      absl::AsciiStrToUpper(absl::BytesToHexString(absl::string_view(&c, 1))));
    }
  }
  return encoded;
}

}  // namespace trialgate::cli
