#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <semaphore>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/identity/key_source.h"
#include "common/obs/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::IsOkAndHolds;
using absl_testing::StatusIs;
using nlohmann::json;
using testing::AllOf;
using testing::IsNull;
using testing::NotNull;

constexpr char kKeysUrl[] = "https://id.example/keys";
constexpr char kIssuer[] = "https://id.example/tenant";
constexpr char kDiscoveryUrl[] = "https://id.example/tenant/.well-known/openid-configuration";

// An identity provider without a network. Thread-safe.
class FakeFetcher final : public HttpFetcher {
 public:
  // The document at `url` from now on; an error: none.
  void Set(const std::string& url, absl::StatusOr<Document> document) {
    MutexLock lock(&mu_);
    documents_.insert_or_assign(url, std::move(document));
  }
  void SetKeys(const std::vector<std::string>& kids,
               std::optional<absl::Duration> max_age = std::nullopt) {
    json keys = json::array();
    for (const std::string& kid : kids) keys.push_back(SigningKey::Ed25519().PublicJwk(kid));
    Set(kKeysUrl, Document{json{{"keys", keys}}.dump(), max_age});
  }
  void Break() { Set(kKeysUrl, absl::UnavailableError("answered HTTP 503")); }

  // From now on Get waits.
  void Hold() {
    MutexLock lock(&mu_);
    held_ = true;
  }
  void Release() {
    MutexLock lock(&mu_);
    held_ = false;
    changed_.NotifyAll();
  }
  // Until Get has been called `calls` times in all.
  void WaitForCalls(int calls) {
    MutexLock lock(&mu_);
    while (calls_ < calls) changed_.Wait(&mu_);
  }
  int calls() {
    MutexLock lock(&mu_);
    return calls_;
  }

  absl::StatusOr<Document> Get(const std::string& url, std::stop_token stop) override {
    const std::stop_callback on_stop(stop, [this] { Release(); });
    MutexLock lock(&mu_);
    ++calls_;
    changed_.NotifyAll();
    while (held_) changed_.Wait(&mu_);
    const auto document = documents_.find(url);
    if (document == documents_.end()) return absl::UnavailableError("answered HTTP 404");
    return document->second;
  }

 private:
  Mutex mu_;
  CondVar changed_;
  std::map<std::string, absl::StatusOr<Document>> documents_ ABSL_GUARDED_BY(mu_);
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
};

auto IsUnavailable() {
  return AllOf(StatusIs(absl::StatusCode::kUnavailable),
               HasReason(v1::ERROR_REASON_IDENTITY_PROVIDER_UNAVAILABLE));
}

class UrlKeySourceTest : public testing::Test {
 protected:
  UrlKeySourceTest() {
    obs::SetLogSink([](absl::string_view) {});
  }
  ~UrlKeySourceTest() override {
    source_.reset();
    obs::SetLogSink(nullptr);
  }

  void Start() { source_ = NewUrlKeySource(kKeysUrl, &fetcher_, &clock_).value(); }

  absl::StatusOr<std::shared_ptr<const Jwk>> Find(const std::string& kid) {
    return source_->FindKey(kid);
  }
  // Lets a fetch that is under way, or due, come to its end.
  void Settle() {
    clock_.Advance(kFetchCooldown);
    static_cast<void>(Find("nobody's"));
  }

  FakeClock clock_;
  FakeFetcher fetcher_;
  std::unique_ptr<KeySource> source_;
};

TEST_F(UrlKeySourceTest, FetchesTheKeysAtOnce) {
  fetcher_.SetKeys({"a"});
  Start();
  fetcher_.WaitForCalls(1);
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  EXPECT_EQ(fetcher_.calls(), 1);
}

TEST_F(UrlKeySourceTest, AnUnknownKeyIsFetched) {
  fetcher_.SetKeys({"a"});
  Start();
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  fetcher_.SetKeys({"a", "b"});
  clock_.Advance(kFetchCooldown);
  EXPECT_THAT(Find("b"), IsOkAndHolds(NotNull()));
  EXPECT_EQ(fetcher_.calls(), 2);
}

TEST_F(UrlKeySourceTest, ForgedKeyIdsDoNotHammerTheProvider) {
  fetcher_.SetKeys({"a"});
  Start();
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(Find("forged" + std::to_string(i)), IsOkAndHolds(IsNull()));
  }
  EXPECT_EQ(fetcher_.calls(), 1);
  clock_.Advance(kFetchCooldown - absl::Milliseconds(1));
  EXPECT_THAT(Find("forged"), IsOkAndHolds(IsNull()));
  EXPECT_EQ(fetcher_.calls(), 1);
  clock_.Advance(absl::Milliseconds(1));
  for (int i = 0; i < 1000; ++i) EXPECT_THAT(Find("forged"), IsOkAndHolds(IsNull()));
  EXPECT_EQ(fetcher_.calls(), 2);
}

TEST_F(UrlKeySourceTest, AFailureDoesNotLiftTheCooldown) {
  fetcher_.Break();
  Start();
  for (int i = 0; i < 100; ++i) EXPECT_THAT(Find("a"), IsUnavailable());
  EXPECT_EQ(fetcher_.calls(), 1);
  EXPECT_EQ(RetryAfterOf(Find("a").status()), kFetchCooldown);
  fetcher_.SetKeys({"a"});
  clock_.Advance(kFetchCooldown);
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  EXPECT_EQ(fetcher_.calls(), 2);
}

TEST_F(UrlKeySourceTest, KeysAreFetchedAgainWhenTheyAreNoLongerFresh) {
  struct Case {
    std::optional<absl::Duration> max_age;
    absl::Duration fresh;
  };
  for (const Case& age :
       {Case{std::nullopt, kDefaultKeyAge}, Case{absl::Minutes(30), absl::Minutes(30)},
        Case{absl::ZeroDuration(), kMinKeyAge}, Case{absl::Seconds(-5), kMinKeyAge},
        Case{absl::Hours(1000), kMaxKeyAge}}) {
    fetcher_.SetKeys({"a"}, age.max_age);
    const int before = fetcher_.calls();
    Start();
    ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
    clock_.Advance(age.fresh - absl::Milliseconds(1));
    ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
    EXPECT_EQ(fetcher_.calls(), before + 1);
    clock_.Advance(absl::Milliseconds(1));
    ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
    fetcher_.WaitForCalls(before + 2);
  }
}

TEST_F(UrlKeySourceTest, NobodyWaitsWhileKnownKeysAreFetchedAgain) {
  fetcher_.SetKeys({"a"});
  Start();
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  fetcher_.Hold();
  clock_.Advance(kDefaultKeyAge);
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  fetcher_.WaitForCalls(2);
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull())) << "and not when the fetch hangs either";
  fetcher_.Release();
}

TEST_F(UrlKeySourceTest, AWithdrawnKeyIsKnownNoMore) {
  fetcher_.SetKeys({"a", "b"});
  Start();
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  fetcher_.SetKeys({"b"});
  Settle();
  EXPECT_THAT(Find("a"), IsOkAndHolds(IsNull()));
  EXPECT_THAT(Find("b"), IsOkAndHolds(NotNull()));
}

TEST_F(UrlKeySourceTest, KeysStayInUseForADayWhileTheProviderIsDown) {
  fetcher_.SetKeys({"a"});
  Start();
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  fetcher_.Break();
  Settle();
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  clock_.Advance(kDefaultKeyAge + kMaxStaleAge - kFetchCooldown - absl::Milliseconds(1));
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  EXPECT_THAT(Find("unknown"), IsOkAndHolds(IsNull()));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(Find("a"), IsUnavailable());
  EXPECT_THAT(Find("unknown"), IsUnavailable());
  fetcher_.SetKeys({"a"});
  clock_.Advance(kFetchCooldown);
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
}

TEST_F(UrlKeySourceTest, WhatIsNoKeySetChangesNothing) {
  fetcher_.SetKeys({"a"});
  Start();
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  for (const char* body : {"", "<html>", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}"}) {
    fetcher_.Set(kKeysUrl, Document{body, std::nullopt});
    Settle();
    EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull())) << body;
  }
}

TEST_F(UrlKeySourceTest, AClockThatWasSetBackMakesKeysBeFetchedAgain) {
  fetcher_.SetKeys({"a"});
  Start();
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  clock_.Advance(-absl::Hours(5));
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  fetcher_.WaitForCalls(2);
}

TEST_F(UrlKeySourceTest, OnlySoManyCallsWaitForAFetch) {
  fetcher_.SetKeys({"a"});
  fetcher_.Hold();
  Start();
  std::counting_semaphore turned_away(0);
  std::vector<absl::Status> answers(kMaxFetchWaiters + 1);
  std::vector<std::thread> callers;
  for (absl::Status& answer : answers) {
    callers.emplace_back([&] {
      answer = Find("a").status();
      if (!answer.ok()) turned_away.release();
    });
  }
  turned_away.acquire();  // one of them; all others wait
  fetcher_.Release();
  for (std::thread& caller : callers) caller.join();
  int refused = 0;
  for (const absl::Status& answer : answers) {
    if (answer.ok()) continue;
    ++refused;
    EXPECT_THAT(answer, IsUnavailable());
    EXPECT_EQ(RetryAfterOf(answer), absl::Seconds(1));
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(fetcher_.calls(), 1) << "all wait for the same fetch";
}

TEST_F(UrlKeySourceTest, EndsWhileAFetchHangs) {
  fetcher_.Hold();
  Start();
  fetcher_.WaitForCalls(1);
  source_.reset();
}

TEST_F(UrlKeySourceTest, AnAddressThatMayNotBeFetchedIsRefused) {
  for (const char* url :
       {"http://id.example/keys", "ftp://id.example/keys", "file:///etc/passwd", "keys", ""}) {
    EXPECT_THAT(NewUrlKeySource(url, &fetcher_, &clock_).status(),
                HasReason(v1::ERROR_REASON_CONFIGURATION))
        << url;
    EXPECT_THAT(NewDiscoveredKeySource(url, &fetcher_, &clock_).status(),
                HasReason(v1::ERROR_REASON_CONFIGURATION))
        << url;
  }
  EXPECT_EQ(fetcher_.calls(), 0);
}

class DiscoveredKeySourceTest : public UrlKeySourceTest {
 protected:
  DiscoveredKeySourceTest() { fetcher_.SetKeys({"a"}); }

  void SetDiscovery(const json& document) {
    fetcher_.Set(kDiscoveryUrl, Document{document.dump(), std::nullopt});
  }
  void Start(const char* issuer) {
    source_ = NewDiscoveredKeySource(issuer, &fetcher_, &clock_).value();
  }
};

TEST_F(DiscoveredKeySourceTest, TheProviderSaysWhereItsKeysAre) {
  SetDiscovery({{"issuer", kIssuer}, {"jwks_uri", kKeysUrl}});
  Start(kIssuer);
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  EXPECT_EQ(fetcher_.calls(), 2);
}

TEST_F(DiscoveredKeySourceTest, AnIssuerMayEndWithASlash) {
  const std::string issuer = std::string(kIssuer) + "/";
  SetDiscovery({{"issuer", issuer}, {"jwks_uri", kKeysUrl}});
  Start(issuer.c_str());
  EXPECT_THAT(Find("a"), IsOkAndHolds(NotNull()));
}

TEST_F(DiscoveredKeySourceTest, TheProviderMayMoveItsKeys) {
  SetDiscovery({{"issuer", kIssuer}, {"jwks_uri", kKeysUrl}});
  Start(kIssuer);
  ASSERT_THAT(Find("a"), IsOkAndHolds(NotNull()));
  const json keys = {{"keys", json::array({SigningKey::P256().PublicJwk("moved")})}};
  fetcher_.Set("https://keys.example/", Document{keys.dump(), std::nullopt});
  SetDiscovery({{"issuer", kIssuer}, {"jwks_uri", "https://keys.example/"}});
  clock_.Advance(kFetchCooldown);
  EXPECT_THAT(Find("moved"), IsOkAndHolds(NotNull()));
}

TEST_F(DiscoveredKeySourceTest, ADocumentThatIsNotTheIssuersIsNotBelieved) {
  for (const json& document : {json{{"issuer", "https://evil.example"}, {"jwks_uri", kKeysUrl}},
                               json{{"issuer", std::string(kIssuer) + "/"}, {"jwks_uri", kKeysUrl}},
                               json{{"jwks_uri", kKeysUrl}}, json{{"issuer", kIssuer}},
                               json{{"issuer", kIssuer}, {"jwks_uri", {kKeysUrl}}},
                               json{{"issuer", kIssuer}, {"jwks_uri", "http://id.example/keys"}},
                               json{{"issuer", kIssuer}, {"jwks_uri", "file:///etc/keys"}},
                               json::array(), json(nullptr)}) {
    SetDiscovery(document);
    Start(kIssuer);
    EXPECT_THAT(Find("a"), IsUnavailable()) << document;
  }
}

}  // namespace
}  // namespace trialgate::identity
