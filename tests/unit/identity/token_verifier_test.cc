#include "common/identity/token_verifier.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/identity/jwk_set.h"
#include "common/identity/principal.h"
#include "common/identity/token.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Keys that a test changes.
class FakeKeySource final : public KeySource {
 public:
  void Set(const json& keys) {
    MutexLock lock(&mu_);
    keys_ = JwkSet::Parse(json{{"keys", keys}}.dump()).value();
  }
  void Fail(absl::Status failure) {
    MutexLock lock(&mu_);
    failure_ = std::move(failure);
  }

  absl::StatusOr<std::shared_ptr<const Jwk>> FindKey(absl::string_view kid) override {
    MutexLock lock(&mu_);
    ++calls_;
    if (!failure_.ok()) return failure_;
    return keys_.Find(kid);
  }
  int calls() const {
    MutexLock lock(&mu_);
    return calls_;
  }

 private:
  mutable Mutex mu_;
  JwkSet keys_ ABSL_GUARDED_BY(mu_);
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
};

// Drawn once for all tests: RSA takes its time.
struct Keys {
  SigningKey rsa = SigningKey::Rsa();
  SigningKey pss = SigningKey::Rsa();
  SigningKey ec = SigningKey::P256();
  SigningKey okp = SigningKey::Ed25519();

  json PublicKeys() const {
    json pss_key = pss.PublicJwk("ps");
    pss_key["alg"] = "PS256";
    return {rsa.PublicJwk("rs"), pss_key, ec.PublicJwk("es"), okp.PublicJwk("ed")};
  }
};
const Keys& AllKeys() {
  static const auto* const kKeys = new Keys;
  return *kKeys;
}

class TokenVerifierTest : public testing::Test {
 protected:
  TokenVerifierTest() { source_.Set(keys_.PublicKeys()); }

  static TokenConfig Config() {
    TokenConfig config;
    config.issuer = "https://id.example";
    config.audience = "https://trialgate.example";
    config.cache_size = 4;
    return config;
  }

  json Payload() const {
    return {{"iss", "https://id.example"},
            {"aud", {"https://trialgate.example"}},
            {"exp", absl::ToUnixSeconds(clock_.Now()) + 300},
            {"iat", absl::ToUnixSeconds(clock_.Now())},
            {"sub", "rita"},
            {"trialgate_role", "requester"},
            {"trialgate_organization", "organizations/acme"}};
  }

  // Signed with ES256 unless told otherwise.
  std::string Token(const json& payload) const {
    return SignedToken(keys_.ec, Algorithm::kEs256, R"({"alg":"ES256","kid":"es"})",
                       payload.dump());
  }
  std::string Token() const { return Token(Payload()); }

  const Keys& keys_ = AllKeys();
  FakeClock clock_;
  FakeKeySource source_;
  TokenVerifier verifier_{Config(), &source_, &clock_};
};

auto IsInvalid(absl::string_view why = "") {
  return AllOf(StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr(std::string(why))),
               HasReason(v1::ERROR_REASON_INVALID_TOKEN));
}

TEST_F(TokenVerifierTest, ATokenOfEachAlgorithmIsItsSubject) {
  const std::string payload = Payload().dump();
  for (const std::string& token :
       {SignedToken(keys_.rsa, Algorithm::kRs256, R"({"alg":"RS256","kid":"rs"})", payload),
        SignedToken(keys_.pss, Algorithm::kPs256, R"({"alg":"PS256","kid":"ps"})", payload),
        SignedToken(keys_.ec, Algorithm::kEs256, R"({"alg":"ES256","kid":"es"})", payload),
        SignedToken(keys_.okp, Algorithm::kEdDsa, R"({"alg":"EdDSA","kid":"ed"})", payload)}) {
    ASSERT_OK_AND_ASSIGN(const v1::Principal principal, verifier_.Verify(token));
    EXPECT_EQ(FormatPrincipal(principal), "requester:organizations/acme:rita");
  }
}

TEST_F(TokenVerifierTest, SaysUntilWhenATokenIsValid) {
  ASSERT_OK_AND_ASSIGN(const VerifiedToken verified, verifier_.VerifyWithExpiry(Token()));
  EXPECT_EQ(verified.valid_until, clock_.Now() + absl::Seconds(360));
  EXPECT_EQ(verified.principal.subject(), "rita");
}

TEST_F(TokenVerifierTest, TheAlgorithmIsTheKeysAndNotTheTokens) {
  // Each names a key of another type, or the same RSA key for the other padding.
  const struct {
    const SigningKey& key;
    Algorithm algorithm;
    const char* header;
  } kForgeries[] = {
      {keys_.rsa, Algorithm::kRs256, R"({"alg":"RS256","kid":"es"})"},
      {keys_.ec, Algorithm::kEs256, R"({"alg":"ES256","kid":"rs"})"},
      {keys_.okp, Algorithm::kEdDsa, R"({"alg":"EdDSA","kid":"es"})"},
      {keys_.rsa, Algorithm::kPs256, R"({"alg":"PS256","kid":"rs"})"},
      {keys_.pss, Algorithm::kRs256, R"({"alg":"RS256","kid":"ps"})"},
  };
  for (const auto& [key, algorithm, header] : kForgeries) {
    EXPECT_THAT(verifier_.Verify(SignedToken(key, algorithm, header, Payload().dump())),
                IsInvalid("(alg)"))
        << header;
  }
}

TEST_F(TokenVerifierTest, TheKeyIsTheOneNamed) {
  const std::string payload = Payload().dump();
  const SigningKey other = SigningKey::P256();
  EXPECT_THAT(verifier_.Verify(
                  SignedToken(other, Algorithm::kEs256, R"({"alg":"ES256","kid":"es"})", payload)),
              IsInvalid("signature"));
  EXPECT_THAT(verifier_.Verify(SignedToken(keys_.ec, Algorithm::kEs256,
                                           R"({"alg":"ES256","kid":"ES"})", payload)),
              IsInvalid("unknown key"));
  EXPECT_THAT(
      verifier_.Verify(SignedToken(keys_.ec, Algorithm::kEs256, R"({"alg":"ES256"})", payload)),
      IsInvalid("(kid)"));
}

TEST_F(TokenVerifierTest, AKeyThatTheTokenBringsIsNotUsed) {
  const SigningKey own = SigningKey::P256();
  const json header = {{"alg", "ES256"}, {"kid", "es"}, {"jwk", own.PublicJwk("es")}};
  EXPECT_THAT(
      verifier_.Verify(SignedToken(own, Algorithm::kEs256, header.dump(), Payload().dump())),
      IsInvalid("signature"));
}

TEST_F(TokenVerifierTest, UnsignedTokensAreRefused) {
  const std::string payload = Base64Url(Payload().dump());
  for (const char* alg : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = Base64Url(json{{"alg", alg}, {"kid", "es"}}.dump());
    EXPECT_THAT(verifier_.Verify(absl::StrCat(header, ".", payload, ".")), IsInvalid()) << alg;
    EXPECT_THAT(verifier_.Verify(absl::StrCat(header, ".", payload)), IsInvalid()) << alg;
  }
  const std::string header = Base64Url(R"({"alg":"ES256","kid":"es"})");
  EXPECT_THAT(verifier_.Verify(absl::StrCat(header, ".", payload, ".")), IsInvalid("signature"));
}

TEST_F(TokenVerifierTest, APublicKeyIsNoSecret) {
  // HS256 with what everybody can know of the RSA key, in each form that a library took for a
  // secret.
  const json public_key = keys_.rsa.PublicJwk("rs");
  for (const std::string& secret : {keys_.rsa.PublicPem(), public_key.dump(),
                                    public_key["n"].get<std::string>(), std::string()}) {
    for (const char* alg : {"HS256", "RS256"}) {
      const std::string signed_part = absl::StrCat(
          Base64Url(json{{"alg", alg}, {"kid", "rs"}}.dump()), ".", Base64Url(Payload().dump()));
      unsigned char mac[32];
      unsigned int size = sizeof(mac);
      ASSERT_NE(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                     reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(),
                     mac, &size),
                nullptr);
      const absl::string_view signature(reinterpret_cast<char*>(mac), size);
      EXPECT_THAT(verifier_.Verify(absl::StrCat(signed_part, ".", Base64Url(signature))),
                  IsInvalid());
    }
  }
}

TEST_F(TokenVerifierTest, NoBitOfATokenMayBeAnother) {
  const std::string payload = Payload().dump();
  for (const std::string& token :
       {SignedToken(keys_.rsa, Algorithm::kRs256, R"({"alg":"RS256","kid":"rs"})", payload),
        SignedToken(keys_.pss, Algorithm::kPs256, R"({"alg":"PS256","kid":"ps"})", payload),
        SignedToken(keys_.ec, Algorithm::kEs256, R"({"alg":"ES256","kid":"es"})", payload),
        SignedToken(keys_.okp, Algorithm::kEdDsa, R"({"alg":"EdDSA","kid":"ed"})", payload)}) {
    ASSERT_OK(verifier_.Verify(token));
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
      std::string flipped = token;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      ASSERT_THAT(verifier_.Verify(flipped), IsInvalid()) << "bit " << bit;
    }
  }
}

TEST_F(TokenVerifierTest, WhatIsCutOffOrAddedIsNoticed) {
  const std::string token = Token();
  for (std::size_t size = 0; size < token.size(); ++size) {
    ASSERT_THAT(verifier_.Verify(token.substr(0, size)), IsInvalid()) << size;
  }
  for (const std::string more : {"A", "AAAA", "=", ".", " ", "\n", ".AAAA"}) {
    EXPECT_THAT(verifier_.Verify(token + more), IsInvalid()) << more;
    EXPECT_THAT(verifier_.Verify(more + token), IsInvalid()) << more;
  }
  EXPECT_THAT(verifier_.Verify(token + token), IsInvalid());
  EXPECT_THAT(verifier_.Verify(std::string(kMaxTokenBytes + 1, 'A')), IsInvalid());
  EXPECT_THAT(verifier_.Verify(""), IsInvalid());
}

TEST_F(TokenVerifierTest, TheOtherSignatureThatEcdsaHasForOneIsGoodToo) {
  // (r, n - s) is a signature as (r, s) is: the standard accepts both, and no token is known by its
  // bytes alone.
  const std::string token = Token();
  const std::string signature = ParseToken(token)->signature;
  const std::string order =
      ParseToken(token.substr(0, token.rfind('.')) + "._____wAAAAD__________7zm-q2nF56E87nKwvxjJVE")
          ->signature;
  std::string other = signature;
  int borrow = 0;
  for (int i = 31; i >= 0; --i) {
    const int digit = static_cast<unsigned char>(order[i]) -
                      static_cast<unsigned char>(signature[32 + i]) - borrow;
    borrow = digit < 0 ? 1 : 0;
    other[32 + i] = static_cast<char>(digit + 256 * borrow);
  }
  EXPECT_OK(verifier_.Verify(token.substr(0, token.rfind('.') + 1) + Base64Url(other)));
}

TEST_F(TokenVerifierTest, TimesAreChecked) {
  json payload = Payload();
  payload["exp"] = absl::ToUnixSeconds(clock_.Now()) - 60;
  EXPECT_THAT(verifier_.Verify(Token(payload)), IsInvalid("has expired"));
  payload = Payload();
  payload["nbf"] = absl::ToUnixSeconds(clock_.Now()) + 61;
  EXPECT_THAT(verifier_.Verify(Token(payload)), IsInvalid("not valid yet"));
  payload = Payload();
  payload["iat"] = absl::ToUnixSeconds(clock_.Now()) + 61;
  EXPECT_THAT(verifier_.Verify(Token(payload)), IsInvalid("in the future"));
}

TEST_F(TokenVerifierTest, ClaimsAreBelievedOnlyOnceTheSignatureIs) {
  json payload = Payload();
  payload.erase("trialgate_role");
  EXPECT_THAT(verifier_.Verify(Token(payload)), AllOf(StatusIs(absl::StatusCode::kUnauthenticated),
                                                      HasReason(v1::ERROR_REASON_NO_ROLE)));
  const std::string forged = SignedToken(SigningKey::P256(), Algorithm::kEs256,
                                         R"({"alg":"ES256","kid":"es"})", payload.dump());
  EXPECT_THAT(verifier_.Verify(forged), IsInvalid("signature"));
}

TEST_F(TokenVerifierTest, WhereAskedOnlyAccessTokensAreTaken) {
  TokenConfig config = Config();
  config.require_access_token_type = true;
  TokenVerifier strict(config, &source_, &clock_);
  EXPECT_THAT(strict.Verify(Token()), IsInvalid("at+jwt"));
  const std::string token =
      SignedToken(keys_.ec, Algorithm::kEs256, R"({"alg":"ES256","kid":"es","typ":"at+jwt"})",
                  Payload().dump());
  EXPECT_OK(strict.Verify(token));
}

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

TEST_F(TokenVerifierTest, NoErrorHoldsAnyOfTheToken) {
  json payload = Payload();
  payload["sub"] = "secretsubject|1";
  payload["aud"] = "elsewhere";
  const std::string token = Token(payload);
  const absl::Status status = verifier_.Verify(token).status();
  EXPECT_THAT(status.ToString(), Not(HasSubstr("secretsubject")));
  EXPECT_THAT(status.ToString(), Not(HasSubstr(token.substr(0, 20))));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("elsewhere")));
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
