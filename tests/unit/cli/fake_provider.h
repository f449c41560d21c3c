// An identity provider whose answers a test writes down, and a clock that its waiting moves.
#ifndef TRIALGATE_TESTS_UNIT_CLI_FAKE_PROVIDER_H_
#define TRIALGATE_TESTS_UNIT_CLI_FAKE_PROVIDER_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/support/fake_clock.h"
#include "tools/cli/http_client.h"
#include "tools/cli/oauth.h"

namespace trialgate::cli {

inline constexpr char kIssuer[] = "https://login.example";

// Not thread-safe.
class FakeProvider {
 public:
  // Offers everything until told otherwise.
  FakeProvider();

  // What `path` ("/token") answers, call by call; the last answer stays.
  void Answer(const std::string& path, int status, const std::string& body);
  // That nobody answers there.
  void Fail(const std::string& path);
  // Forgets what was written down for `path`.
  void Forget(const std::string& path) { replies_.erase(path); }

  // The client's end of it.
  std::unique_ptr<HttpClient> Client();

  // What `path` was asked, in order.
  std::vector<HttpRequest> Asked(const std::string& path) const;

 private:
  class End;

  absl::StatusOr<HttpResponse> Take(const HttpRequest& request);

  std::map<std::string, std::deque<absl::StatusOr<HttpResponse>>> replies_;
  std::vector<HttpRequest> asked_;
};

// The value of the field `name` of a form; empty where it has none.
std::string FieldOf(const HttpRequest& request, absl::string_view name);

// An answer of a token endpoint. An empty `refresh` is left out.
std::string TokenAnswer(const std::string& access, const std::string& refresh = "",
                        int seconds = 600);

// {"error": code}.
std::string ErrorAnswer(const std::string& code);

// The usual answer of a device authorization endpoint.
std::string DeviceAnswer();

// Waits by moving `clock`, and keeps the spans; interrupted at the one numbered `interrupt_at`.
class FakeWait {
 public:
  explicit FakeWait(FakeClock* clock) : clock_(clock) {}

  bool operator()(absl::Duration span);

  std::vector<absl::Duration> spans;
  std::size_t interrupt_at = 1'000'000;

 private:
  FakeClock* const clock_;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TESTS_UNIT_CLI_FAKE_PROVIDER_H_
