#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/identity/jwk_set.h"
#include "common/identity/key_source.h"
#include "common/identity/strict_json.h"
#include "common/obs/log.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

// The thread looks whether keys are due at least this often, also where no call wakes it.
constexpr absl::Duration kBetweenLooks = absl::Seconds(10);
constexpr absl::Duration kRetryAfterBusy = absl::Seconds(1);

// Finds the document that holds the keys.
using FetchKeys = std::function<absl::StatusOr<Document>(std::stop_token stop)>;

absl::Status Unavailable(absl::string_view what, absl::Duration retry_after) {
  return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_IDENTITY_PROVIDER_UNAVAILABLE,
               absl::StrCat("bearer tokens cannot be judged now: ", what))
      .WithRetryAfter(retry_after);
}

class UrlKeySource final : public KeySource {
 public:
  UrlKeySource(FetchKeys fetch, const Clock* clock)
      : fetch_(std::move(fetch)), clock_(clock), thread_([this](const std::stop_token& stop) {
          while (WaitForWork(stop)) Finish(Fetch(stop));
        }) {}

  ~UrlKeySource() override {
    thread_.request_stop();
    {
      MutexLock lock(&mu_);
      stopping_ = true;
      changed_.NotifyAll();
    }
    thread_.join();
  }
  UrlKeySource(const UrlKeySource&) = delete;
  UrlKeySource& operator=(const UrlKeySource&) = delete;

  absl::StatusOr<std::shared_ptr<const Jwk>> FindKey(absl::string_view kid) override {
    MutexLock lock(&mu_);
    if (IsDue()) Begin();
    if (AreUsable()) {
      std::shared_ptr<const Jwk> key = keys_.Find(kid);
      if (key != nullptr) return key;
    }
    if (!fetching_ && IsCooledDown()) Begin();
    if (fetching_) ABSL_RETURN_IF_ERROR(WaitForFetch());
    if (AreUsable()) return keys_.Find(kid);
    const absl::Duration left = begun_at_ + kFetchCooldown - clock_->Now();
    return Unavailable("the identity provider's keys cannot be had",
                       std::max(left, kRetryAfterBusy));
  }

 private:
  struct Fetched {
    JwkSet keys;
    absl::Duration max_age;
  };

  bool IsCooledDown() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const absl::Time now = clock_->Now();
    return now >= begun_at_ + kFetchCooldown || now < begun_at_;
  }

  // Whether fresh keys are wanted and may be fetched. A clock that was set back makes them wanted.
  bool IsDue() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const absl::Time now = clock_->Now();
    return !fetching_ && IsCooledDown() && (now >= fresh_until_ || now < fetched_at_);
  }

  bool AreUsable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return clock_->Now() < fresh_until_ + kMaxStaleAge;
  }

  void Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    fetching_ = true;
    begun_at_ = clock_->Now();
    changed_.NotifyAll();
  }

  // Until the fetch that is under way has ended, one way or the other.
  absl::Status WaitForFetch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (waiters_ == kMaxFetchWaiters) {
      return Unavailable("the identity provider's keys are being fetched", kRetryAfterBusy);
    }
    ++waiters_;
    while (fetching_ && !stopping_) changed_.Wait(&mu_);
    --waiters_;
    return absl::OkStatus();
  }

  // False: it is time to end.
  bool WaitForWork(const std::stop_token& stop) {
    MutexLock lock(&mu_);
    while (!stopping_ && !fetching_) {
      if (IsDue()) {
        Begin();
      } else {
        changed_.WaitFor(&mu_, kBetweenLooks);
      }
    }
    return !stopping_;
  }

  absl::StatusOr<Fetched> Fetch(const std::stop_token& stop) const {
    ABSL_ASSIGN_OR_RETURN(const Document document, fetch_(stop));
    ABSL_ASSIGN_OR_RETURN(JwkSet keys, JwkSet::Parse(document.body));
    const absl::Duration age = document.max_age.value_or(kDefaultKeyAge);
    return Fetched{std::move(keys), std::clamp(age, kMinKeyAge, kMaxKeyAge)};
  }

  void Finish(absl::StatusOr<Fetched> fetched) {
    MutexLock lock(&mu_);
    fetching_ = false;
    changed_.NotifyAll();
    if (!fetched.ok()) {
      if (stopping_) return;
      obs::LogLine(obs::Level::kWarning, "identity_keys_not_loaded")
          .With("source", "url")
          .With("cause", obs::Public(fetched.status().message()))
          .With("usable", AreUsable());
      return;
    }
    keys_ = std::move(fetched->keys);
    fetched_at_ = clock_->Now();
    fresh_until_ = fetched_at_ + fetched->max_age;
    obs::LogLine(obs::Level::kInfo, "identity_keys_loaded")
        .With("source", "url")
        .With("keys", keys_.size())
        .With("skipped", keys_.skipped());
  }

  const FetchKeys fetch_;
  const Clock* const clock_;
  Mutex mu_;
  CondVar changed_;
  JwkSet keys_ ABSL_GUARDED_BY(mu_);
  absl::Time fetched_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time fresh_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time begun_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  bool fetching_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  int waiters_ ABSL_GUARDED_BY(mu_) = 0;
  std::jthread thread_;  // last: it uses the others
};

// The address of the keys, out of the discovery document of `issuer`.
absl::StatusOr<std::string> KeysAddress(absl::string_view document, absl::string_view issuer) {
  const std::optional<nlohmann::json> object = ParseJsonObject(document);
  if (!object.has_value()) {
    return absl::UnavailableError("the discovery document is not one well-formed JSON object");
  }
  if (TextMember(*object, "issuer") != issuer) {
    return absl::UnavailableError("the discovery document is of another issuer");
  }
  std::optional<std::string> address = TextMember(*object, "jwks_uri");
  if (!address.has_value()) {
    return absl::UnavailableError("the discovery document has no jwks_uri");
  }
  ABSL_RETURN_IF_ERROR(CheckFetchUrl(*address));
  return *std::move(address);
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeySource>> NewUrlKeySource(std::string url, HttpFetcher* fetcher,
                                                           const Clock* clock) {
  ABSL_RETURN_IF_ERROR(CheckFetchUrl(url));
  return std::make_unique<UrlKeySource>(
      [url = std::move(url), fetcher](std::stop_token stop) {
        return fetcher->Get(url, std::move(stop));
      },
      clock);
}

absl::StatusOr<std::unique_ptr<KeySource>> NewDiscoveredKeySource(std::string issuer,
                                                                  HttpFetcher* fetcher,
                                                                  const Clock* clock) {
  ABSL_RETURN_IF_ERROR(CheckFetchUrl(issuer));
  std::string url =
      absl::StrCat(absl::StripSuffix(issuer, "/"), "/.well-known/openid-configuration");
  return std::make_unique<UrlKeySource>(
      [issuer = std::move(issuer), url = std::move(url),
       fetcher](const std::stop_token& stop) -> absl::StatusOr<Document> {
        ABSL_ASSIGN_OR_RETURN(const Document discovery, fetcher->Get(url, stop));
        ABSL_ASSIGN_OR_RETURN(const std::string keys, KeysAddress(discovery.body, issuer));
        return fetcher->Get(keys, stop);
      },
      clock);
}

}  // namespace trialgate::identity
