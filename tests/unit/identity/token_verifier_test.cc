#include "common/identity/token_verifier.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/identity/principal.h"
#include "tests/unit/identity/token_verifier_fixture.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

}  // namespace
}  // namespace trialgate::identity
