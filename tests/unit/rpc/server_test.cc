#include "common/rpc/server.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "common/rpc/principal.h"
#include "common/rpc/status_translation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_folder.h"
#include "trialgate/v1/audit_service.grpc.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Request = v1::ListAuditEventsRequest;
using Response = v1::ListAuditEventsResponse;
using Handler = std::function<absl::StatusOr<Response>(const CallContext&, const Request&)>;

// A server with one method on a free port, and a client for it.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    options_.listen = "127.0.0.1:0";
    options_.insecure_dev = true;
    options_.worker_threads = 4;
    options_.metrics = &metrics_;
    options_.authenticator = authenticator_.get();
    obs::SetLogLevel(obs::Level::kError);
  }
  ~ServerTest() override { obs::SetLogLevel(obs::Level::kInfo); }

  absl::StatusOr<std::unique_ptr<Server>> StartServer() {
    auto service = std::make_unique<Service>("trialgate.v1.AuditService");
    service->Handle<Request, Response>("ListAuditEvents",
                                       [this](const CallContext& call, const Request& request) {
                                         return handler_(call, request);
                                       });
    std::vector<std::unique_ptr<Service>> services;
    services.push_back(std::move(service));
    return Server::Start(options_, std::move(services));
  }

  void Start() {
    ASSERT_OK_AND_ASSIGN(server_, StartServer());
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
    stub_ = v1::AuditService::NewStub(channel_);
  }

  absl::Status List(const std::string& principal = "auditor::dan") {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    if (!principal.empty()) context.AddMetadata(kPrincipalHeader, principal);
    return FromGrpcStatus(stub_->ListAuditEvents(&context, Request(), &response_));
  }

  // A unary call of bytes.
  absl::Status CallRaw(const std::string& path, const std::string& bytes, std::string* answer) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    context.AddMetadata(kPrincipalHeader, "auditor::dan");
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC,
                                           channel_);
    const grpc::Status status =
        grpc::internal::BlockingUnaryCall(channel_.get(), method, &context, request, &response);
    grpc::Slice joined;
    if (answer != nullptr && response.Valid() && response.DumpToSingleSlice(&joined).ok()) {
      answer->assign(reinterpret_cast<const char*>(joined.begin()), joined.size());
    }
    return FromGrpcStatus(status);
  }

  const std::unique_ptr<Authenticator> authenticator_ = NewInsecureAuthenticator();
  ServerOptions options_;
  obs::MetricsRegistry metrics_;
  Handler handler_ = [](const CallContext&, const Request&) { return Response(); };
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AuditService::Stub> stub_;
  Response response_;
};

TEST_F(ServerTest, AnswersWithWhatTheHandlerReturned) {
  handler_ = [](const CallContext& call, const Request&) {
    Response response;
    response.set_next_page_token(call.principal.subject());
    return response;
  };
  Start();
  EXPECT_OK(List("auditor::carol"));
  EXPECT_EQ(response_.next_page_token(), "carol");
}

TEST_F(ServerTest, AnErrorArrivesWithItsDetails) {
  handler_ = [](const CallContext&, const Request&) -> absl::StatusOr<Response> {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_FREE_SLOT, "full")
        .WithMetadata("sites", "sites/x");
  };
  Start();
  const absl::Status status = List();
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, "full"),
                            HasReason(v1::ERROR_REASON_NO_FREE_SLOT)));
  EXPECT_EQ(MetadataOf(status)["sites"], "sites/x");
}

TEST_F(ServerTest, WithoutAPrincipalACallIsUnauthenticated) {
  Start();
  EXPECT_THAT(List(""), HasReason(v1::ERROR_REASON_NO_PRINCIPAL));
}

TEST_F(ServerTest, TextThatIsNotUtf8IsInvalidArgumentAndNamesTheField) {
  Start();
  const absl::Status status =
      CallRaw("/trialgate.v1.AuditService/ListAuditEvents", "\x1a\x02\xc3\x28", nullptr);
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                            HasReason(v1::ERROR_REASON_INVALID_FIELDS)));
  ASSERT_EQ(FieldViolationsOf(status).size(), 1u);
  EXPECT_EQ(FieldViolationsOf(status)[0].field, "resource");
  EXPECT_EQ(FieldViolationsOf(status)[0].reason, v1::ERROR_REASON_INVALID_UTF8);
}

TEST_F(ServerTest, AMethodThatItDoesNotHaveIsUnimplemented) {
  Start();
  EXPECT_THAT(CallRaw("/trialgate.v1.AuditService/Nope", "", nullptr),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(ServerTest, AMessageBeyondTheLimitIsRefusedByGrpcAndCountedAsCancelled) {
  options_.max_receive_bytes = 1000;
  Start();
  EXPECT_THAT(
      CallRaw("/trialgate.v1.AuditService/ListAuditEvents", std::string(2000, 'x'), nullptr),
      AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
            HasReason(v1::ERROR_REASON_UNSPECIFIED)));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("grpc_server_handled_total{grpc_code=\"Canceled\","
                        "grpc_method=\"ListAuditEvents\",grpc_service="
                        "\"trialgate.v1.AuditService\",grpc_type=\"unary\"} 1\n"));
}

TEST_F(ServerTest, ACallTooManyIsTurnedAwayAndTheOthersAreAnswered) {
  std::latch started(1);
  std::latch go(1);
  handler_ = [&](const CallContext&, const Request&) {
    started.count_down();
    go.wait();
    return Response();
  };
  options_.max_calls_in_flight = 1;
  Start();
  auto first = std::async(std::launch::async, [this] {
    grpc::ClientContext context;
    context.AddMetadata(kPrincipalHeader, "auditor::dan");
    Response response;
    return FromGrpcStatus(stub_->ListAuditEvents(&context, Request(), &response));
  });
  started.wait();
  const absl::Status second = List();
  EXPECT_THAT(second, AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                            HasReason(v1::ERROR_REASON_OVERLOADED)));
  EXPECT_GT(RetryAfterOf(second), absl::ZeroDuration());
  go.count_down();
  EXPECT_OK(first.get());
}

TEST_F(ServerTest, HealthIsToldForEveryService) {
  Start();
  const std::string kServing = "\x08\x01";
  const std::string kNotServing = "\x08\x02";
  const std::string kAudit = "\x0a\x19trialgate.v1.AuditService";
  std::string answer;
  for (const std::string& service : {std::string(), kAudit}) {
    EXPECT_OK(CallRaw("/grpc.health.v1.Health/Check", service, &answer));
    EXPECT_EQ(answer, kServing);
  }
  EXPECT_THAT(CallRaw("/grpc.health.v1.Health/Check", "\x0a\x04nope", nullptr),
              StatusIs(absl::StatusCode::kNotFound));
  server_->SetServing(false);
  EXPECT_OK(CallRaw("/grpc.health.v1.Health/Check", kAudit, &answer));
  EXPECT_EQ(answer, kNotServing);
}

TEST_F(ServerTest, CallsUnderWayAreAnsweredBeforeItShutsDown) {
  std::latch started(1);
  std::latch go(1);
  handler_ = [&](const CallContext&, const Request&) {
    started.count_down();
    go.wait();
    return Response();
  };
  Start();
  auto call = std::async(std::launch::async, [this] { return List(); });
  started.wait();
  std::thread shutdown([this] { server_->Shutdown(absl::Seconds(30)); });
  go.count_down();
  EXPECT_OK(call.get());
  shutdown.join();
  EXPECT_THAT(List(), StatusIs(absl::StatusCode::kUnavailable));
}

// A client that has connected, and then reads nothing, says nothing and stays.
class SilentClient {
 public:
  // HTTP/2's opening words and empty settings, unless it says something else.
  explicit SilentClient(int port, const std::string& hello = std::string(
                                      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 33))
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char byte = 0;
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    if (hello.empty()) return;
    // What the server says first shows that it has the connection.
    connected_ = connected_ && send(socket_, hello.data(), hello.size(), 0) == 33 &&
                 recv(socket_, &byte, 1, 0) == 1;
  }
  ~SilentClient() { close(socket_); }
  SilentClient(const SilentClient&) = delete;
  SilentClient& operator=(const SilentClient&) = delete;

  bool connected() const { return connected_; }
  // Reads on, and returns once the server has closed the connection.
  void WaitUntilClosed() const {
    char bytes[1024];
    while (recv(socket_, bytes, sizeof(bytes), 0) > 0) {
    }
  }

 private:
  const int socket_;
  bool connected_ = false;
};

TEST_F(ServerTest, IdleClientsDoNotDelayTheShutdown) {
  // Ten times the median of what it took on a machine with 2 cores.
  constexpr absl::Duration kBound = absl::Milliseconds(500);
  for (int round = 0; round < 3; ++round) {
    Start();
    EXPECT_OK(List());
    const SilentClient silent(server_->port());
    ASSERT_TRUE(silent.connected());
    const absl::Time start = absl::Now();
    server_->Shutdown(absl::Seconds(10));
    const absl::Duration took = absl::Now() - start;
    EXPECT_LT(took, kBound);
    RecordProperty(absl::StrCat("shutdown_ms_", round), absl::StrCat(took / absl::Milliseconds(1)));
  }
}

TEST_F(ServerTest, ConnectionsThatAreOldOrIdleAreClosed) {
  const absl::Duration soon = absl::Milliseconds(50);
  for (const ConnectionLimits limits :
       {ConnectionLimits{.max_age = soon, .grace = soon}, ConnectionLimits{.max_idle = soon}}) {
    options_.connections = limits;
    Start();
    const SilentClient silent(server_->port());
    ASSERT_TRUE(silent.connected());
    silent.WaitUntilClosed();
    EXPECT_OK(List());
  }
}

TEST_F(ServerTest, AConnectionThatBeginsNothingIsClosed) {
  const SystemClock clock;
  const TlsFolder folder(absl::Now());
  ASSERT_OK_AND_ASSIGN(const auto tls, TlsReloader::Start({folder.files, absl::InfiniteDuration()},
                                                          &clock, &metrics_));
  options_.insecure_dev = false;
  options_.tls = tls.get();
  options_.connections.handshake = absl::Milliseconds(50);
  Start();
  // Its hello is none of TLS, so it is read and then dropped; to say nothing takes the time limit.
  const SilentClient silent(server_->port(), "");
  silent.WaitUntilClosed();
}

TEST_F(ServerTest, ReflectionAnswersOnlyWhereItIsAskedFor) {
  const std::string path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  Start();
  EXPECT_THAT(CallRaw(path, "", nullptr), StatusIs(absl::StatusCode::kUnimplemented));
  options_.reflection = true;
  Start();
  EXPECT_THAT(CallRaw(path, "", nullptr), Not(StatusIs(absl::StatusCode::kUnimplemented)));
  options_.reflection = false;
  Start();
  EXPECT_THAT(CallRaw(path, "", nullptr), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(ServerTest, ALongAnswerIsSentWholeBeforeItShutsDown) {
  constexpr std::size_t kBytes = 3 << 20;
  std::latch started(1);
  std::latch go(1);
  handler_ = [&](const CallContext&, const Request&) {
    started.count_down();
    go.wait();
    Response response;
    response.set_next_page_token(std::string(kBytes, 'x'));
    return response;
  };
  Start();
  auto call = std::async(std::launch::async, [this] { return List(); });
  started.wait();
  std::thread shutdown([this] { server_->Shutdown(absl::Seconds(60)); });
  go.count_down();
  EXPECT_OK(call.get());
  EXPECT_EQ(response_.next_page_token().size(), kBytes);
  shutdown.join();
}

TEST_F(ServerTest, APortInUseIsRefusedAndNamed) {
  Start();
  options_.listen = absl::StrCat("127.0.0.1:", server_->port());
  const auto second = StartServer();
  EXPECT_THAT(second,
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             AllOf(HasSubstr(options_.listen), HasSubstr("another process"))),
                    HasReason(v1::ERROR_REASON_CONFIGURATION)));
  EXPECT_OK(List());
}

TEST_F(ServerTest, WithoutIdentityItListensOnLoopbackOnly) {
  for (const std::string address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    options_.listen = address;
    EXPECT_THAT(StartServer(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        AllOf(HasSubstr(address), HasSubstr("loopback"))));
  }
}

TEST_F(ServerTest, WithNeitherTlsNorInsecureDevItDoesNotStart) {
  options_.insecure_dev = false;
  EXPECT_THAT(StartServer(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--insecure-dev")));
}

TEST_F(ServerTest, WithTlsItTakesAnyAddressButNotInsecureDevBesides) {
  const SystemClock clock;
  const TlsFolder folder(absl::Now());
  ASSERT_OK_AND_ASSIGN(const auto tls, TlsReloader::Start({folder.files, absl::InfiniteDuration()},
                                                          &clock, &metrics_));
  options_.tls = tls.get();
  EXPECT_THAT(Server::Check(options_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                HasSubstr("--insecure-dev is without TLS")));
  options_.insecure_dev = false;
  for (const std::string address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "127.0.0.1:0"}) {
    options_.listen = address;
    EXPECT_OK(Server::Check(options_));
  }
  options_.listen = "127.0.0.1:0";
  Start();
  EXPECT_THAT(List(), StatusIs(absl::StatusCode::kUnavailable));  // a client without TLS
}

}  // namespace
}  // namespace trialgate::rpc
