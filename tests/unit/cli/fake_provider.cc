#include "tests/unit/cli/fake_provider.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace trialgate::cli {

class FakeProvider::End final : public HttpClient {
 public:
  explicit End(FakeProvider* provider) : provider_(provider) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    return provider_->Take(request);
  }

 private:
  FakeProvider* const provider_;
};

FakeProvider::FakeProvider() {
  Answer("/.well-known/openid-configuration", 200,
         absl::StrCat(R"({"issuer": ")", kIssuer, R"(", "token_endpoint": ")", kIssuer,
                      R"(/token", "device_authorization_endpoint": ")", kIssuer,
                      R"(/device", "revocation_endpoint": ")", kIssuer, R"(/revoke"})"));
}

void FakeProvider::Answer(const std::string& path, int status, const std::string& body) {
  replies_[path].push_back(HttpResponse{.status = status, .body = body});
}

void FakeProvider::Fail(const std::string& path) {
  replies_[path].push_back(absl::UnavailableError("Couldn't connect to server"));
}

std::unique_ptr<HttpClient> FakeProvider::Client() { return std::make_unique<End>(this); }

std::vector<HttpRequest> FakeProvider::Asked(const std::string& path) const {
  std::vector<HttpRequest> asked;
  for (const HttpRequest& request : asked_) {
    if (absl::EndsWith(request.url, path)) asked.push_back(request);
  }
  return asked;
}

absl::StatusOr<HttpResponse> FakeProvider::Take(const HttpRequest& request) {
  asked_.push_back(request);
  auto& replies = replies_[std::string(absl::StripPrefix(request.url, kIssuer))];
  if (replies.empty()) return HttpResponse{.status = 404, .body = "no answer was written down"};
  const absl::StatusOr<HttpResponse> reply = replies.front();
  if (replies.size() > 1) replies.pop_front();
  return reply;
}

std::string FieldOf(const HttpRequest& request, absl::string_view name) {
  if (!request.form.has_value()) return "";
  for (const auto& [field, value] : *request.form) {
    if (field == name) return value;
  }
  return "";
}

std::string TokenAnswer(const std::string& access, const std::string& refresh, int seconds) {
  return absl::StrCat(R"({"token_type": "bearer", "access_token": ")", access, "\"",
                      refresh.empty() ? "" : R"(, "refresh_token": ")", refresh,
                      refresh.empty() ? "" : "\"", R"(, "expires_in": )", seconds, "}");
}

std::string ErrorAnswer(const std::string& code) {
  return absl::StrCat(R"({"error": ")", code, R"("})");
}

std::string DeviceAnswer() {
  return R"({"device_code": "d3v1ce", "user_code": "WDJB-MJHT",
             "verification_uri": "https://login.example/device",
             "verification_uri_complete": "https://login.example/device?user_code=WDJB-MJHT",
             "expires_in": 600, "interval": 5})";
}

bool FakeWait::operator()(absl::Duration span) {
  spans.push_back(span);
  clock_->Advance(span);
  return spans.size() != interrupt_at;
}

}  // namespace trialgate::cli
