// One small exchange with an identity provider over HTTP, with libcurl.
#ifndef TRIALGATE_COMMON_IDENTITY_CURL_TRANSFER_H_
#define TRIALGATE_COMMON_IDENTITY_CURL_TRANSFER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trialgate::identity {

struct HttpCall {
  std::string url;
  // The body of a POST, application/x-www-form-urlencoded; absent: GET.
  std::optional<std::string> form = {};
  // The value of the header Authorization; empty: not sent.
  std::string authorization = {};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  // The `max-age` of Cache-Control, if there is one.
  std::optional<absl::Duration> max_age;
};

struct TransferLimits {
  // A file of PEM certificates that a server's must descend from; empty: the machine's.
  std::string ca_file;
  absl::Duration timeout;
  std::size_t max_bytes;
  // Asked about once a second: whether to give up.
  std::function<bool()> should_stop;
};

// The answer, whatever its status. CheckFetchUrl (http_fetcher.h) is applied first; TLS 1.2 or
// later with the server's name and certificate verified; no redirect is followed, and `max_bytes`
// are taken at most. Proxies are as the environment has them, but none to this machine itself.
// CANCELLED if it was told to stop, UNAVAILABLE if there is no answer; the message says why, and
// repeats nothing that was sent. Thread-safe.
absl::StatusOr<HttpAnswer> Transfer(const HttpCall& call, const TransferLimits& limits);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_CURL_TRANSFER_H_
