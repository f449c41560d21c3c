#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/curl_transfer.h"
#include "common/identity/http_fetcher.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

struct FreeCurl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};
using Url = std::unique_ptr<CURLU, FreeCurl>;
using Text = std::unique_ptr<char, FreeCurl>;

constexpr long kOk = 200;

// Once, before anything else of the library.
void Initialize() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(done);
}

// "" where the address has no such part.
std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  return Text(text).get();
}

bool IsThisMachine(absl::string_view host) {
  if (host == "localhost") return true;
  const std::string address(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
  in_addr v4 = {};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1)
    return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  in6_addr v6 = {};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

class CurlFetcher final : public HttpFetcher {
 public:
  explicit CurlFetcher(CurlFetcherOptions options) : options_(std::move(options)) {}

  absl::StatusOr<Document> Get(const std::string& url, std::stop_token stop) override {
    const TransferLimits limits = {.ca_file = options_.ca_file,
                                   .timeout = options_.timeout,
                                   .max_bytes = options_.max_bytes,
                                   .should_stop = [&stop] { return stop.stop_requested(); }};
    absl::StatusOr<HttpAnswer> answer = Transfer({.url = url}, limits);
    if (absl::IsCancelled(answer.status())) return absl::UnavailableError("told to stop");
    if (!answer.ok()) return answer.status();
    if (answer->status != kOk) {
      return absl::UnavailableError(absl::StrCat("answered HTTP ", answer->status));
    }
    return Document{.body = std::move(answer->body), .max_age = answer->max_age};
  }

 private:
  const CurlFetcherOptions options_;
};

}  // namespace

std::unique_ptr<HttpFetcher> NewCurlFetcher(const CurlFetcherOptions& options) {
  return std::make_unique<CurlFetcher>(options);
}

absl::Status CheckFetchUrl(absl::string_view url) {
  const auto refuse = [](absl::string_view what) -> absl::Status {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
                 absl::StrCat("the address of an identity provider ", what));
  };
  Initialize();
  const Url parsed(curl_url());
  if (parsed == nullptr || absl::StrContains(url, '\0') ||
      curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), 0) != CURLUE_OK) {
    return refuse("is no URL");
  }
  if (!PartOf(parsed.get(), CURLUPART_USER).empty() ||
      !PartOf(parsed.get(), CURLUPART_PASSWORD).empty()) {
    return refuse("must not hold a user or password");
  }
  const std::string scheme = PartOf(parsed.get(), CURLUPART_SCHEME);
  if (scheme == "https") return absl::OkStatus();
  if (scheme == "http" && IsThisMachine(PartOf(parsed.get(), CURLUPART_HOST))) {
    return absl::OkStatus();
  }
  return refuse("must begin with https:// (http:// only on this machine itself)");
}

}  // namespace trialgate::identity
