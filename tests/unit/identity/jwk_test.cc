#include "common/identity/jwk.h"

#include <openssl/err.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/identity/base64url.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/signing_key.h"

namespace trialgate::identity {
namespace {

using nlohmann::json;

const SigningKey& RsaKey() {
  static const SigningKey key = SigningKey::Rsa();
  return key;
}

json Rsa() { return RsaKey().PublicJwk("rsa"); }
json Ec() { return SigningKey::P256().PublicJwk("ec"); }
json Okp() { return SigningKey::Ed25519().PublicJwk("okp"); }

json With(json key, const char* name, json value) {
  key[name] = std::move(value);
  return key;
}

json Without(json key, const char* name) {
  key.erase(name);
  return key;
}

TEST(JwkTest, EachKeyHasTheOneAlgorithmOfItsType) {
  EXPECT_EQ(Jwk::FromJson(Rsa())->algorithm(), Algorithm::kRs256);
  EXPECT_EQ(Jwk::FromJson(Ec())->algorithm(), Algorithm::kEs256);
  EXPECT_EQ(Jwk::FromJson(Okp())->algorithm(), Algorithm::kEdDsa);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "alg", "RS256"))->algorithm(), Algorithm::kRs256);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "alg", "PS256"))->algorithm(), Algorithm::kPs256);
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "alg", "ES256"))->algorithm(), Algorithm::kEs256);
  EXPECT_EQ(Jwk::FromJson(With(Okp(), "alg", "EdDSA"))->algorithm(), Algorithm::kEdDsa);
}

TEST(JwkTest, AnAlgorithmThatIsNotOfTheTypeIsRefused) {
  for (const char* alg : {"none", "HS256", "RS384", "RS512", "PS384", "ES256", "EdDSA", "rs256",
                          "RSA-OAEP", "RSA1_5", ""}) {
    EXPECT_EQ(Jwk::FromJson(With(Rsa(), "alg", alg)), nullptr) << alg;
  }
  for (const char* alg : {"RS256", "ES384", "ES256K", "HS256", "EdDSA", "none"}) {
    EXPECT_EQ(Jwk::FromJson(With(Ec(), "alg", alg)), nullptr) << alg;
  }
  for (const char* alg : {"RS256", "ES256", "HS256", "none", "Ed448"}) {
    EXPECT_EQ(Jwk::FromJson(With(Okp(), "alg", alg)), nullptr) << alg;
  }
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "alg", 256)), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "alg", nullptr)), nullptr);
}

TEST(JwkTest, AKeyThatIsNotForVerifyingIsRefused) {
  EXPECT_NE(Jwk::FromJson(With(Rsa(), "use", "sig")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "use", "enc")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "use", nullptr)), nullptr);
  EXPECT_NE(Jwk::FromJson(With(Rsa(), "key_ops", {"verify"})), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "key_ops", {"encrypt", "wrapKey"})), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "key_ops", json::array())), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "key_ops", "verify")), nullptr);
}

TEST(JwkTest, AKeyWhosePrivatePartIsPublishedIsRefused) {
  for (const char* part : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    EXPECT_EQ(Jwk::FromJson(With(Rsa(), part, "AQAB")), nullptr) << part;
  }
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "d", "AQAB")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Okp(), "d", nullptr)), nullptr);
}

TEST(JwkTest, AKeyNeedsAnId) {
  EXPECT_EQ(Jwk::FromJson(Without(Rsa(), "kid")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "kid", "")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "kid", 1)), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "kid", std::string(257, 'k'))), nullptr);
  EXPECT_NE(Jwk::FromJson(With(Rsa(), "kid", std::string(256, 'k'))), nullptr);
}

TEST(JwkTest, AnRsaKeyHasAtLeast2048Bits) {
  EXPECT_EQ(Jwk::FromJson(SigningKey::Rsa(1024).PublicJwk("short")), nullptr);
  EXPECT_NE(Jwk::FromJson(SigningKey::Rsa(3072).PublicJwk("long")), nullptr);
  const std::string n = *DecodeBase64Url(Rsa()["n"].get<std::string>());
  // A 2047-bit number, an even one, and one of more than 8192 bits.
  std::string shorter = n, even = n;
  shorter[0] = '\x7f';
  even.back() = static_cast<char>(even.back() & ~1);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "n", Base64Url(shorter))), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "n", Base64Url(even))), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "n", Base64Url(std::string(1025, '\x7f')))), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "n", "")), nullptr);
  EXPECT_EQ(Jwk::FromJson(Without(Rsa(), "n")), nullptr);
}

TEST(JwkTest, AnRsaKeyHasASaneExponent) {
  const auto with_exponent = [](std::string bytes) {
    return Jwk::FromJson(With(Rsa(), "e", Base64Url(bytes)));
  };
  EXPECT_NE(with_exponent(std::string("\x01\x00\x01", 3)), nullptr);
  EXPECT_EQ(with_exponent("\x01"), nullptr) << "every message would be its own signature";
  EXPECT_EQ(with_exponent("\x03"), nullptr);
  EXPECT_EQ(with_exponent(std::string("\x01\x00\x00", 3)), nullptr);
  EXPECT_EQ(with_exponent(std::string("\x01\x00\x02", 3)), nullptr) << "even";
  EXPECT_EQ(with_exponent(std::string("\x01\x00\x00\x00\x01", 5)), nullptr) << "more than 32 bits";
  EXPECT_EQ(with_exponent(""), nullptr);
}

TEST(JwkTest, AnEcKeyLiesOnTheCurve) {
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "crv", "P-384")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "crv", "secp256k1")), nullptr);
  EXPECT_EQ(Jwk::FromJson(Without(Ec(), "crv")), nullptr);
  const json other = Ec();
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "y", other["y"])), nullptr) << "off the curve";
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "x", Base64Url(std::string(33, '\x01')))), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "x", Base64Url(std::string(31, '\x01')))), nullptr);
  const std::string zero = Base64Url(std::string(32, '\0'));
  EXPECT_EQ(Jwk::FromJson(With(With(Ec(), "x", zero), "y", zero)), nullptr);
}

TEST(JwkTest, OtherTypesAreRefused) {
  EXPECT_EQ(Jwk::FromJson(With(Okp(), "crv", "X25519")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Okp(), "crv", "Ed448")), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Okp(), "x", Base64Url(std::string(31, '\x01')))), nullptr);
  EXPECT_EQ(Jwk::FromJson({{"kty", "oct"}, {"kid", "secret"}, {"k", "AQAB"}}), nullptr);
  EXPECT_EQ(Jwk::FromJson({{"kty", "oct"}, {"kid", "secret"}, {"alg", "HS256"}}), nullptr);
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "kty", "rsa")), nullptr);
  EXPECT_EQ(Jwk::FromJson(Without(Rsa(), "kty")), nullptr);
  EXPECT_EQ(Jwk::FromJson(json::array()), nullptr);
  EXPECT_EQ(Jwk::FromJson("key"), nullptr);
  EXPECT_EQ(Jwk::FromJson(nullptr), nullptr);
}

TEST(JwkTest, ABadNumberIsRefused) {
  for (const char* bad : {"AQAB=", "AQ AB", "AQ+B", "A", "AR"}) {
    EXPECT_EQ(Jwk::FromJson(With(Rsa(), "e", bad)), nullptr) << bad;
  }
  EXPECT_EQ(Jwk::FromJson(With(Rsa(), "e", 65537)), nullptr);
}

TEST(JwkTest, TheFingerprintIsOfKeyAndAlgorithm) {
  const json rsa = Rsa();
  const std::string fingerprint = Jwk::FromJson(rsa)->fingerprint();
  EXPECT_EQ(Jwk::FromJson(With(rsa, "kid", "other"))->fingerprint(), fingerprint);
  EXPECT_EQ(Jwk::FromJson(With(rsa, "alg", "RS256"))->fingerprint(), fingerprint);
  EXPECT_NE(Jwk::FromJson(With(rsa, "alg", "PS256"))->fingerprint(), fingerprint);
  EXPECT_NE(Jwk::FromJson(Ec())->fingerprint(), Jwk::FromJson(Ec())->fingerprint());
}

struct Example {
  const char* name;
  json key;
  const char* signed_part;
  const char* signature;
};

// Examples that the standards give.
const std::vector<Example>& Examples() {
  static const auto* const kExamples = new std::vector<Example>{
      {"RFC 7515, A.2",
       {{"kty", "RSA"},
        {"kid", "a"},
        {"e", "AQAB"},
        {"n",
         "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"
         "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
         "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5"
         "IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}},
       "eyJhbGciOiJSUzI1NiJ9."
       "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
       "cnVlfQ",
       "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W"
       "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS"
       "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv"
       "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
      {"RFC 7515, A.3",
       {{"kty", "EC"},
        {"kid", "a"},
        {"crv", "P-256"},
        {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
        {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}},
       "eyJhbGciOiJFUzI1NiJ9."
       "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
       "cnVlfQ",
       "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
      {"RFC 8037, A.4",
       {{"kty", "OKP"},
        {"kid", "a"},
        {"crv", "Ed25519"},
        {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
       "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
       "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"}};
  return *kExamples;
}

TEST(JwkTest, VerifiesTheExamplesOfTheStandards) {
  for (const Example& example : Examples()) {
    const auto key = Jwk::FromJson(example.key);
    ASSERT_NE(key, nullptr) << example.name;
    const std::string signature = *DecodeBase64Url(example.signature);
    EXPECT_TRUE(key->Verify(example.signed_part, signature)) << example.name;
    EXPECT_FALSE(key->Verify(absl::StrCat(example.signed_part, "A"), signature)) << example.name;
  }
}

struct SigningCase {
  Algorithm algorithm;
  SigningKey key;
};

// One key for each algorithm.
const std::vector<SigningCase>& SigningCases() {
  static const auto* const kCases =
      new std::vector<SigningCase>{{Algorithm::kRs256, RsaKey()},
                                   {Algorithm::kPs256, RsaKey()},
                                   {Algorithm::kEs256, SigningKey::P256()},
                                   {Algorithm::kEdDsa, SigningKey::Ed25519()}};
  return *kCases;
}

std::shared_ptr<const Jwk> PublicKey(const SigningCase& signing) {
  return Jwk::FromJson(
      With(signing.key.PublicJwk("a"), "alg", std::string(AlgorithmName(signing.algorithm))));
}

TEST(JwkTest, VerifiesWhatItsKeySigned) {
  for (const SigningCase& signing : SigningCases()) {
    const std::string signature = signing.key.Sign(signing.algorithm, "data");
    const auto key = PublicKey(signing);
    EXPECT_TRUE(key->Verify("data", signature)) << AlgorithmName(signing.algorithm);
    EXPECT_FALSE(key->Verify("Data", signature)) << AlgorithmName(signing.algorithm);
    EXPECT_FALSE(key->Verify("", signature)) << AlgorithmName(signing.algorithm);
  }
}

TEST(JwkTest, NoBitOfASignatureMayBeAnother) {
  for (const SigningCase& signing : SigningCases()) {
    const auto key = PublicKey(signing);
    const std::string signature = signing.key.Sign(signing.algorithm, "data");
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      std::string flipped = signature;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      EXPECT_FALSE(key->Verify("data", flipped)) << AlgorithmName(signing.algorithm) << bit;
    }
  }
}

TEST(JwkTest, ASignatureOfAnotherLengthIsRefused) {
  for (const SigningCase& signing : SigningCases()) {
    const auto key = PublicKey(signing);
    const std::string signature = signing.key.Sign(signing.algorithm, "data");
    for (const std::string& other :
         {std::string(), signature.substr(1), signature.substr(0, signature.size() - 1),
          signature + '\0', '\0' + signature, signature + signature}) {
      EXPECT_FALSE(key->Verify("data", other)) << AlgorithmName(signing.algorithm);
    }
  }
}

// OpenSSL itself verifies what is left when the zero is taken off.
TEST(JwkTest, AnRsaSignatureWithoutItsLeadingZeroIsRefused) {
  const SigningCase& pss = SigningCases()[1];
  ASSERT_EQ(pss.algorithm, Algorithm::kPs256);
  const auto key = PublicKey(pss);
  // One in 256 begins so, whatever the salt.
  for (int i = 0; i < 10'000; ++i) {
    const std::string signature = pss.key.Sign(Algorithm::kPs256, "data");
    if (signature.front() != '\0') continue;
    EXPECT_TRUE(key->Verify("data", signature));
    EXPECT_FALSE(key->Verify("data", signature.substr(1)));
    return;
  }
  FAIL() << "no signature began with a zero";
}

TEST(JwkTest, ASignatureHasOneForm) {
  const SigningCase& ecdsa = SigningCases()[2];
  const std::string good = ecdsa.key.Sign(ecdsa.algorithm, "data");
  // The same two numbers, written with more bytes.
  EXPECT_FALSE(PublicKey(ecdsa)->Verify("data", good.substr(0, 32) + '\0' + good.substr(32)));
  // PSS with a salt of another length than the digest's.
  const SigningCase& pss = SigningCases()[1];
  EXPECT_TRUE(PublicKey(pss)->Verify("data", pss.key.Sign(Algorithm::kPs256, "data", 32)));
  for (const int salt : {0, 20, 31, 33, 64}) {
    EXPECT_FALSE(PublicKey(pss)->Verify("data", pss.key.Sign(Algorithm::kPs256, "data", salt)));
  }
}

TEST(JwkTest, PsychicSignaturesAreRefused) {
  // Zero for R and S, or the order of the curve, which is zero to it: CVE-2022-21449.
  const std::string order = *DecodeBase64Url("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");
  ASSERT_EQ(order.size(), 32U);
  const std::string zero(32, '\0');
  const SigningCase& signing = SigningCases()[2];
  const auto key = PublicKey(signing);
  const std::string good = signing.key.Sign(signing.algorithm, "data");
  for (const std::string& signature :
       {zero + zero, order + order, zero + order, order + zero, zero + good.substr(32),
        good.substr(0, 32) + zero, good.substr(0, 32) + order}) {
    EXPECT_FALSE(key->Verify("data", signature));
  }
  EXPECT_FALSE(PublicKey(SigningCases()[0])->Verify("data", std::string(256, '\0')));
  EXPECT_FALSE(PublicKey(SigningCases()[1])->Verify("data", std::string(256, '\0')));
  EXPECT_FALSE(PublicKey(SigningCases()[3])->Verify("data", std::string(64, '\0')));
}

TEST(JwkTest, OneRsaKeyDoesNotVerifyForBothPaddings) {
  const auto& pkcs1 = SigningCases()[0];
  const auto& pss = SigningCases()[1];
  EXPECT_FALSE(PublicKey(pkcs1)->Verify("data", pss.key.Sign(Algorithm::kPs256, "data")));
  EXPECT_FALSE(PublicKey(pss)->Verify("data", pkcs1.key.Sign(Algorithm::kRs256, "data")));
}

TEST(JwkTest, LeavesNoErrorBehindForOthersOnTheThread) {
  const auto key = PublicKey(SigningCases()[0]);
  EXPECT_FALSE(key->Verify("data", "bad"));
  EXPECT_EQ(Jwk::FromJson(With(Ec(), "y", Ec()["y"])), nullptr);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace trialgate::identity
