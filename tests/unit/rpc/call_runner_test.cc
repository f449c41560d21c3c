#include "common/rpc/call_runner.h"

#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "common/obs/rpc_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::IsOk;
using absl_testing::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Request = v1::ListAuditEventsRequest;
using Response = v1::ListAuditEventsResponse;
using Handler = std::function<absl::StatusOr<Response>(const CallContext&, const Request&)>;

constexpr std::size_t kMaxBytes = 1000;

class CallRunnerTest : public testing::Test {
 protected:
  CallRunnerTest() : metrics_(&registry_, "trialgate.v1.AuditService", "ListAuditEvents") {
    service_.Handle<Request, Response>("ListAuditEvents",
                                       [this](const CallContext& call, const Request& request) {
                                         return handler_(call, request);
                                       });
    obs::SetLogSink([this](absl::string_view line) {
      MutexLock lock(&mu_);
      log_.emplace_back(line);
    });
  }
  ~CallRunnerTest() override { obs::SetLogSink(nullptr); }

  static IncomingCall Call(const std::string& principal = "auditor::dan") {
    IncomingCall call;
    call.credentials.named_principals = {principal};
    return call;
  }

  CallRunnerOptions Options(int max_in_flight, int threads) {
    CallRunnerOptions options;
    options.max_in_flight = max_in_flight;
    options.threads = threads;
    options.max_bytes = kMaxBytes;
    options.authenticator = authenticator_.get();
    options.rate_gate = rate_gate_;
    options.message_guard = message_guard_;
    options.read_recorder = read_recorder_;
    return options;
  }

  std::future<absl::Status> Start(CallRunner& runner, IncomingCall call) {
    auto done = std::make_shared<std::promise<absl::Status>>();
    call.finish = [done](IncomingCall::Answer answer) { done->set_value(answer.status()); };
    runner.Run(service_.full_name(), service_.methods().begin()->second, &metrics_,
               std::move(call));
    return done->get_future();
  }

  absl::Status Run(IncomingCall call) {
    CallRunner runner(Options(10, 2));
    return Start(runner, std::move(call)).get();
  }

  std::vector<std::string> log() {
    MutexLock lock(&mu_);
    return log_;
  }

  obs::MetricsRegistry registry_;
  obs::MethodMetrics metrics_;
  Service service_{"trialgate.v1.AuditService"};
  Handler handler_ = [](const CallContext&, const Request&) { return Response(); };
  const std::unique_ptr<Authenticator> authenticator_ = NewInsecureAuthenticator();
  RateGate* rate_gate_ = nullptr;
  const MessageGuard* message_guard_ = nullptr;
  ReadRecorder* read_recorder_ = nullptr;

 private:
  Mutex mu_;
  std::vector<std::string> log_ ABSL_GUARDED_BY(mu_);
};

// Refuses a page token "bad"; completes answers with another.
class TestGuard final : public MessageGuard {
 public:
  absl::Status Check(const google::protobuf::Message& request) const override {
    const bool bad = static_cast<const Request&>(request).page_token() == "bad";
    return bad ? absl::Status(Error(absl::StatusCode::kInvalidArgument,
                                    v1::ERROR_REASON_INVALID_FIELDS, "bad"))
               : absl::OkStatus();
  }
  absl::Status Complete(google::protobuf::Message* response) const override {
    auto& answer = static_cast<Response&>(*response);
    if (answer.next_page_token() == "broken") {
      return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEYS_UNAVAILABLE, "broken");
    }
    answer.set_next_page_token("completed");
    return absl::OkStatus();
  }
};

TEST_F(CallRunnerTest, WhatTheGuardRefusesNoHandlerSees) {
  const TestGuard guard;
  message_guard_ = &guard;
  int handled = 0;
  handler_ = [&](const CallContext&, const Request&) {
    ++handled;
    return Response();
  };
  IncomingCall call = Call();
  Request request;
  request.set_page_token("bad");
  call.request = request.SerializeAsString();
  EXPECT_THAT(Run(std::move(call)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(handled, 0);
  EXPECT_THAT(Run(Call()), IsOk());
  EXPECT_EQ(handled, 1);
}

TEST_F(CallRunnerTest, AnAnswerLeavesCompletedOrNotAtAll) {
  const TestGuard guard;
  message_guard_ = &guard;
  CallRunner runner(Options(10, 2));
  std::promise<std::string> left;
  IncomingCall call = Call();
  call.finish = [&](IncomingCall::Answer answer) {
    left.set_value(static_cast<Response&>(**answer).next_page_token());
  };
  runner.Run(service_.full_name(), service_.methods().begin()->second, &metrics_, std::move(call));
  EXPECT_EQ(left.get_future().get(), "completed");
  handler_ = [](const CallContext&, const Request&) {
    Response response;
    response.set_next_page_token("broken");
    return response;
  };
  EXPECT_THAT(Start(runner, Call()).get(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CallRunnerTest, TheHandlerIsToldWhoCallsWhatAndUntilWhen) {
  CallContext seen;
  int page_size = 0;
  handler_ = [&](const CallContext& call, const Request& request) {
    seen = call;
    page_size = request.page_size();
    return Response();
  };
  IncomingCall call = Call("auditor::bob");
  Request request;
  request.set_page_size(5);
  call.request = request.SerializeAsString();
  call.deadline = absl::Now() + absl::Minutes(1);
  const absl::Time deadline = call.deadline;
  EXPECT_OK(Run(std::move(call)));
  EXPECT_EQ(seen.principal.subject(), "bob");
  EXPECT_EQ(seen.method, "ListAuditEvents");
  EXPECT_EQ(seen.deadline, deadline);
  EXPECT_EQ(page_size, 5);
}

TEST_F(CallRunnerTest, WithoutAPrincipalTheHandlerIsNotAsked) {
  bool asked = false;
  handler_ = [&](const CallContext&, const Request&) {
    asked = true;
    return Response();
  };
  IncomingCall call;
  EXPECT_THAT(Run(std::move(call)), AllOf(StatusIs(absl::StatusCode::kUnauthenticated),
                                          HasReason(v1::ERROR_REASON_NO_PRINCIPAL)));
  EXPECT_FALSE(asked);
}

TEST_F(CallRunnerTest, ACallThatDoesNotSayHowLongItWaitsHasADeadlineAllTheSame) {
  absl::Time seen = absl::InfiniteFuture();
  handler_ = [&](const CallContext& call, const Request&) {
    seen = call.deadline;
    return Response();
  };
  const absl::Time start = absl::Now();
  EXPECT_OK(Run(Call()));
  EXPECT_GE(seen, start + CallRunnerOptions().max_duration);
  EXPECT_LE(seen, absl::Now() + CallRunnerOptions().max_duration);
}

TEST_F(CallRunnerTest, AfterItsDeadlineACallIsNotBegun) {
  bool asked = false;
  handler_ = [&](const CallContext&, const Request&) {
    asked = true;
    return Response();
  };
  IncomingCall call = Call();
  call.deadline = absl::InfinitePast();
  EXPECT_THAT(Run(std::move(call)), HasReason(v1::ERROR_REASON_DEADLINE_EXCEEDED));
  EXPECT_FALSE(asked);
}

TEST_F(CallRunnerTest, ACallWhoseClientWentAwayIsNotBegun) {
  bool asked = false;
  handler_ = [&](const CallContext&, const Request&) {
    asked = true;
    return Response();
  };
  IncomingCall call = Call();
  call.cancelled = [] { return true; };
  EXPECT_THAT(Run(std::move(call)), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(asked);
}

TEST_F(CallRunnerTest, OneCallTooManyIsTurnedAwayWithADelayAndTheOthersAreAnswered) {
  std::latch started(1);
  std::latch go(1);
  handler_ = [&](const CallContext&, const Request&) {
    started.count_down();
    go.wait();
    return Response();
  };
  CallRunner runner(Options(1, 1));
  std::future<absl::Status> first = Start(runner, Call());
  started.wait();
  const absl::Status second = Start(runner, Call()).get();
  EXPECT_THAT(second, AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                            HasReason(v1::ERROR_REASON_OVERLOADED)));
  EXPECT_GT(RetryAfterOf(second), absl::ZeroDuration());
  EXPECT_EQ(runner.in_flight(), 1);
  go.count_down();
  EXPECT_OK(first.get());
  runner.WaitUntilIdle();
  EXPECT_EQ(runner.in_flight(), 0);
}

TEST_F(CallRunnerTest, ACallWhoseMessageIsTooMuchBesideTheOthersIsTurnedAway) {
  std::latch started(1);
  std::latch go(1);
  handler_ = [&](const CallContext&, const Request& request) {
    if (request.page_size() == 1) {
      started.count_down();
      go.wait();
    }
    return Response();
  };
  const auto call_of = [](int page_size, std::size_t bytes) {
    Request request;
    request.set_page_size(page_size);
    request.set_resource(std::string(bytes, 'x'));
    IncomingCall call = Call();
    call.request = request.SerializeAsString();
    return call;
  };
  CallRunner runner(Options(10, 2));
  std::future<absl::Status> first = Start(runner, call_of(1, kMaxBytes / 2));
  started.wait();
  const absl::Status second = Start(runner, call_of(2, kMaxBytes / 2)).get();
  EXPECT_THAT(second, AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                            HasReason(v1::ERROR_REASON_OVERLOADED)));
  EXPECT_GT(RetryAfterOf(second), absl::ZeroDuration());
  EXPECT_OK(Start(runner, call_of(2, kMaxBytes / 4)).get());
  go.count_down();
  EXPECT_OK(first.get());
  runner.WaitUntilIdle();
  // Their bytes are free again, and alone a call may have more.
  EXPECT_OK(Start(runner, call_of(2, kMaxBytes / 2)).get());
  runner.WaitUntilIdle();
  EXPECT_OK(Start(runner, call_of(2, 2 * kMaxBytes)).get());
}

TEST_F(CallRunnerTest, TheTextOfAFailureIsLoggedAndNotSent) {
  handler_ = [](const CallContext&, const Request&) -> absl::StatusOr<Response> {
    return absl::UnknownError("secret path");
  };
  const absl::Status told = Run(Call());
  EXPECT_THAT(told, AllOf(StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))),
                          HasReason(v1::ERROR_REASON_INTERNAL)));
  EXPECT_THAT(log(),
              ElementsAre(AllOf(HasSubstr("secret path"), HasSubstr("\"level\":\"error\""))));
}

TEST_F(CallRunnerTest, AnExceptionOfALibraryIsAnInternalError) {
  handler_ = [](const CallContext&, const Request&) -> absl::StatusOr<Response> {
    throw std::runtime_error("from a library");
  };
  EXPECT_THAT(Run(Call()), HasReason(v1::ERROR_REASON_INTERNAL));
}

TEST_F(CallRunnerTest, ACallIsLoggedWithoutItsContentAndItsSubject) {
  handler_ = [](const CallContext&, const Request&) -> absl::StatusOr<Response> {
    return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, "no such confidential");
  };
  IncomingCall call = Call("auditor::carol");
  Request request;
  request.set_resource("confidential");
  call.request = request.SerializeAsString();
  EXPECT_THAT(Run(std::move(call)), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(log(), ElementsAre(AllOf(
                         HasSubstr("\"method\":\"ListAuditEvents\""),
                         HasSubstr("\"code\":\"NotFound\""), HasSubstr("\"reason\":\"NOT_FOUND\""),
                         HasSubstr("\"role\":\"auditor\""), HasSubstr("\"duration_ms\":"),
                         Not(HasSubstr("confidential")), Not(HasSubstr("carol")))));
}

TEST_F(CallRunnerTest, CallsAreCountedByCode) {
  EXPECT_THAT(registry_.Expose(),
              HasSubstr("grpc_server_handled_total{grpc_code=\"NotFound\",grpc_method="
                        "\"ListAuditEvents\",grpc_service=\"trialgate.v1.AuditService\","
                        "grpc_type=\"unary\"} 0\n"));
  EXPECT_OK(Run(Call()));
  EXPECT_OK(Run(Call()));
  handler_ = [](const CallContext&, const Request&) -> absl::StatusOr<Response> {
    return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, "not there");
  };
  EXPECT_FALSE(Run(Call()).ok());
  const std::string labels =
      "grpc_method=\"ListAuditEvents\",grpc_service=\"trialgate.v1.AuditService\",grpc_type="
      "\"unary\"} ";
  const std::string text = registry_.Expose();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + labels + "3\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"OK\"," + labels + "2\n"));
  EXPECT_THAT(text,
              HasSubstr("grpc_server_handled_total{grpc_code=\"NotFound\"," + labels + "1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + labels + "3\n"));
}

TEST(ServiceTest, AMethodWithoutAHandlerIsUnimplemented) {
  const Service service("trialgate.v1.AuditService");
  EXPECT_THAT(service.Call<Response>("ListAuditEvents", v1::Principal(), Request()),
              StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(service.DeclaredMethods(), ElementsAre("ListAuditEvents", "VerifyAuditTrail",
                                                     "ListAuditCheckpoints", "ExportAuditEvents"));
}

TEST(ServiceDeathTest, AHandlerThatDoesNotFitTheProtoEndsTheProcess) {
  const auto handler = [](const CallContext&, const Request&) -> absl::StatusOr<Response> {
    return Response();
  };
  EXPECT_DEATH(Service("trialgate.v1.NoSuchService"), "no service");
  EXPECT_DEATH((Service("trialgate.v1.AuditService").Handle<Request, Response>("Nope", handler)),
               "has no method");
  EXPECT_DEATH(
      (Service("trialgate.v1.AuditService").Handle<Request, Response>("VerifyAuditTrail", handler)),
      "other messages");
}

}  // namespace
}  // namespace trialgate::rpc
