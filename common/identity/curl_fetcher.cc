#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>

#include <csignal>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/http_fetcher.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};
using Handle = std::unique_ptr<CURL, FreeCurl>;
using Url = std::unique_ptr<CURLU, FreeCurl>;
using Text = std::unique_ptr<char, FreeCurl>;

constexpr char kThisMachine[] = "localhost,127.0.0.0/8,[::1]";
constexpr long kOk = 200;

// Once, before anything else of the library.
void Initialize() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(done);
}

// Writing to a connection that the other side has closed raises SIGPIPE from within OpenSSL, which
// would end the process. Held back on this thread for the length of a scope, and then taken away.
class SigpipeHeld {
 public:
  SigpipeHeld() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~SigpipeHeld() {
    const timespec at_once = {};
    if (!was_pending_) sigtimedwait(&sigpipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeHeld(const SigpipeHeld&) = delete;
  SigpipeHeld& operator=(const SigpipeHeld&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_;
};

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

// What one transfer brings; told by the library's callbacks.
struct Transfer {
  std::size_t max_bytes;
  std::stop_token stop;
  Document document;
  bool too_long = false;
};

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  transfer->too_long = transfer->document.body.size() + bytes > transfer->max_bytes;
  if (transfer->too_long) return 0;
  transfer->document.body.append(data, bytes);
  return bytes;
}

void ReadCacheControl(absl::string_view value, Document* document) {
  for (absl::string_view directive : absl::StrSplit(value, ',')) {
    const std::string text = absl::AsciiStrToLower(absl::StripAsciiWhitespace(directive));
    absl::string_view seconds = text;
    int count = 0;
    if (text == "no-store" || text == "no-cache") {
      document->max_age = absl::ZeroDuration();
    } else if (absl::ConsumePrefix(&seconds, "max-age=") && absl::SimpleAtoi(seconds, &count)) {
      document->max_age = absl::Seconds(count);
    }
  }
}

std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* user) {
  absl::string_view line(data, size * count);
  constexpr absl::string_view kName = "cache-control:";
  if (absl::StartsWithIgnoreCase(line, kName)) {
    ReadCacheControl(line.substr(kName.size()), &static_cast<Transfer*>(user)->document);
  }
  return size * count;
}

// Not zero: give up.
int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

absl::Status SetUp(CURL* curl, const std::string& url, const CurlFetcherOptions& options,
                   Transfer* transfer) {
  bool ok = true;
  const auto set = [&](CURLoption option, auto value) {
    ok = ok && curl_easy_setopt(curl, option, value) == CURLE_OK;
  };
  const long millis = static_cast<long>(absl::ToInt64Milliseconds(options.timeout));
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");  // CheckFetchUrl says where http may go
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_TIMEOUT_MS, millis);
  set(CURLOPT_CONNECTTIMEOUT_MS, millis);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_NOPROXY, kThisMachine);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, OnProgress);
  set(CURLOPT_XFERINFODATA, transfer);
  set(CURLOPT_WRITEFUNCTION, OnBody);
  set(CURLOPT_WRITEDATA, transfer);
  set(CURLOPT_HEADERFUNCTION, OnHeader);
  set(CURLOPT_HEADERDATA, transfer);
  if (!options.ca_file.empty()) {
    set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CAPATH, nullptr);
  }
  return ok ? absl::OkStatus() : absl::InternalError("libcurl does not know an option");
}

class CurlFetcher final : public HttpFetcher {
 public:
  explicit CurlFetcher(CurlFetcherOptions options) : options_(std::move(options)) { Initialize(); }

  absl::StatusOr<Document> Get(const std::string& url, std::stop_token stop) override {
    ABSL_RETURN_IF_ERROR(CheckFetchUrl(url));
    const SigpipeHeld held;  // also while the handle hangs up
    const Handle curl(curl_easy_init());
    if (curl == nullptr) return absl::InternalError("libcurl does not start");
    Transfer transfer = {options_.max_bytes, std::move(stop), {}};
    ABSL_RETURN_IF_ERROR(SetUp(curl.get(), url, options_, &transfer));
    const CURLcode code = curl_easy_perform(curl.get());
    if (transfer.too_long) return absl::UnavailableError("the document is too long");
    if (code != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != kOk) return absl::UnavailableError(absl::StrCat("answered HTTP ", status));
    return std::move(transfer.document);
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
