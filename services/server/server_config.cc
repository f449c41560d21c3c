#include "services/server/server_config.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
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
  int max_connection_age_seconds = 3600;
  int max_connection_idle_seconds = 900;
  int max_call_seconds = 300;
  int max_stream_seconds = 3600;
  int max_stream_write_seconds = 30;
  int stream_token_seconds = 300;
  int stream_proof_seconds = 60;
  int audit_checkpoint_minutes = 10;
};

void DeclareTokens(TokenSettings* tokens, config::Settings* settings) {
  settings->Add("token-issuer", "URL",
                "take access tokens (JWT) of this OpenID provider; what their \"iss\" must be",
                &tokens->config.issuer);
  settings->Add("token-audience", "TEXT",
                "what the tokens' \"aud\" must have: a name of this service",
                &tokens->config.audience);
  settings->Add("token-jwks", "FILE|URL",
                "the provider's keys; without it the issuer's discovery document says where",
                &tokens->jwks);
  settings->Add("token-ca", "FILE", "the authorities of the provider's own certificate, in PEM",
                &tokens->ca_file);
  settings->Add("token-role-claim", "NAME", "the claim that says the role",
                &tokens->config.role_claim);
  settings->Add("token-organization-claim", "NAME",
                "the claim that says a requester's organization",
                &tokens->config.organization_claim);
  settings->Add("token-desks-claim", "NAME", "the claim that says a coordinator's desks",
                &tokens->config.desks_claim);
  settings->Add("token-typ-required",
                "take only tokens that say they are access tokens (\"typ\" at+jwt, RFC 9068)",
                &tokens->config.require_access_token_type);
}

void DeclareRates(rpc::RateLimits* rates, config::Settings* settings) {
  struct Flag {
    const char* name;
    const char* help;
    rpc::RateLimit* target;
  };
  for (const Flag& flag : {
           Flag{"rate-read", "reads of one resource that a caller may make", &rates->read},
           Flag{"rate-list", "lists that a caller may ask for", &rates->list},
           Flag{"rate-write", "changes that a caller may make", &rates->write},
           Flag{"rate-match", "matches, submits among them, that a caller may ask for",
                &rates->match},
           Flag{"rate-bulk",
                "calls that work through much (packs, trail, study records) that a "
                "caller may make",
                &rates->bulk},
           Flag{"rate-watch", "streams that a caller may open", &rates->watch},
           Flag{"rate-failed-logins",
                "calls from one address that may fail to prove who calls, before it is refused "
                "unheard",
                &rates->failed_logins},
       }) {
    settings->AddParsed<rpc::RateLimit>(
        flag.name, "N/UNIT:BURST", flag.help, flag.target,
        "such as 200/s:400 (200 a second, 400 at once; units s, m, h), or unlimited",
        &rpc::ParseRateLimit, &rpc::FormatRateLimit);
  }
  settings->Add("rate-organization-factor", "N",
                "the callers of one organization together may do N times what one may",
                &rates->organization_factor, {1, 1000});
}

void Declare(ServerConfig* config, RawValues* raw, config::Settings* settings) {
  settings->AddChoice("store", "where data lies", {"rocksdb", "memory"}, &config->store);
  settings->Add("data-dir", "FOLDER", "the folder of the rocksdb store; created if absent",
                &config->data_dir);
  settings->Add(
      "keys-dir", "FOLDER",
      "the folder of the keys of persons' fields, never below the data folder; absent: the "
      "data folder's name with -keys",
      &config->keys_dir);
  settings->Add(
      "give-up-lost-keys",
      "start although keys of persons' fields are lost, and count these persons as erased",
      &config->give_up_lost_keys);
  settings->Add("replaced-keys-days", "N",
                "days for which keys of persons' fields that were replaced are kept, so that a "
                "backup of the data made before shows them; then they are destroyed",
                &config->replaced_keys_days, {0, 366});
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
  settings->Add("operator-listen", "HOST:PORT",
                "where operators are served (status, log level, drain, backup), apart from all "
                "others; unless given, nowhere",
                &config->operator_listen);
  settings->Add("backup-dir", "FOLDER",
                "the folder below which operators' backups are made; should lie on another disk",
                &config->backup_dir);
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
  DeclareTokens(&config->tokens, settings);
  settings->AddChoice("log-level", "the least level that is logged",
                      {"debug", "info", "warning", "error"}, &raw->log_level);
  settings->Add("max-calls-in-flight", "N", "calls under way at most; more are turned away",
                &config->max_calls_in_flight, {1, 100'000});
  settings->Add("worker-threads", "N", "threads that work on calls", &config->worker_threads,
                {1, 1024});
  settings->Add(
      "max-connection-age-seconds", "N",
      "a connection's age, give or take a tenth, from which its client has to open another",
      &raw->max_connection_age_seconds, {10, 86'400});
  settings->Add("max-connection-idle-seconds", "N",
                "time without a call after which a connection is closed",
                &raw->max_connection_idle_seconds, {10, 86'400});
  settings->Add("max-streams", "N", "streams that are open at most; more are turned away",
                &config->streams.max_streams, {1, 100'000});
  settings->Add("max-streams-per-caller", "N",
                "streams of one caller that are open at most; an organization may have as many "
                "times that as --rate-organization-factor says",
                &config->streams.max_per_caller, {1, 10'000});
  settings->Add("stream-threads", "N", "threads that make the messages of streams",
                &config->streams.threads, {1, 256});
  settings->Add("max-stream-seconds", "N",
                "a stream's age at most; then its client goes on with a new one",
                &raw->max_stream_seconds, {1, 86'400});
  settings->Add("max-stream-write-seconds", "N",
                "time for a stream's client to take a message; a slower one is closed",
                &raw->max_stream_write_seconds, {1, 3600});
  settings->Add("stream-token-seconds", "N",
                "age from which a stream's token is renewed, if anything was committed",
                &raw->stream_token_seconds, {1, 86'400});
  settings->Add("stream-proof-seconds", "N",
                "time after which it is tested again that the caller of a stream is who it was, by "
                "its certificate or token",
                &raw->stream_proof_seconds, {1, 3600});
  settings->Add("reflection",
                "tell clients by gRPC reflection which services, methods and messages there are",
                &config->reflection);
  settings->Add("max-call-seconds", "N",
                "a call's deadline at most, and that of one without; it is not begun after",
                &raw->max_call_seconds, {1, 86'400});
  DeclareRates(&config->rates, settings);
  settings->Add("audit-key", "FILE",
                "Ed25519 private key (PEM) that signs checkpoints of the audit trail; made by "
                "`trialgate audit make-key`",
                &config->audit_key);
  settings->Add("audit-public-keys", "FILE",
                "public keys (PEM, one after the other) of checkpoints that earlier keys signed",
                &config->audit_public_keys);
  settings->Add(
      "audit-witness", "FILE",
      "where the last signed commit is noted, not in the data folder (FILE of --audit-key "
      "with .last); the server refuses to start with a trail that does not go on from it",
      &config->audit_witness);
  settings->Add("audit-accept-restored", "N",
                "start with a restored trail whose last event is N; an event says so",
                &config->audit_accept_restored, {0, 2'000'000'000});
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

// What a server that takes tokens needs; one that takes none needs nothing of it.
void CheckTokens(const ServerConfig& config, FieldFaults* faults) {
  const TokenSettings& tokens = config.tokens;
  const std::pair<const char*, const std::string*> settings[] = {
      {"--token-issuer", &tokens.config.issuer},
      {"--token-audience", &tokens.config.audience},
      {"--token-jwks", &tokens.jwks},
      {"--token-ca", &tokens.ca_file}};
  const bool any = std::any_of(std::begin(settings), std::end(settings),
                               [](const auto& setting) { return !setting.second->empty(); });
  for (const auto& [name, value] : settings) {
    if (config.insecure_dev && !value->empty()) {
      faults->Add(name, v1::ERROR_REASON_CONTRADICTION, "is not for --insecure-dev");
    }
    const bool required = value == &tokens.config.issuer || value == &tokens.config.audience;
    if (!config.insecure_dev && any && required && value->empty()) {
      faults->Add(name, v1::ERROR_REASON_REQUIRED, "must be given for access tokens to be taken");
    }
  }
}

// Either nobody is believed without proof, or everybody is.
absl::Status CheckIdentity(const ServerConfig& config) {
  FieldFaults faults;
  CheckTokens(config, &faults);
  const rpc::TlsFiles& tls = config.tls;
  const bool tokens = !config.tokens.config.issuer.empty();
  const std::pair<const char*, const std::string*> settings[] = {
      {"--tls-certificate", &tls.certificate},
      {"--tls-key", &tls.key},
      {"--tls-client-ca", &tls.client_ca},
      {"--tls-crl", &tls.crl}};
  for (const auto& [name, value] : settings) {
    if (config.insecure_dev && !value->empty()) {
      faults.Add(name, v1::ERROR_REASON_CONTRADICTION, "is not for --insecure-dev");
    }
    const bool required = value != &tls.crl && !(tokens && value == &tls.client_ca);
    if (!config.insecure_dev && required && value->empty()) {
      faults.Add(name, v1::ERROR_REASON_REQUIRED,
                 "must be given; or, on a machine for development, --insecure-dev");
    }
  }
  return faults.ToStatus();
}

absl::Status SetKeysDir(ServerConfig* config) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path data = fs::weakly_canonical(fs::absolute(config->data_dir), error);
  // "data/" is the folder "data".
  const fs::path named = data.filename().empty() ? data.parent_path() : data;
  if (config->keys_dir.empty()) config->keys_dir = absl::StrCat(named.string(), "-keys");
  const fs::path keys = fs::weakly_canonical(fs::absolute(config->keys_dir), error);
  const bool below =
      std::mismatch(named.begin(), named.end(), keys.begin(), keys.end()).first == named.end();
  if (!below || config->store == "memory") return absl::OkStatus();
  FieldFaults faults;
  faults.Add("--keys-dir", v1::ERROR_REASON_CONTRADICTION,
             "must not lie in the data folder: its copies would hold the keys, and nobody could be "
             "erased from them");
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
  ABSL_RETURN_IF_ERROR(SetKeysDir(&config));
  if (config.audit_witness.empty() && !config.audit_key.empty()) {
    config.audit_witness = absl::StrCat(config.audit_key, ".last");
  }
  config.log_level = obs::ParseLevel(raw.log_level).value_or(obs::Level::kInfo);
  config.connections.max_age = absl::Seconds(raw.max_connection_age_seconds);
  config.connections.max_idle = absl::Seconds(raw.max_connection_idle_seconds);
  config.max_call_duration = absl::Seconds(raw.max_call_seconds);
  config.streams.organization_factor = config.rates.organization_factor;
  config.streams.max_age = absl::Seconds(raw.max_stream_seconds);
  config.streams.max_write = absl::Seconds(raw.max_stream_write_seconds);
  config.streams.token_interval = absl::Seconds(raw.stream_token_seconds);
  config.streams.proof_interval = absl::Seconds(raw.stream_proof_seconds);
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
