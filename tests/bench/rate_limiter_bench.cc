// Nanoseconds of processor time that the rate limiter adds to a call, from 1 and from several
// threads.
//
//   rate_limiter_bench [--seconds=1]
//
// Each thread admits calls of requesters in turn: 1,000 subjects of 20 organizations of its own, or
// all threads the same ones.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/rpc/rate_limiter.h"

namespace trialgate::rpc {
namespace {

constexpr int kSubjects = 1000;
constexpr int kOrganizations = 20;

std::vector<CallContext> Calls(int thread) {
  std::vector<CallContext> calls(kSubjects);
  for (int i = 0; i < kSubjects; ++i) {
    calls[i].principal.set_role(v1::ROLE_REQUESTER);
    calls[i].principal.set_subject(absl::StrCat("subject-of-usual-length-", thread, "-", i));
    calls[i].principal.set_organization(
        absl::StrCat("organizations/organization-", thread, "-", i % kOrganizations));
  }
  return calls;
}

// Nanoseconds of processor time for a call.
double Measure(RateLimiter* limiter, int threads, bool shared, double seconds) {
  std::atomic<bool> stop = false;
  std::atomic<long> admitted = 0;
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      const std::vector<CallContext> calls = Calls(shared ? 0 : t);
      v1::MethodAccess access;
      access.set_call_class(v1::CALL_CLASS_READ);
      long done = 0;
      for (; !stop; ++done) {
        if (!limiter->Admit(calls[done % kSubjects], access).ok()) std::exit(1);
      }
      admitted += done;
    });
  }
  const std::clock_t start = std::clock();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  for (std::thread& worker : workers) worker.join();
  const double used = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return used * 1e9 / static_cast<double>(admitted.load());
}

}  // namespace
}  // namespace trialgate::rpc

int main(int argc, char** argv) {
  namespace rpc = trialgate::rpc;
  double seconds = 1;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "--seconds=")) return 2;
    seconds = std::atof(std::string(argument).c_str());
  }
  const trialgate::SystemClock clock;
  rpc::RateLimiterOptions options;
  options.clock = &clock;
  // So much that nobody is refused, yet counted.
  options.limits.read = rpc::Rate{rpc::Rate::kMax, absl::Seconds(1), rpc::Rate::kMax};
  options.limits.organization_factor = 100;
  rpc::RateLimiter limiter(options);
  for (const int threads : {1, 2, 8}) {
    for (const bool shared : {false, true}) {
      std::printf("%d threads, callers %s: %.0f ns a call\n", threads,
                  shared ? "shared" : "of its own",
                  rpc::Measure(&limiter, threads, shared, seconds));
    }
  }
  return 0;
}
