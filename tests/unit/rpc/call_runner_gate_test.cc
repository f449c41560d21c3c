#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/obs/log.h"
#include "common/rpc/call_runner.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_authority.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

using Request = v1::ListAuditEventsRequest;
using Response = v1::ListAuditEventsResponse;

// Refuses whom a test says, and keeps what it was told.
class FakeGate final : public RateGate {
 public:
  absl::Status AdmitPeer(absl::string_view peer) override {
    peers_.emplace_back(peer);
    return refuse_peers_ ? Excess() : absl::OkStatus();
  }
  void NoteFailedLogin(absl::string_view peer) override { failed_.emplace_back(peer); }
  absl::Status Admit(const CallContext& call, const v1::MethodAccess& access) override {
    admitted_.push_back(call.principal.subject());
    classes_.push_back(access.call_class());
    return refuse_calls_ ? Excess() : absl::OkStatus();
  }

  static absl::Status Excess() {
    return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_RATE_LIMITED, "too many")
        .WithRetryAfter(absl::Seconds(1));
  }

  bool refuse_peers_ = false;
  bool refuse_calls_ = false;
  std::vector<std::string> peers_;
  std::vector<std::string> failed_;
  std::vector<std::string> admitted_;
  std::vector<v1::CallClass> classes_;
};

// Calls of one method through a runner with a gate.
class CallRunnerGateTest : public testing::Test {
 protected:
  CallRunnerGateTest() {
    service_.Handle<Request, Response>("ListAuditEvents",
                                       [this](const CallContext&, const Request&) {
                                         ++handled_;
                                         return absl::StatusOr<Response>(Response());
                                       });
    obs::SetLogSink([this](absl::string_view line) {
      MutexLock lock(&mu_);
      log_.emplace_back(line);
    });
  }
  ~CallRunnerGateTest() override { obs::SetLogSink(nullptr); }

  static IncomingCall CallFrom(const std::string& network, const std::string& principal) {
    IncomingCall call;
    call.credentials.named_principals = {principal};
    call.credentials.network = network;
    return call;
  }
  static IncomingCall Call(const std::string& principal = "auditor::dan") {
    return CallFrom("192.0.2.1", principal);
  }

  CallRunnerOptions Options() {
    CallRunnerOptions options;
    options.threads = 2;
    options.authenticator = authenticator_.get();
    options.rate_gate = &gate_;
    return options;
  }

  std::future<absl::Status> Start(CallRunner& runner, IncomingCall call) {
    auto done = std::make_shared<std::promise<absl::Status>>();
    call.finish = [done](IncomingCall::Answer answer) { done->set_value(answer.status()); };
    runner.Run(service_.full_name(), service_.methods().begin()->second, nullptr, std::move(call));
    return done->get_future();
  }
  absl::Status Run(IncomingCall call) {
    CallRunner runner(Options());
    return Start(runner, std::move(call)).get();
  }

  std::vector<std::string> log() {
    MutexLock lock(&mu_);
    return log_;
  }

  const std::unique_ptr<Authenticator> authenticator_ = NewInsecureAuthenticator();
  Service service_{"trialgate.v1.AuditService"};
  FakeGate gate_;
  int handled_ = 0;

 private:
  Mutex mu_;
  std::vector<std::string> log_ ABSL_GUARDED_BY(mu_);
};

TEST_F(CallRunnerGateTest, TheGateIsAskedOfThePrincipalAndTheClassOfTheMethod) {
  EXPECT_OK(Run(CallFrom("192.0.2.1", "auditor::dan")));
  EXPECT_THAT(gate_.peers_, ElementsAre("192.0.2.1"));
  EXPECT_THAT(gate_.admitted_, ElementsAre("dan"));
  EXPECT_THAT(gate_.classes_, ElementsAre(v1::CALL_CLASS_LIST));
  EXPECT_TRUE(gate_.failed_.empty());
  EXPECT_EQ(handled_, 1);
}

TEST_F(CallRunnerGateTest, WhomTheGateRefusesTheHandlerDoesNotSee) {
  gate_.refuse_calls_ = true;
  const absl::Status refused = Run(Call());
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_RATE_LIMITED));
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(1));
  EXPECT_EQ(handled_, 0);
}

TEST_F(CallRunnerGateTest, ACallWithoutPermissionIsItsCallersToo) {
  EXPECT_THAT(Run(Call("national::nora")), HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
  EXPECT_THAT(gate_.admitted_, ElementsAre("nora"));
  EXPECT_TRUE(gate_.failed_.empty());
  gate_.refuse_calls_ = true;
  EXPECT_THAT(Run(Call("national::nora")), HasReason(v1::ERROR_REASON_RATE_LIMITED));
}

TEST_F(CallRunnerGateTest, AFailedLoginIsCountedToTheAddressItCameFrom) {
  EXPECT_THAT(Run(CallFrom("192.0.2.1", "nobody")), HasReason(v1::ERROR_REASON_NO_PRINCIPAL));
  EXPECT_THAT(gate_.failed_, ElementsAre("192.0.2.1"));
}

TEST_F(CallRunnerGateTest, FromAnAddressThatFailedTooOftenNobodyIsAuthenticated) {
  gate_.refuse_peers_ = true;
  EXPECT_THAT(Run(CallFrom("192.0.2.1", "nobody")), HasReason(v1::ERROR_REASON_RATE_LIMITED));
  EXPECT_THAT(Run(CallFrom("192.0.2.1", "auditor::dan")), HasReason(v1::ERROR_REASON_RATE_LIMITED));
  EXPECT_TRUE(gate_.failed_.empty());
  EXPECT_EQ(handled_, 0);
}

TEST_F(CallRunnerGateTest, AFailedLoginWithACertificateIsCountedToTheCertificateAlone) {
  const TestAuthority authority("Authority", absl::Now());
  const auto with = [&](const std::string& uri) {
    IncomingCall call = CallFrom("192.0.2.1", "nobody");
    call.credentials.certificate_pem = authority.Issue({.uris = {uri}}).certificate_pem;
    return call;
  };
  EXPECT_THAT(Run(with("urn:trialgate:auditor::dan")), HasReason(v1::ERROR_REASON_NO_PRINCIPAL));
  EXPECT_THAT(Run(with("urn:trialgate:auditor::eve")), HasReason(v1::ERROR_REASON_NO_PRINCIPAL));
  ASSERT_THAT(gate_.failed_, SizeIs(2));
  EXPECT_THAT(gate_.failed_, Each(StartsWith("certificate ")));
  EXPECT_NE(gate_.failed_[0], gate_.failed_[1]);
  EXPECT_EQ(gate_.peers_, gate_.failed_);
  // A proxy's certificate names nobody: those who call through it do not pay for one another.
  EXPECT_THAT(Run(with("urn:other:proxy")), HasReason(v1::ERROR_REASON_NO_PRINCIPAL));
  EXPECT_THAT(gate_.failed_, SizeIs(2));
}

TEST_F(CallRunnerGateTest, AFloodOfDenialsIsTenLinesOfTheLogASecond) {
  CallRunner runner(Options());
  const absl::Time start = absl::Now();
  for (int i = 0; i < 300; ++i) {
    const char* caller = i % 2 == 0 ? "nobody" : "national::nora";
    EXPECT_FALSE(Start(runner, Call(caller)).get().ok());
  }
  const auto seconds = static_cast<std::size_t>((absl::Now() - start) / absl::Seconds(1));
  EXPECT_GE(log().size(), 10u);
  EXPECT_LE(log().size(), 10 * (seconds + 1));
}

TEST_F(CallRunnerGateTest, AFloodOfRefusalsIsOneLineOfTheLogASecond) {
  gate_.refuse_calls_ = true;
  CallRunner runner(Options());
  const absl::Time start = absl::Now();
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(Start(runner, Call()).get(), HasReason(v1::ERROR_REASON_RATE_LIMITED));
  }
  const std::size_t seconds = static_cast<std::size_t>((absl::Now() - start) / absl::Seconds(1));
  EXPECT_GE(log().size(), 1u);
  EXPECT_LE(log().size(), seconds + 1);
  gate_.refuse_calls_ = false;
  EXPECT_OK(Start(runner, Call()).get());
  EXPECT_THAT(log().back(), HasSubstr("\"code\":\"OK\""));
}

}  // namespace
}  // namespace trialgate::rpc
