// What a verifier remembers, and when it forgets it.
#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/identity/token_cache.h"
#include "tests/unit/identity/token_verifier_fixture.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using nlohmann::json;
using testing::AllOf;

TEST_F(TokenVerifierTest, ARememberedTokenStillExpires) {
  const std::string token = Token();
  ASSERT_OK(verifier_.Verify(token));
  clock_.Advance(absl::Seconds(360) - absl::Milliseconds(1));
  EXPECT_OK(verifier_.Verify(token));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(verifier_.Verify(token), IsInvalid("has expired"));
  EXPECT_THAT(verifier_.Verify(token), IsInvalid("has expired"));
}

TEST_F(TokenVerifierTest, ARememberedTokenIsRefusedOnceItsKeyIsWithdrawn) {
  const std::string token = Token();
  ASSERT_OK(verifier_.Verify(token));
  const json keys = keys_.PublicKeys();
  source_.Set({keys[0], keys[1], keys[3]});
  EXPECT_THAT(verifier_.Verify(token), IsInvalid("unknown key"));
  source_.Set(keys);
  EXPECT_OK(verifier_.Verify(token));
  // Another key under the same id is not the one that signed.
  source_.Set(json::array({SigningKey::P256().PublicJwk("es")}));
  EXPECT_THAT(verifier_.Verify(token), IsInvalid("signature"));
}

TEST_F(TokenVerifierTest, ARememberedTokenSurvivesThatItsKeyIsPublishedAgain) {
  const std::string token = Token();
  ASSERT_OK(verifier_.Verify(token));
  source_.Set(keys_.PublicKeys());
  const int before = source_.calls();
  EXPECT_OK(verifier_.Verify(token));
  EXPECT_EQ(source_.calls(), before + 1) << "verified anew";
}

TEST_F(TokenVerifierTest, RefusedTokensAreNotRemembered) {
  json payload = Payload();
  payload["nbf"] = absl::ToUnixSeconds(clock_.Now()) + 120;
  const std::string token = Token(payload);
  EXPECT_THAT(verifier_.Verify(token), IsInvalid("not valid yet"));
  clock_.Advance(absl::Seconds(60));
  EXPECT_OK(verifier_.Verify(token));
}

TEST_F(TokenVerifierTest, WithoutKeysNoTokenIsJudged) {
  const std::string remembered = Token();
  ASSERT_OK(verifier_.Verify(remembered));
  source_.Fail(Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_IDENTITY_PROVIDER_UNAVAILABLE,
                     "down"));
  const auto unavailable = AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                 HasReason(v1::ERROR_REASON_IDENTITY_PROVIDER_UNAVAILABLE));
  EXPECT_THAT(verifier_.Verify(remembered), unavailable);
  EXPECT_THAT(verifier_.Verify(Token()), unavailable);
  // What is no token needs no key to be refused.
  EXPECT_THAT(verifier_.Verify("x.y.z"), IsInvalid());
}

TEST_F(TokenVerifierTest, ManyCallsAtOnceAreEachToldTheirOwn) {
  constexpr int kThreads = 8, kTokens = 6, kRounds = 200;  // more tokens than are remembered
  std::vector<std::string> tokens;
  for (int i = 0; i < kTokens; ++i) {
    json payload = Payload();
    payload["sub"] = absl::StrCat("subject", i);
    tokens.push_back(Token(payload));
  }
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int thread = 0; thread < kThreads; ++thread) {
    callers.emplace_back([&, thread] {
      for (int round = 0; round < kRounds; ++round) {
        const int i = (round + thread) % kTokens;
        const absl::StatusOr<v1::Principal> principal = verifier_.Verify(tokens[i]);
        if (!principal.ok() || principal->subject() != absl::StrCat("subject", i)) ++wrong;
        if (verifier_.Verify(tokens[i] + "A").ok()) ++wrong;
        if (thread == 0) source_.Set(keys_.PublicKeys());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(TokenCacheTest, ForgetsTheOneNotUsedForLongest) {
  TokenCache cache(2);
  const auto entry = [](const std::string& kid) { return TokenCache::Entry{{}, kid, "f"}; };
  cache.Put("1", entry("k1"));
  cache.Put("2", entry("k2"));
  EXPECT_TRUE(cache.Find("1").has_value());
  cache.Put("3", entry("k3"));
  EXPECT_FALSE(cache.Find("2").has_value());
  EXPECT_EQ(cache.Find("1")->kid, "k1");
  EXPECT_EQ(cache.Find("3")->kid, "k3");
  EXPECT_EQ(cache.size(), 2U);
  cache.Put("1", entry("k1b"));
  EXPECT_EQ(cache.Find("1")->kid, "k1b");
  EXPECT_EQ(cache.size(), 2U);
  cache.Remove("1");
  cache.Remove("1");
  EXPECT_FALSE(cache.Find("1").has_value());
  EXPECT_EQ(cache.size(), 1U);
}

}  // namespace
}  // namespace trialgate::identity
