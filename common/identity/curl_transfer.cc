#include "common/identity/curl_transfer.h"

#include <curl/curl.h>

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/identity/http_fetcher.h"
#include "common/identity/sigpipe_held.h"

namespace trialgate::identity {
namespace {

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeCurl>;
using List = std::unique_ptr<curl_slist, FreeCurl>;

constexpr char kThisMachine[] = "localhost,127.0.0.0/8,[::1]";

// What one transfer brings; told by the library's callbacks.
struct Progress {
  const TransferLimits& limits;
  HttpAnswer answer = {};
  bool too_long = false;
};

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* user) {
  auto* progress = static_cast<Progress*>(user);
  const std::size_t bytes = size * count;
  progress->too_long = progress->answer.body.size() + bytes > progress->limits.max_bytes;
  if (progress->too_long) return 0;
  progress->answer.body.append(data, bytes);
  return bytes;
}

void ReadCacheControl(absl::string_view value, HttpAnswer* answer) {
  for (absl::string_view directive : absl::StrSplit(value, ',')) {
    const std::string text = absl::AsciiStrToLower(absl::StripAsciiWhitespace(directive));
    absl::string_view seconds = text;
    int count = 0;
    if (text == "no-store" || text == "no-cache") {
      answer->max_age = absl::ZeroDuration();
    } else if (absl::ConsumePrefix(&seconds, "max-age=") && absl::SimpleAtoi(seconds, &count)) {
      answer->max_age = absl::Seconds(count);
    }
  }
}

std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* user) {
  absl::string_view line(data, size * count);
  constexpr absl::string_view kName = "cache-control:";
  if (absl::StartsWithIgnoreCase(line, kName)) {
    ReadCacheControl(line.substr(kName.size()), &static_cast<Progress*>(user)->answer);
  }
  return size * count;
}

// Not zero: give up.
int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Progress*>(user)->limits.should_stop() ? 1 : 0;
}

absl::Status SetUp(CURL* curl, const HttpCall& call, curl_slist* headers, Progress* progress) {
  const TransferLimits& limits = progress->limits;
  bool ok = true;
  const auto set = [&](CURLoption option, auto value) {
    ok = ok && curl_easy_setopt(curl, option, value) == CURLE_OK;
  };
  const long millis = static_cast<long>(absl::ToInt64Milliseconds(limits.timeout));
  set(CURLOPT_URL, call.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");  // CheckFetchUrl says where http may go
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_TIMEOUT_MS, millis);
  set(CURLOPT_CONNECTTIMEOUT_MS, millis);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_NOPROXY, kThisMachine);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, OnProgress);
  set(CURLOPT_XFERINFODATA, progress);
  set(CURLOPT_WRITEFUNCTION, OnBody);
  set(CURLOPT_WRITEDATA, progress);
  set(CURLOPT_HEADERFUNCTION, OnHeader);
  set(CURLOPT_HEADERDATA, progress);
  set(CURLOPT_HTTPHEADER, headers);
  if (call.form.has_value()) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.form->size()));
    set(CURLOPT_POSTFIELDS, call.form->c_str());
  }
  if (!limits.ca_file.empty()) {
    set(CURLOPT_CAINFO, limits.ca_file.c_str());
    set(CURLOPT_CAPATH, nullptr);
  }
  return ok ? absl::OkStatus() : absl::InternalError("libcurl does not know an option");
}

}  // namespace

absl::StatusOr<HttpAnswer> Transfer(const HttpCall& call, const TransferLimits& limits) {
  ABSL_RETURN_IF_ERROR(CheckFetchUrl(call.url));
  const SigpipeHeld held;  // also while the handle hangs up
  List headers;
  if (!call.authorization.empty()) {
    const std::string header = absl::StrCat("Authorization: ", call.authorization);
    headers.reset(curl_slist_append(nullptr, header.c_str()));
  }
  const Handle curl(curl_easy_init());
  if (curl == nullptr) return absl::InternalError("libcurl does not start");
  Progress progress = {.limits = limits};
  ABSL_RETURN_IF_ERROR(SetUp(curl.get(), call, headers.get(), &progress));
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError("told to stop");
  if (progress.too_long) return absl::UnavailableError("the document is too long");
  if (code != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  progress.answer.status = static_cast<int>(status);
  return std::move(progress.answer);
}

}  // namespace trialgate::identity
