#include "common/rpc/rate_limiter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/rpc/token_buckets.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

constexpr std::size_t kClasses = 6;
constexpr std::size_t kLogin = kClasses;  // the counter behind those of the classes
// In the order of v1::CallClass.
constexpr std::array<absl::string_view, kClasses + 1> kNames = {"read", "list",  "write", "match",
                                                                "bulk", "watch", "login"};
static_assert(v1::CallClass_MAX == kClasses && kClasses <= TokenBuckets::kMaxBucketsPerKey);

std::vector<RateLimit> ByClass(const RateLimits& limits) {
  return {limits.read, limits.list, limits.write, limits.match, limits.bulk, limits.watch};
}

std::vector<RateLimit> Times(int factor, std::vector<RateLimit> limits) {
  for (RateLimit& limit : limits) {
    if (!limit.has_value()) continue;
    limit->tokens *= factor;
    limit->burst *= factor;
  }
  return limits;
}

// Cannot be taken for another caller's: a role is one byte, an organization holds no NUL.
std::string KeyOf(const v1::Principal& principal) {
  std::string key;
  key.reserve(2 + principal.organization().size() + principal.subject().size());
  key += static_cast<char>(principal.role());
  key += principal.organization();
  key += '\0';
  key += principal.subject();
  return key;
}

absl::Status Excess(std::size_t name, absl::string_view who, absl::Duration wait) {
  return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_RATE_LIMITED,
               absl::StrCat(who, "; retry after the delay"))
      .WithMetadata("class", kNames.at(name))
      .WithRetryAfter(wait);
}

}  // namespace

struct RateLimiter::State {
  explicit State(const RateLimiterOptions& options)
      : clock(*options.clock),
        callers(ByClass(options.limits), options.max_callers),
        organizations(Times(options.limits.organization_factor, ByClass(options.limits)),
                      options.max_callers),
        peers({options.limits.failed_logins}, options.max_callers) {
    for (const absl::string_view name : kNames) {
      if (options.metrics == nullptr) break;
      refused.push_back(options.metrics->AddCounter(
          "trialgate_rate_limited_total", "Calls refused as their caller made too many, by class.",
          {{"class", std::string(name)}}));
    }
  }

  absl::Status Refuse(std::size_t name, absl::string_view who, absl::Duration wait) const {
    if (!refused.empty()) refused[name].Add();
    return Excess(name, who, wait);
  }

  const Clock& clock;
  TokenBuckets callers;
  TokenBuckets organizations;
  TokenBuckets peers;
  std::vector<obs::Counter> refused;
};

RateLimiter::RateLimiter(const RateLimiterOptions& options)
    : state_(std::make_unique<State>(options)) {}

RateLimiter::~RateLimiter() = default;

absl::Status RateLimiter::AdmitPeer(absl::string_view peer) {
  const absl::Duration wait = state_->peers.Wait(peer, 0, state_->clock.Now());
  if (wait <= absl::ZeroDuration()) return absl::OkStatus();
  return state_->Refuse(kLogin, "too many calls from this address do not prove who calls", wait);
}

void RateLimiter::NoteFailedLogin(absl::string_view peer) {
  state_->peers.Take(peer, 0, state_->clock.Now());
}

absl::Status RateLimiter::Admit(const CallContext& call, const v1::MethodAccess& access) {
  // A method without a class has no permission either: nobody gets this far.
  if (access.call_class() < v1::CALL_CLASS_READ || access.call_class() > v1::CallClass_MAX) {
    return absl::OkStatus();
  }
  const auto index = static_cast<std::size_t>(access.call_class() - v1::CALL_CLASS_READ);
  const absl::Time now = state_->clock.Now();
  const std::string key = KeyOf(call.principal);
  const absl::Duration wait = state_->callers.Take(key, index, now);
  if (wait > absl::ZeroDuration()) {
    return state_->Refuse(index, "this caller makes too many calls of the kind", wait);
  }
  const std::string& organization = call.principal.organization();
  if (organization.empty()) return absl::OkStatus();
  const absl::Duration shared = state_->organizations.Take(organization, index, now);
  if (shared <= absl::ZeroDuration()) return absl::OkStatus();
  state_->callers.GiveBack(key, index);
  return state_->Refuse(index, "the callers of this organization make too many calls of the kind",
                        shared);
}

}  // namespace trialgate::rpc
