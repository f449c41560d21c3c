#include "services/server/server_config.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/config/settings.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {
namespace {

constexpr char kUsage[] =
    "trialgate-server: the national entry point for clinical trials.\n\n"
    "  trialgate-server --data-dir=FOLDER --tls-certificate=FILE --tls-key=FILE "
    "--tls-client-ca=FILE\n"
    "  trialgate-server --data-dir=FOLDER --insecure-dev\n\n";

// Values that need more than their type.
struct RawValues {
  std::string log_level = "info";
  std::string test_clock;
  int shutdown_grace_seconds = 20;
  int audit_checkpoint_minutes = 10;
};

void Declare(ServerConfig* config, RawValues* raw, config::Settings* settings) {
  settings->AddChoice("store", "where data lies", {"rocksdb", "memory"}, &config->store);
  settings->Add("data-dir", "FOLDER", "the folder of the rocksdb store; created if absent",
                &config->data_dir);
  settings->Add("listen", "HOST:PORT", "where gRPC is served; port 0 takes a free one",
                &config->listen);
  settings->Add("metrics-listen", "HOST:PORT",
                "where /metrics, /livez and /readyz are served; port 0 takes a free one",
                &config->metrics_listen);
  settings->Add(
      "metrics-public",
      "let --metrics-listen be an address that other machines reach: metrics hold numbers "
      "and names of desks and regions, no content, and are told to anyone who asks",
      &config->metrics_public);
  settings->Add("port-file", "FILE", "JSON file to write the addresses to once they are served",
                &config->port_file);
  settings->Add("insecure-dev",
                "believe every client who it says it is; on loopback only, never with real data",
                &config->insecure_dev);
  settings->Add("tls-certificate", "FILE",
                "the server's certificate, and those that lead to its root, in PEM",
                &config->tls.certificate);
  settings->Add("tls-key", "FILE", "the certificate's private key in PEM, without a password",
                &config->tls.key);
  settings->Add("tls-client-ca", "FILE",
                "the authorities, with intermediate ones, of clients' certificates, in PEM",
                &config->tls.client_ca);
  settings->Add("tls-crl", "FILE",
                "revocation lists in PEM, one of each authority that issues to clients",
                &config->tls.crl);
  settings->AddChoice("log-level", "the least level that is logged",
                      {"debug", "info", "warning", "error"}, &raw->log_level);
  settings->Add("max-calls-in-flight", "N", "calls under way at most; more are turned away",
                &config->max_calls_in_flight, {1, 100'000});
  settings->Add("worker-threads", "N", "threads that work on calls", &config->worker_threads,
                {1, 1024});
  settings->Add("audit-key", "FILE",
                "Ed25519 private key (PEM) that signs checkpoints of the audit trail; made by "
                "`trialgate audit make-key`",
                &config->audit_key);
  settings->Add("audit-public-keys", "FILE",
                "public keys (PEM, one after the other) of checkpoints that earlier keys signed",
                &config->audit_public_keys);
  settings->Add("audit-checkpoint-commits", "N", "commits after which a checkpoint is signed",
                &config->audit_checkpoint_commits, {1, 1'000'000});
  settings->Add("audit-checkpoint-minutes", "N",
                "time after which a checkpoint is signed if there was any commit",
                &raw->audit_checkpoint_minutes, {1, 1440});
  settings->Add("shutdown-grace-seconds", "N", "time for calls under way when asked to end",
                &raw->shutdown_grace_seconds, {0, 3600});
  settings->Add("test-clock", "RFC3339",
                "start the server's clock at this instant; for tests, with --insecure-dev only",
                &raw->test_clock);
}

absl::Status SetTestClock(const std::string& text, ServerConfig* config) {
  if (text.empty()) return absl::OkStatus();
  FieldFaults faults;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    faults.Add("--test-clock", v1::ERROR_REASON_INVALID_FORMAT,
               "must be an instant such as 2026-11-23T09:00:00+01:00");
  }
  if (!config->insecure_dev) {
    faults.Add("--test-clock", v1::ERROR_REASON_CONTRADICTION,
               "is for tests: it needs --insecure-dev");
  }
  config->test_clock = time;
  return faults.ToStatus();
}

// Either nobody is believed without proof, or everybody is.
absl::Status CheckIdentity(const ServerConfig& config) {
  FieldFaults faults;
  const rpc::TlsFiles& tls = config.tls;
  const std::pair<const char*, const std::string*> settings[] = {
      {"--tls-certificate", &tls.certificate},
      {"--tls-key", &tls.key},
      {"--tls-client-ca", &tls.client_ca},
      {"--tls-crl", &tls.crl}};
  for (const auto& [name, value] : settings) {
    if (config.insecure_dev && !value->empty()) {
      faults.Add(name, v1::ERROR_REASON_CONTRADICTION, "is not for --insecure-dev");
    }
    if (!config.insecure_dev && value->empty() && value != &tls.crl) {
      faults.Add(name, v1::ERROR_REASON_REQUIRED,
                 "must be given; or, on a machine for development, --insecure-dev");
    }
  }
  return faults.ToStatus();
}

}  // namespace

absl::StatusOr<ServerConfig> ReadServerConfig(
    const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment) {
  ServerConfig config;
  RawValues raw;
  config::Settings settings("TRIALGATE_SERVER_");
  Declare(&config, &raw, &settings);
  ABSL_RETURN_IF_ERROR(settings.Load(arguments, environment));
  ABSL_RETURN_IF_ERROR(SetTestClock(raw.test_clock, &config));
  config.log_level = obs::ParseLevel(raw.log_level).value_or(obs::Level::kInfo);
  config.audit_checkpoint_interval = absl::Minutes(raw.audit_checkpoint_minutes);
  config.shutdown_grace = absl::Seconds(raw.shutdown_grace_seconds);
  if (settings.help_asked()) {
    config.print = absl::StrCat(kUsage, settings.Help());
  } else if (settings.print_asked()) {
    config.print = settings.Print();
  }
  if (!config.print.has_value()) ABSL_RETURN_IF_ERROR(CheckIdentity(config));
  return config;
}

std::map<std::string, std::string> ProcessEnvironment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

}  // namespace trialgate::server
