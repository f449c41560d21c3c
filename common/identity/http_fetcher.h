// Fetching small documents of an identity provider.
#ifndef TRIALGATE_COMMON_IDENTITY_HTTP_FETCHER_H_
#define TRIALGATE_COMMON_IDENTITY_HTTP_FETCHER_H_

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace trialgate::identity {

struct Document {
  std::string body;
  // The `max-age` of Cache-Control, if there is one.
  std::optional<absl::Duration> max_age;
};

// Thread-safe.
class HttpFetcher {
 public:
  virtual ~HttpFetcher() = default;

  // The document at `url`. Returns within ten seconds whatever happens, and soon once `stop` is
  // asked for. Any error: there is none, for the reason that the message gives.
  virtual absl::StatusOr<Document> Get(const std::string& url, std::stop_token stop) = 0;
};

struct CurlFetcherOptions {
  // A file of PEM certificates that a server's must descend from; empty: the machine's.
  std::string ca_file;
  absl::Duration timeout = absl::Seconds(5);
  std::size_t max_bytes = 256 * 1024;
};

// GET with libcurl: CheckFetchUrl is applied first; TLS 1.2 or later with the server's name and
// certificate verified; no redirect is followed (so 200 is the only good answer), nothing is sent
// but the address, and `max_bytes` are taken at most. Proxies are as the environment has them, but
// none to this machine itself.
std::unique_ptr<HttpFetcher> NewCurlFetcher(const CurlFetcherOptions& options);

// FAILED_PRECONDITION (CONFIGURATION) unless `url` is one that may be fetched: https, or http to
// this machine ("localhost" or a literal loopback address), which is for tests and development;
// with no user or password in it.
absl::Status CheckFetchUrl(absl::string_view url);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_HTTP_FETCHER_H_
