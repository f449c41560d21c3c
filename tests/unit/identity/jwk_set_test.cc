#include "common/identity/jwk_set.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using nlohmann::json;
using testing::AllOf;

json Key(const std::string& kid) { return SigningKey::Ed25519().PublicJwk(kid); }

absl::StatusOr<JwkSet> Parse(json keys) {
  return JwkSet::Parse(json{{"keys", std::move(keys)}}.dump());
}

TEST(JwkSetTest, FindsKeysById) {
  ASSERT_OK_AND_ASSIGN(const JwkSet set,
                       Parse({Key("a"), SigningKey::P256().PublicJwk("b"), Key("")}));
  EXPECT_EQ(set.size(), 2U);
  EXPECT_EQ(set.skipped(), 1U);
  EXPECT_EQ(set.Find("a")->algorithm(), Algorithm::kEdDsa);
  EXPECT_EQ(set.Find("b")->algorithm(), Algorithm::kEs256);
  EXPECT_EQ(set.Find("c"), nullptr);
  EXPECT_EQ(set.Find(""), nullptr);
}

TEST(JwkSetTest, KeysThatAreNotForTokensTakeNothingFromTheOthers) {
  json leaked = Key("leaked");
  leaked["d"] = "AQAB";
  ASSERT_OK_AND_ASSIGN(const JwkSet set, Parse({{{"kty", "XYZ"}, {"kid", "x"}},
                                                1,
                                                nullptr,
                                                "key",
                                                json::array(),
                                                json::object(),
                                                {{"kty", "RSA"}, {"kid", "r"}},
                                                leaked,
                                                Key("good")}));
  EXPECT_EQ(set.size(), 1U);
  EXPECT_EQ(set.skipped(), 8U);
  EXPECT_NE(set.Find("good"), nullptr);
  EXPECT_EQ(set.Find("leaked"), nullptr);
}

TEST(JwkSetTest, KeysOfOneIdAreAllLeftOut) {
  const json same = Key("same");
  ASSERT_OK_AND_ASSIGN(const JwkSet set, Parse({Key("twice"), SigningKey::P256().PublicJwk("twice"),
                                                same, same, Key("once")}));
  EXPECT_EQ(set.Find("twice"), nullptr);
  EXPECT_EQ(set.Find("same"), nullptr);
  EXPECT_NE(set.Find("once"), nullptr);
  EXPECT_EQ(set.skipped(), 4U);
}

TEST(JwkSetTest, AnotherKeyOfTheIdThatIsUnusableCountsToo) {
  json leaked = Key("a");
  leaked["d"] = "AQAB";
  ASSERT_OK_AND_ASSIGN(const JwkSet set, Parse({leaked, Key("a")}));
  EXPECT_EQ(set.Find("a"), nullptr);
}

TEST(JwkSetTest, AKeyForEncryptionMayShareAnId) {
  json encryption = SigningKey::Rsa().PublicJwk("a");
  encryption["use"] = "enc";
  ASSERT_OK_AND_ASSIGN(const JwkSet set, Parse({encryption, Key("a"), encryption}));
  ASSERT_NE(set.Find("a"), nullptr);
  EXPECT_EQ(set.Find("a")->algorithm(), Algorithm::kEdDsa);
}

TEST(JwkSetTest, ASetMayBeEmpty) {
  ASSERT_OK_AND_ASSIGN(const JwkSet set, Parse(json::array()));
  EXPECT_EQ(set.size(), 0U);
  EXPECT_EQ(set.skipped(), 0U);
}

TEST(JwkSetTest, WhatIsNoKeySetIsRefused) {
  const auto malformed = AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                               HasReason(v1::ERROR_REASON_MALFORMED_JSON));
  for (const char* text :
       {"", "[]", "null", "{", "{\"keys\":[]}x", "{\"keys\":[],\"keys\":[]}", "\xEF\xBB\xBF{}",
        "{\"keys\":[],\"\xFF\":1}", "{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}"}) {
    EXPECT_THAT(JwkSet::Parse(text), malformed) << text;
  }
  for (const char* text : {"{}", "{\"keys\":{}}", "{\"keys\":null}", "{\"Keys\":[]}"}) {
    EXPECT_THAT(JwkSet::Parse(text), HasReason(v1::ERROR_REASON_REQUIRED)) << text;
  }
}

TEST(JwkSetTest, ItsSizeIsBounded) {
  json keys = json::array();
  for (std::size_t i = 0; i < kMaxJwkSetKeys; ++i) keys.push_back(Key(absl::StrCat("k", i)));
  ASSERT_OK_AND_ASSIGN(const JwkSet set, Parse(keys));
  EXPECT_EQ(set.size(), kMaxJwkSetKeys);
  keys.push_back(Key("more"));
  EXPECT_THAT(Parse(keys), HasReason(v1::ERROR_REASON_TOO_MANY));

  std::string text = "{\"keys\":[]}";
  text.resize(kMaxJwkSetBytes, ' ');
  EXPECT_OK(JwkSet::Parse(text));
  text.push_back(' ');
  EXPECT_THAT(JwkSet::Parse(text), HasReason(v1::ERROR_REASON_TOO_LONG));
}

TEST(JwkSetTest, ItsDepthIsBounded) {
  const auto nested = [](int depth) {
    return absl::StrCat("{\"keys\":[],\"x\":", std::string(depth, '['), std::string(depth, ']'),
                        "}");
  };
  EXPECT_OK(JwkSet::Parse(nested(15)));
  EXPECT_THAT(JwkSet::Parse(nested(16)), HasReason(v1::ERROR_REASON_MALFORMED_JSON));
  EXPECT_THAT(JwkSet::Parse(nested(100'000)), HasReason(v1::ERROR_REASON_MALFORMED_JSON));
}

}  // namespace
}  // namespace trialgate::identity
