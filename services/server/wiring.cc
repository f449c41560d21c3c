#include "services/server/wiring.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/config/listen_address.h"
#include "common/keys/key_store.h"
#include "common/obs/http_server.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "common/obs/process_metrics.h"
#include "common/rpc/rate_limiter.h"
#include "common/rpc/server.h"
#include "common/store/memory_store.h"
#include "common/store/rocksdb_store.h"
#include "services/audit/checkpoint_app.h"
#include "services/audit/read_audit_app.h"
#include "services/audit/trail_witness_app.h"
#include "services/server/apps.h"
#include "services/server/audit_keys.h"
#include "services/server/caller_identity.h"
#include "services/server/domain_metrics.h"
#include "services/server/person_keys.h"
#include "services/server/port_file.h"
#include "services/server/readiness.h"
#include "services/server/shifted_clock.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {
namespace {

// Of the operators' listener.
constexpr int kOperatorCallsInFlight = 16;
constexpr int kOperatorThreads = 4;
constexpr int kOperatorReceiveBytes = 64 << 10;

std::unique_ptr<Clock> MakeClock(const ServerConfig& config) {
  if (!config.test_clock.has_value()) return std::make_unique<SystemClock>();
  obs::LogLine(obs::Level::kWarning, "test_clock")
      .With("start", obs::Public(absl::FormatTime(*config.test_clock, absl::UTCTimeZone())))
      .With("warning", "dates and deadlines are not real");
  return std::make_unique<ShiftedClock>(*config.test_clock);
}

absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(const ServerConfig& config,
                                                        const store::StoreOptions& options) {
  if (config.store == "memory") {
    obs::LogLine(obs::Level::kWarning, "memory_store")
        .With("warning", "everything is gone when the server ends");
    return store::NewMemoryStore(options);
  }
  store::RocksDbStoreOptions rocksdb;
  rocksdb.folder = config.data_dir;
  rocksdb.store = options;
  return store::OpenRocksDbStore(rocksdb);
}

// Anybody who reaches the address may read what is told there.
absl::Status CheckMetricsAddress(const ServerConfig& config) {
  ABSL_ASSIGN_OR_RETURN(const config::ListenAddress address,
                        config::ParseListenAddress(config.metrics_listen));
  if (address.loopback || config.metrics_public) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("cannot tell metrics on ", config.metrics_listen,
                            ": it is not loopback; --metrics-public permits that"))
      .WithMetadata("address", config.metrics_listen);
}

class Wiring final : public TrialgateServer {
 public:
  explicit Wiring(const ServerConfig& config)
      : config_(config),
        clock_(MakeClock(config)),
        rate_limiter_(RateOptions()),
        operator_rate_limiter_(RateOptions()),
        commit_metrics_(&metrics_),
        match_seconds_(metrics_.AddHistogram("trialgate_match_seconds",
                                             "Seconds in which a request was matched.", {},
                                             obs::SecondsBuckets())) {}

  ~Wiring() override {
    readiness_.Unwatch();
    if (rpc_ != nullptr) rpc_->Shutdown(absl::ZeroDuration());
    if (operator_rpc_ != nullptr) operator_rpc_->Shutdown(absl::ZeroDuration());
  }

  absl::Status Start() {
    // Before the data folder is touched.
    ABSL_ASSIGN_OR_RETURN(identity_, CallerIdentity::Start(config_, clock_.get(), &metrics_));
    ABSL_RETURN_IF_ERROR(rpc::Server::Check(RpcOptions()));
    ABSL_RETURN_IF_ERROR(CheckMetricsAddress(config_));
    if (!config_.operator_listen.empty()) {
      ABSL_RETURN_IF_ERROR(rpc::Server::Check(OperatorRpcOptions()));
    }
    ABSL_ASSIGN_OR_RETURN(const AuditKeys audit_keys,
                          ReadAuditKeys(config_.audit_key, config_.audit_public_keys));
    ABSL_RETURN_IF_ERROR(StartStore());
    ABSL_RETURN_IF_ERROR(CheckTrail());
    ABSL_ASSIGN_OR_RETURN(keys_, OpenPersonKeys(config_, *store_, clock_->Now(), &ids_));
    StartAudit(audit_keys);
    apps_ = std::make_unique<Apps>(
        store_.get(), keys_.get(), absl::Hours(24 * config_.replaced_keys_days), clock_.get(),
        &ids_, store::ChainKnowledge{audit_keys.known, {}},
        [this](absl::Duration d) { match_seconds_.Observe(absl::ToDoubleSeconds(d)); },
        [this] { readiness_.Update(); });
    ABSL_RETURN_IF_ERROR(apps_->Start());
    AddMetrics();
    ABSL_RETURN_IF_ERROR(Listen());
    if (!config_.port_file.empty()) {
      ABSL_RETURN_IF_ERROR(WritePortFile(
          config_.port_file, {listen_address(), metrics_address(), operator_address()}));
    }
    LogStart();
    return absl::OkStatus();
  }

  std::string listen_address() const override { return BoundAddress(config_.listen, rpc_->port()); }
  std::string metrics_address() const override {
    return BoundAddress(config_.metrics_listen, http_->port());
  }

  std::string operator_address() const override {
    if (operator_rpc_ == nullptr) return "";
    return BoundAddress(config_.operator_listen, operator_rpc_->port());
  }

  void Drain() override {
    readiness_.Drain();
    rpc_->Shutdown(config_.shutdown_grace);
    if (operator_rpc_ != nullptr) operator_rpc_->Shutdown(config_.shutdown_grace);
    // No call is under way, and nothing is done by itself: the last reads are stored, then all that
    // is there is signed.
    apps_->StopJobs();
    read_audit_->Stop();
    if (checkpoints_ != nullptr) checkpoints_->Stop();
  }

 private:
  absl::Status StartStore() {
    store::StoreOptions options;
    options.clock = clock_.get();
    options.on_batch = [this](const store::BatchTiming& batch) {
      commit_metrics_.Observe(batch);
      readiness_.Update();
    };
    ABSL_ASSIGN_OR_RETURN(store_, OpenStore(config_, options));
    recovered_head_ = store_->Head();
    return absl::OkStatus();
  }

  // Before anything is committed. Of a store in memory no trail is expected.
  absl::Status CheckTrail() {
    if (config_.audit_witness.empty() || config_.store == "memory") return absl::OkStatus();
    witness_.emplace(config_.audit_witness);
    return audit::CheckWitnessedTrail(store_.get(), &ids_, *witness_,
                                      config_.audit_accept_restored);
  }

  void StartAudit(const AuditKeys& keys) {
    read_audit_ = std::make_unique<audit::ReadAuditApp>(store_.get(), clock_.get(), &ids_);
    AddReadAuditMetrics(read_audit_.get(), &metrics_);
    read_audit_->Start();
    if (!keys.signing.has_value()) {
      obs::LogLine(obs::Level::kWarning, "audit_unsigned")
          .With("warning",
                "without --audit-key no checkpoint is signed: who can write the store can write a "
                "new audit trail unseen");
      return;
    }
    audit::CheckpointOptions options;
    options.commits = config_.audit_checkpoint_commits;
    options.interval = config_.audit_checkpoint_interval;
    options.witness = witness_.has_value() ? &*witness_ : nullptr;
    checkpoints_ = std::make_unique<audit::CheckpointApp>(store_.get(), clock_.get(), &ids_,
                                                          *keys.signing, options);
    AddCheckpointMetrics(checkpoints_.get(), &metrics_);
    checkpoints_->Start();
    obs::LogLine(obs::Level::kInfo, "audit_signed")
        .With("key_id", obs::Public(absl::BytesToHexString(keys.signing->public_key().id())));
  }

  void AddMetrics() {
    obs::AddProcessMetrics(&metrics_);
    AddStoreMetrics(store_.get(), &apps_->follower(), &metrics_);
    AddWorldMetrics(&apps_->world(), clock_.get(), &metrics_);
    metrics_
        .AddGauge("trialgate_build_info", "1; the labels say what runs.",
                  {{"version", TRIALGATE_VERSION}})
        .Set(1);
  }

  rpc::RateLimiterOptions RateOptions() {
    rpc::RateLimiterOptions options;
    options.limits = config_.rates;
    options.clock = clock_.get();
    options.metrics = &metrics_;
    return options;
  }

  rpc::ServerOptions RpcOptions() {
    rpc::ServerOptions options;
    options.listen = config_.listen;
    options.insecure_dev = config_.insecure_dev;
    identity_->Apply(&options);
    options.max_calls_in_flight = config_.max_calls_in_flight;
    options.worker_threads = config_.worker_threads;
    options.streams = config_.streams;
    options.connections = config_.connections;
    options.reflection = config_.reflection;
    options.message_guard = apps_ == nullptr ? nullptr : &apps_->people_guard();
    options.max_call_duration = config_.max_call_duration;
    options.rate_gate = &rate_limiter_;
    options.read_recorder = read_audit_.get();
    options.metrics = &metrics_;
    return options;
  }

  // Few callers with threads and rates of their own: operators get through whatever the others do.
  rpc::ServerOptions OperatorRpcOptions() {
    rpc::ServerOptions options = RpcOptions();
    options.listen = config_.operator_listen;
    options.max_calls_in_flight = kOperatorCallsInFlight;
    options.worker_threads = kOperatorThreads;
    options.max_receive_bytes = kOperatorReceiveBytes;
    options.rate_gate = &operator_rate_limiter_;
    return options;
  }

  absl::Status ListenToOperators() {
    operations::ServerControls controls;
    controls.version = TRIALGATE_VERSION;
    controls.store_kind = config_.store;
    controls.backup_dir = config_.backup_dir;
    controls.checks = [this] { return ReadinessChecks(); };
    controls.is_draining = [this] { return readiness_.draining(); };
    controls.drain = [this] { return readiness_.Drain(); };
    ABSL_ASSIGN_OR_RETURN(
        operator_rpc_,
        rpc::Server::Start(OperatorRpcOptions(), apps_->MakeOperatorServices(std::move(controls))));
    return absl::OkStatus();
  }

  absl::Status Listen() {
    ABSL_ASSIGN_OR_RETURN(rpc_, rpc::Server::Start(RpcOptions(), apps_->MakeServices()));
    if (!config_.operator_listen.empty()) ABSL_RETURN_IF_ERROR(ListenToOperators());
    readiness_.Watch(store_.get(), &apps_->follower(),
                     [this](bool ready) { rpc_->SetServing(ready); });
    obs::HttpServerOptions http;
    http.listen = config_.metrics_listen;
    http.metrics = &metrics_;
    http.readiness = [this] { return ReadinessChecks(); };
    ABSL_ASSIGN_OR_RETURN(http_, obs::HttpServer::Start(http));
    return absl::OkStatus();
  }

  std::vector<obs::ReadinessCheck> ReadinessChecks() const {
    std::vector<obs::ReadinessCheck> checks = readiness_.Checks();
    // Without one there is little to do, but applying one is done through this server.
    const auto directory = apps_->world().View()->directory;
    checks.push_back({"pack", true,
                      directory->has_pack() ? directory->settings().country()
                                            : "none yet: `trialgate pack apply`"});
    return checks;
  }

  void LogStart() const {
    obs::LogLine(obs::Level::kInfo, "serving")
        .With("version", TRIALGATE_VERSION)
        .With("store", obs::Public(config_.store))
        .With("data_dir", obs::Public(config_.store == "memory" ? "" : config_.data_dir))
        .With("keys_dir", obs::Public(config_.store == "memory" ? "" : config_.keys_dir))
        .With("head_commit", recovered_head_)
        .With("recovered", recovered_head_ > 0)
        .With("listen", obs::Public(listen_address()))
        .With("metrics_listen", obs::Public(metrics_address()))
        .With("operator_listen", obs::Public(operator_address()));
  }

  // In order of use: each is built on those before it, and goes before them.
  const ServerConfig config_;
  const std::unique_ptr<Clock> clock_;
  RandomIds ids_;
  obs::MetricsRegistry metrics_;
  std::unique_ptr<CallerIdentity> identity_;
  rpc::RateLimiter rate_limiter_;
  rpc::RateLimiter operator_rate_limiter_;
  const CommitMetrics commit_metrics_;
  const obs::Histogram match_seconds_;
  Readiness readiness_;
  std::unique_ptr<store::Store> store_;
  store::CommitNumber recovered_head_ = 0;
  std::unique_ptr<keys::KeyStore> keys_;
  std::optional<audit::TrailWitness> witness_;
  std::unique_ptr<audit::ReadAuditApp> read_audit_;
  std::unique_ptr<audit::CheckpointApp> checkpoints_;
  std::unique_ptr<Apps> apps_;
  std::unique_ptr<rpc::Server> rpc_;
  std::unique_ptr<rpc::Server> operator_rpc_;
  std::unique_ptr<obs::HttpServer> http_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TrialgateServer>> TrialgateServer::Start(
    const ServerConfig& config) {
  obs::SetLogLevel(config.log_level);
  auto server = std::make_unique<Wiring>(config);
  ABSL_RETURN_IF_ERROR(server->Start());
  return server;
}

}  // namespace trialgate::server
