#include "common/rpc/server.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <cstdint>
#include <future>
#include <limits>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/config/listen_address.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "common/rpc/call_runner.h"
#include "common/rpc/open_calls.h"
#include "common/rpc/raw_service.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

// A client may ask for a sign of life this often, and no more than twice without a call.
constexpr int kMinPingIntervalMs = 10'000;
constexpr int kMaxPingStrikes = 2;
// The server asks for one after this, and gives up on a client that is silent for so long.
constexpr int kKeepaliveMs = 120'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kMaxStreamsPerConnection = 1000;
// Once no call is under way, clients have this long to see that the server ends and to close their
// connections. Idle ones of gRPC read theirs every 5 seconds only.
constexpr absl::Duration kFarewell = absl::Milliseconds(50);

absl::Status CheckAddress(const ServerOptions& options, const config::ListenAddress& address) {
  absl::string_view why;
  if (options.insecure_dev) {
    if (options.tls == nullptr && address.loopback) return absl::OkStatus();
    why = options.tls == nullptr
              ? "--insecure-dev believes every client who it says it is, so it listens on loopback "
                "only"
              : "--insecure-dev is without TLS";
  } else {
    if (options.tls != nullptr) return absl::OkStatus();
    why = "without TLS (--tls-certificate) it runs with --insecure-dev on loopback only";
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("cannot listen on ", options.listen, ": ", why))
      .WithMetadata("address", options.listen);
}

// Where gRPC found a fault, for those who debug it: failures that matter reach the log through us.
// Its words are dropped at every level, whatever the environment asks for: they hold what clients
// sent, tokens and texts among it.
void LogGrpc(gpr_log_func_args* arguments) {
  if (arguments->severity != GPR_LOG_SEVERITY_ERROR) return;
  obs::LogLine(obs::Level::kDebug, "grpc")
      .With("file", obs::Public(arguments->file))
      .With("line", arguments->line);
}

// Reflection for one server or not: gRPC's library switches it on for every server of a process
// that links it.
class Reflection final : public grpc::ServerBuilderOption {
 public:
  explicit Reflection(bool wanted) : wanted_(wanted) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    auto reflection = std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>();
    std::erase_if(*plugins, [&](const auto& p) { return p->name() == reflection->name(); });
    if (wanted_) plugins->push_back(std::move(reflection));
  }

 private:
  const bool wanted_;
};

// What is global in the libraries, set once for the process.
void SetUpLibraries() {
  static std::once_flag once;
  std::call_once(once, [] {
    // A message with bad UTF-8 is answered; protobuf must not also print it.
    google::protobuf::SetLogHandler(nullptr);
    gpr_set_log_function(LogGrpc);
    grpc::EnableDefaultHealthCheckService(true);
  });
}

int Millis(absl::Duration duration) {
  return static_cast<int>(
      std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 1, std::numeric_limits<int>::max()));
}

void SetConnectionLimits(const ConnectionLimits& limits, grpc::ServerBuilder* builder) {
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(limits.max_age));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(limits.grace));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(limits.max_idle));
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(limits.handshake));
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder* builder) {
  builder->SetResourceQuota(grpc::ResourceQuota("calls").Resize(options.max_memory_bytes));
  builder->SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  // Nothing is gathered that only channelz would tell, which is never served.
  builder->AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  // Else two servers would share a port, and each get some of the calls.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kMinPingIntervalMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes);
  SetConnectionLimits(options.connections, builder);
  // Reflection is all that uses gRPC's own threads.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

CallRunnerOptions RunnerOptions(const ServerOptions& options) {
  CallRunnerOptions runner;
  runner.max_in_flight = options.max_calls_in_flight;
  runner.threads = options.worker_threads;
  runner.max_bytes = options.max_request_bytes_in_flight;
  runner.max_duration = options.max_call_duration;
  runner.authenticator = options.authenticator;
  runner.rate_gate = options.rate_gate;
  runner.message_guard = options.message_guard;
  runner.read_recorder = options.read_recorder;
  runner.streams = options.streams;
  return runner;
}

class GrpcServer final : public Server {
 public:
  GrpcServer(const ServerOptions& options, std::vector<std::unique_ptr<Service>> services)
      : options_(options), runner_(RunnerOptions(options)) {
    for (auto& service : services) {
      services_.push_back(
          std::make_unique<RawService>(std::move(service), &runner_, &calls_, options.metrics));
    }
  }
  ~GrpcServer() override { Shutdown(absl::ZeroDuration()); }

  absl::Status Listen() {
    ABSL_ASSIGN_OR_RETURN(const config::ListenAddress address,
                          config::ParseListenAddress(options_.listen));
    ABSL_RETURN_IF_ERROR(CheckAddress(options_, address));
    SetUpLibraries();
    grpc::ServerBuilder builder;
    SetLimits(options_, &builder);
    builder.SetOption(std::make_unique<Reflection>(options_.reflection));
    if (options_.tls != nullptr) {
      credentials_ = NewTlsCredentials(options_.tls, options_.client_certificates);
    } else {
      credentials_ = grpc::InsecureServerCredentials();
    }
    builder.AddListeningPort(config::FormatHostPort(address), credentials_, &port_);
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ <= 0) {
      return config::ListenError(address, options_.listen, "--listen");
    }
    SetServing(true);
    if (options_.insecure_dev) {
      // At the level that every setting of the log shows.
      obs::LogLine(obs::Level::kError, "insecure_dev")
          .With("address", obs::Public(options_.listen))
          .With("warning",
                "every client is believed who it says it is; never use this for real data");
    }
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void SetServing(bool serving) override {
    grpc::HealthCheckServiceInterface* const health = server_->GetHealthCheckService();
    health->SetServingStatus("", serving);
    for (const auto& service : services_) {
      health->SetServingStatus(service->service().full_name(), serving);
    }
  }

  void Shutdown(absl::Duration grace) override {
    std::call_once(shut_down_, [&] {
      if (server_ == nullptr) return;
      server_->GetHealthCheckService()->Shutdown();
      const absl::Time end = absl::Now() + grace;
      // Takes no more calls, then waits until every connection is closed.
      std::future<void> closed =
          std::async(std::launch::async, [&] { server_->Shutdown(absl::ToChronoTime(end)); });
      runner_.CloseStreams();
      if (calls_.WaitForNone(grace)) {
        closed.wait_for(absl::ToChronoMilliseconds(kFarewell));
        grpc_server_cancel_all_calls(server_->c_server());
      }
      closed.get();
      runner_.WaitUntilIdle();
    });
  }

 private:
  const ServerOptions options_;
  CallRunner runner_;
  OpenCalls calls_;
  std::vector<std::unique_ptr<RawService>> services_;
  int port_ = 0;
  std::once_flag shut_down_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<grpc::Server> server_;  // last: it calls the services and the credentials
};

}  // namespace

absl::Status Server::Check(const ServerOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const config::ListenAddress address,
                        config::ParseListenAddress(options.listen));
  return CheckAddress(options, address);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options, std::vector<std::unique_ptr<Service>> services) {
  auto server = std::make_unique<GrpcServer>(options, std::move(services));
  ABSL_RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace trialgate::rpc
