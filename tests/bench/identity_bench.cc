// What it costs to know who calls: calls over TLS to servers in one process, one that asks nobody,
// one that knows clients by certificate, one by access token, and a second that asks nobody, which
// shows the noise. Rounds of few calls, in turns, each beginning with another server, so that the
// ratios hold on a noisy machine. Then what identity and permission cost by themselves, on one
// thread.
//
//   identity_bench [--calls=100] [--rounds=300]
//
// The call is an empty one, so the share of a real call is smaller.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/identity/key_source.h"
#include "common/identity/token_verifier.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "common/rpc/access.h"
#include "common/rpc/certificate_authenticator.h"
#include "common/rpc/composed_authenticator.h"
#include "common/rpc/server.h"
#include "tests/support/signing_key.h"
#include "tests/support/tls_folder.h"
#include "trialgate/v1/audit_service.grpc.pb.h"

namespace trialgate::rpc {
namespace {

using SteadyClock = std::chrono::steady_clock;
using identity::Algorithm;
using identity::SigningKey;

constexpr char kIssuer[] = "https://issuer.example";
constexpr char kAudience[] = "trialgate";

struct Settings {
  int calls = 100;
  int rounds = 300;
};

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "identity_bench: %s\n", value.status().ToString().c_str());
  std::exit(1);
}

class Nobody final : public Authenticator {
 public:
  Nobody() {
    principal_.set_role(v1::ROLE_AUDITOR);
    principal_.set_subject("axel");
  }
  absl::StatusOr<v1::Principal> Authenticate(const PeerCredentials&) const override {
    return principal_;
  }

 private:
  v1::Principal principal_;
};

std::vector<std::unique_ptr<Service>> EmptyCalls() {
  auto service = std::make_unique<Service>("trialgate.v1.AuditService");
  service->Handle<v1::ListAuditEventsRequest, v1::ListAuditEventsResponse>(
      "ListAuditEvents", [](const CallContext&, const v1::ListAuditEventsRequest&) {
        return absl::StatusOr<v1::ListAuditEventsResponse>(v1::ListAuditEventsResponse());
      });
  std::vector<std::unique_ptr<Service>> services;
  services.push_back(std::move(service));
  return services;
}

// A server, and a client with one connection to it.
class Contender {
 public:
  Contender(std::string name, const TlsFiles& files, std::unique_ptr<Authenticator> authenticator,
            const grpc::SslCredentialsOptions& credentials, std::string authorization)
      : name_(std::move(name)),
        tls_(Must(TlsReloader::Start({.files = files}, &clock_, &metrics_))),
        authenticator_(authenticator != nullptr
                           ? std::move(authenticator)
                           : NewComposedAuthenticator(
                                 nullptr, NewCertificateAuthenticator(tls_.get(), &clock_))),
        authorization_(std::move(authorization)) {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = tls_.get();
    options.authenticator = authenticator_.get();
    options.metrics = &metrics_;
    server_ = Must(Server::Start(options, EmptyCalls()));
    stub_ = v1::AuditService::NewStub(grpc::CreateChannel(
        absl::StrCat("localhost:", server_->port()), grpc::SslCredentials(credentials)));
  }

  const std::string& name() const { return name_; }

  bool Knows(const PeerCredentials& credentials) const {
    return authenticator_->Authenticate(credentials).ok();
  }

  // Microseconds of one call, over `calls` one after the other.
  double Run(int calls) const {
    const auto start = SteadyClock::now();
    for (int i = 0; i < calls; ++i) {
      grpc::ClientContext context;
      if (!authorization_.empty()) context.AddMetadata("authorization", authorization_);
      v1::ListAuditEventsResponse response;
      const grpc::Status status = stub_->ListAuditEvents(&context, {}, &response);
      if (!status.ok()) {
        std::fprintf(stderr, "%s: %s\n", name_.c_str(), status.error_message().c_str());
        std::exit(1);
      }
    }
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count() / calls;
  }

 private:
  const std::string name_;
  const SystemClock clock_;
  obs::MetricsRegistry metrics_;
  const std::unique_ptr<TlsReloader> tls_;
  const std::unique_ptr<Authenticator> authenticator_;
  const std::string authorization_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::AuditService::Stub> stub_;
};

// What verifies tokens, and one to verify.
struct Tokens {
  explicit Tokens(const TlsFolder& folder) {
    const SigningKey key = SigningKey::P256();
    const std::string jwks = folder.folder.Sub("jwks.json");
    WriteFile(jwks, nlohmann::json{{"keys", {key.PublicJwk("k")}}}.dump());
    keys = Must(identity::NewFileKeySource(jwks, &clock));
    identity::TokenConfig config;
    config.issuer = kIssuer;
    config.audience = kAudience;
    verifier = std::make_unique<identity::TokenVerifier>(config, keys.get(), &clock);
    const std::int64_t now = absl::ToUnixSeconds(absl::Now());
    const nlohmann::json payload = {{"iss", kIssuer},    {"aud", kAudience},
                                    {"sub", "axel"},     {"iat", now},
                                    {"exp", now + 3600}, {"trialgate_role", "auditor"}};
    token = SignedToken(key, Algorithm::kEs256, R"({"alg":"ES256","kid":"k"})", payload.dump());
  }

  SystemClock clock;
  std::unique_ptr<identity::KeySource> keys;
  std::unique_ptr<identity::TokenVerifier> verifier;
  std::string token;
};

// What a tenth of the rounds stayed below: those that nothing else on the machine disturbed.
double Undisturbed(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 10];
}

// Microseconds of `once`, which says whether it went well.
template <typename Function>
double Micros(int times, const Function& once) {
  const auto start = SteadyClock::now();
  for (int i = 0; i < times; ++i) {
    if (!once()) std::exit(1);
  }
  const auto took = SteadyClock::now() - start;
  return std::chrono::duration<double, std::micro>(took).count() / times;
}

void Compare(const Settings& settings) {
  const TlsFolder folder(absl::Now() - absl::Hours(1));
  TlsFiles no_clients = folder.files;
  no_clients.client_ca.clear();
  const Tokens tokens(folder);
  grpc::SslCredentialsOptions plain;
  plain.pem_root_certs = folder.authority.certificate_pem();
  grpc::SslCredentialsOptions certified = plain;
  const TestCertificate axel = folder.authority.Issue({.uris = {"urn:trialgate:auditor::axel"}});
  certified.pem_cert_chain = axel.certificate_pem;
  certified.pem_private_key = axel.key_pem;
  const auto verify = [&tokens](absl::string_view token) { return tokens.verifier->Verify(token); };

  std::vector<std::unique_ptr<Contender>> contenders;
  contenders.push_back(std::make_unique<Contender>("nobody asked", no_clients,
                                                   std::make_unique<Nobody>(), plain, ""));
  contenders.push_back(
      std::make_unique<Contender>("certificate", folder.files, nullptr, certified, ""));
  contenders.push_back(std::make_unique<Contender>("access token", no_clients,
                                                   NewComposedAuthenticator(verify, nullptr), plain,
                                                   "Bearer " + tokens.token));
  contenders.push_back(std::make_unique<Contender>("nobody, again", no_clients,
                                                   std::make_unique<Nobody>(), plain, ""));
  const std::size_t count = contenders.size();
  std::vector<std::vector<double>> micros(count);
  for (const auto& contender : contenders) contender->Run(settings.calls);  // warms up
  for (int round = 0; round < settings.rounds; ++round) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t turn = (round + i) % count;
      micros[turn].push_back(contenders[turn]->Run(settings.calls));
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::printf("%-14s %8.1f us a call, ratio %.3f\n", contenders[i]->name().c_str(),
                Undisturbed(micros[i]), Undisturbed(micros[i]) / Undisturbed(micros[0]));
  }
  PeerCredentials by_certificate;
  by_certificate.certificate_pem = axel.certificate_pem;
  PeerCredentials by_token;
  by_token.authorization = {"Bearer " + tokens.token};
  constexpr int kTimes = 100'000;
  std::printf("by themselves: certificate %.2f us, access token %.2f us, permission %.3f us\n",
              Micros(kTimes, [&] { return contenders[1]->Knows(by_certificate); }),
              Micros(kTimes, [&] { return contenders[2]->Knows(by_token); }),
              Micros(kTimes, [principal = Nobody().Authenticate({})] {
                return Authorize(*principal, v1::PERMISSION_AUDIT_READ).ok();
              }));
}

}  // namespace
}  // namespace trialgate::rpc

int main(int argc, char** argv) {
  trialgate::rpc::Settings settings;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--calls=")) settings.calls = std::atoi(argument.data());
    if (absl::ConsumePrefix(&argument, "--rounds=")) settings.rounds = std::atoi(argument.data());
  }
  trialgate::obs::SetLogLevel(trialgate::obs::Level::kError);
  trialgate::rpc::Compare(settings);
  return 0;
}
