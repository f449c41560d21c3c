// trialgate-load: puts a running server under load on loopback, and checks what must hold
// afterwards.
//
//   trialgate-load run --server 127.0.0.1:7420 --requests 20000 --in-flight 64 --ledger ledger.txt
//   trialgate-load verify --server 127.0.0.1:7420 --ledger ledger.txt --expect 20000
//
// With --pki FOLDER over mutual TLS, with certificates of the folder (see tools/load/client.h).
//
// The server should run with --rate-*=unlimited: a few callers do here what many do in life.
//
// Exit code 0: everything was acknowledged, or holds; 1: not; 2: usage.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/match.h"
#include "tools/load/traffic.h"
#include "tools/load/verify.h"

namespace {

using trialgate::load::RunTraffic;
using trialgate::load::TrafficOptions;
using trialgate::load::TrafficResult;
using trialgate::load::VerifyResult;

int Run(const TrafficOptions& options) {
  const TrafficResult result = RunTraffic(options);
  std::printf(
      "acknowledged %lld, answers %lld, no free slot %lld, capacity changes %lld, failed %lld\n",
      static_cast<long long>(result.acknowledged), static_cast<long long>(result.answers),
      static_cast<long long>(result.no_free_slot), static_cast<long long>(result.capacity_changes),
      static_cast<long long>(result.failed));
  std::printf("%.1f s, %.0f requests/s\n", result.seconds,
              static_cast<double>(result.acknowledged) / result.seconds);
  if (!result.first_error.empty())
    std::fprintf(stderr, "first error: %s\n", result.first_error.c_str());
  return result.failed == 0 && result.acknowledged == options.requests ? 0 : 1;
}

int VerifyAll(const TrafficOptions& options, int64_t expected) {
  const VerifyResult result = trialgate::load::Verify(options.target, options.ledger, expected);
  std::printf(
      "requests %lld, referrals %lld, answers %lld, sites %lld, audit events %lld, faults %zu\n",
      static_cast<long long>(result.requests), static_cast<long long>(result.referrals),
      static_cast<long long>(result.answers), static_cast<long long>(result.sites),
      static_cast<long long>(result.events), result.faults.size());
  for (const std::string& fault : result.faults) std::fprintf(stderr, "fault: %s\n", fault.c_str());
  return result.faults.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load on a running Trialgate server, and checks of what must hold afterwards");
  app.require_subcommand(1);
  TrafficOptions options;
  options.organization = "organizations/nordic-demo-pharma";
  int64_t expected = 0;
  CLI::App* run = app.add_subcommand("run", "Submit, answer and change capacity");
  CLI::App* verify = app.add_subcommand("verify", "Check requests, capacity and audit trail");
  for (CLI::App* command : {run, verify}) {
    command->add_option("--server", options.target.server, "host:port on loopback")->required();
    command->add_option("--pki", options.target.pki,
                        "folder of tools/certificates; else without TLS");
    command->add_option("--ledger", options.ledger, "file of what was acknowledged")->required();
  }
  run->add_option("--requests", options.requests)->check(CLI::Range(1, 1000000));
  run->add_option("--in-flight", options.in_flight)->check(CLI::Range(1, 256));
  run->add_option("--organization", options.organization);
  run->add_option("--patience-seconds", options.patience_seconds)->check(CLI::Range(1, 600));
  run->add_option("--seed", options.seed);
  verify->add_option("--expect", expected, "requests that must be stored in all");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!absl::StartsWith(options.target.server, "127.") &&
      !absl::StartsWith(options.target.server, "localhost:") &&
      !absl::StartsWith(options.target.server, "[::1]")) {
    std::fprintf(stderr, "load goes to loopback only, not to %s\n", options.target.server.c_str());
    return 2;
  }
  return *run ? Run(options) : VerifyAll(options, expected);
}
