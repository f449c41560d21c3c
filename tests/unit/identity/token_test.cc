#include "common/identity/token.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/identity/base64url.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string TokenOf(absl::string_view header) {
  return absl::StrCat(Base64Url(header), ".", Base64Url("{}"), ".", Base64Url("signature"));
}

absl::Status ParseHeader(absl::string_view header) { return ParseToken(TokenOf(header)).status(); }

auto IsInvalid(absl::string_view why) {
  return AllOf(StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr(std::string(why))),
               HasReason(v1::ERROR_REASON_INVALID_TOKEN));
}

TEST(TokenTest, IsTakenApart) {
  const std::string text = TokenOf(R"({"alg":"ES256","kid":"k1"})");
  ASSERT_OK_AND_ASSIGN(const Token token, ParseToken(text));
  EXPECT_EQ(token.algorithm, Algorithm::kEs256);
  EXPECT_EQ(token.kid, "k1");
  EXPECT_FALSE(token.access_token);
  EXPECT_EQ(token.signed_part, text.substr(0, text.rfind('.')));
  EXPECT_EQ(token.payload, "{}");
  EXPECT_EQ(token.signature, "signature");
}

TEST(TokenTest, SaysWhetherItIsAnAccessToken) {
  for (const char* type : {"at+jwt", "AT+JWT", "application/at+jwt"}) {
    const std::string text =
        TokenOf(absl::StrCat(R"({"alg":"RS256","kid":"k","typ":")", type, "\"}"));
    ASSERT_OK_AND_ASSIGN(const Token token, ParseToken(text));
    EXPECT_TRUE(token.access_token) << type;
  }
  const std::string text = TokenOf(R"({"alg":"RS256","kid":"k","typ":"jwt"})");
  ASSERT_OK_AND_ASSIGN(const Token token, ParseToken(text));
  EXPECT_FALSE(token.access_token);
}

TEST(TokenTest, OtherTypesAreRefused) {
  for (const char* type : {"\"dpop+jwt\"", "\"logout+jwt\"", "\"secevent+jwt\"",
                           "\"application/jwt\"", "\"JWE\"", "\"\"", "null", "1", "[\"JWT\"]"}) {
    EXPECT_THAT(ParseHeader(absl::StrCat(R"({"alg":"RS256","kid":"k","typ":)", type, "}")),
                IsInvalid("(typ)"))
        << type;
  }
}

TEST(TokenTest, AnAlgorithmThatIsNoneOfTheFourIsRefused) {
  for (const char* alg :
       {"\"none\"",   "\"None\"",  "\"NONE\"",     "\"nOnE\"",     "\"HS256\"",        "\"HS384\"",
        "\"HS512\"",  "\"RS384\"", "\"RS512\"",    "\"ES384\"",    "\"ES256K\"",       "\"rs256\"",
        "\"RS256 \"", "\"\"",      "\"RSA-OAEP\"", "\"dir\"",      "\"RS256\\u0000\"", "null",
        "true",       "256",       "[\"RS256\"]",  "{\"RS256\":1}"}) {
    EXPECT_THAT(ParseHeader(absl::StrCat(R"({"kid":"k","alg":)", alg, "}")),
                IsInvalid("is not signed with"))
        << alg;
  }
  EXPECT_THAT(ParseHeader(R"({"kid":"k"})"), IsInvalid("is not signed with"));
  EXPECT_THAT(ParseHeader(R"({"kid":"k","ALG":"RS256"})"), IsInvalid("is not signed with"));
}

TEST(TokenTest, AKeyMustBeNamed) {
  EXPECT_THAT(ParseHeader(R"({"alg":"RS256"})"), IsInvalid("(kid)"));
  for (const std::string& kid :
       {std::string("\"\""), std::string("null"), std::string("7"), std::string("[\"k\"]"),
        absl::StrCat("\"", std::string(kMaxKeyIdBytes + 1, 'k'), "\"")}) {
    EXPECT_THAT(ParseHeader(absl::StrCat(R"({"alg":"RS256","kid":)", kid, "}")), IsInvalid("(kid)"))
        << kid;
  }
}

TEST(TokenTest, ExtensionsAreRefused) {
  for (const char* extension :
       {R"("crit":["exp"])", R"("crit":[])", R"("crit":null)", R"("b64":false)", R"("b64":true)",
        R"("zip":"DEF")", R"("crit":["b64"],"b64":false)"}) {
    EXPECT_THAT(ParseHeader(absl::StrCat(R"({"alg":"RS256","kid":"k",)", extension, "}")),
                IsInvalid("extension"))
        << extension;
  }
}

TEST(TokenTest, KeysThatTheTokenBringsAreNotLookedAt) {
  EXPECT_OK(ParseHeader(
      R"({"alg":"RS256","kid":"k","jku":"https://evil.example/keys","x5u":"https://evil.example/x",)"
      R"("jwk":{"kty":"oct","k":"AQAB"},"x5c":["AAAA"],"unknown":{"a":[1,2.5,null]}})"));
}

TEST(TokenTest, AHeaderThatIsNotStrictJsonIsRefused) {
  for (const std::string& header : {std::string(),
                                    std::string("{"),
                                    std::string("[]"),
                                    std::string("null"),
                                    std::string("\"x\""),
                                    std::string(R"({"alg":"RS256","kid":"k"}x)"),
                                    std::string(R"({"alg":"RS256","kid":"k"}{"alg":"RS256"})"),
                                    std::string(R"({"alg":"none","alg":"RS256","kid":"k"})"),
                                    std::string(R"({"alg":"RS256","kid":"a","kid":"b"})"),
                                    std::string(R"({"alg":"RS256","\u0061lg":"RS256","kid":"k"})"),
                                    std::string(R"({"alg":"RS256","kid":"k","x":{"y":1,"y":1}})"),
                                    std::string(R"({"alg":"RS256","kid":"k",})"),
                                    std::string(R"({'alg':'RS256','kid':'k'})"),
                                    std::string(R"({"alg":"RS256","kid":"k","x":NaN})"),
                                    std::string(R"({"alg":"RS256","kid":"k","x":1e999})"),
                                    std::string("{\"alg\":\"RS256\",\"kid\":\"\xFF\"}"),
                                    std::string("{\"alg\":\"RS256\",\"kid\":\"\xED\xA0\x80\"}"),
                                    std::string("\xEF\xBB\xBF{\"alg\":\"RS256\",\"kid\":\"k\"}"),
                                    std::string("{\"alg\":\"RS256\",\"kid\":\"a\0b\"}", 27),
                                    std::string("{\"alg\":\"RS256\",\"kid\":\"k\"}\0{}", 28),
                                    std::string("/* */{\"alg\":\"RS256\",\"kid\":\"k\"}")}) {
    EXPECT_THAT(ParseHeader(header), IsInvalid("strict JSON")) << header;
  }
}

TEST(TokenTest, TheDepthOfTheHeaderIsBounded) {
  const auto nested = [](int depth) {
    return ParseHeader(absl::StrCat(R"({"alg":"RS256","kid":"k","x":)", std::string(depth, '['),
                                    std::string(depth, ']'), "}"));
  };
  EXPECT_OK(nested(15));
  EXPECT_THAT(nested(16), IsInvalid("strict JSON"));
  EXPECT_THAT(nested(5000), IsInvalid("strict JSON"));
}

TEST(TokenTest, HasThreePartsOfStrictBase64Url) {
  const std::string header = Base64Url(R"({"alg":"RS256","kid":"k"})");
  EXPECT_OK(ParseToken(header + ".e30.c2ln"));
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), header,
        header + ".", header + ".e30", header + ".e30.c2ln.", "." + header + ".e30.c2ln",
        header + ".e30.c2ln.e30.e30", std::string("Bearer ") + header + ".e30.c2ln"}) {
    EXPECT_THAT(ParseToken(text), HasReason(v1::ERROR_REASON_INVALID_TOKEN)) << text;
  }
  for (const std::string& text :
       {header + ".e30=.c2ln", header + ".e30.c2lnA=", header + ".e30.c2ln ",
        " " + header + ".e30.c2ln", header + ".e 30.c2ln", header + ".e30.c2ln\n",
        header + ".e30\r.c2ln", header + "=.e30.c2ln", header + ".e30.c2+n", header + ".e30.c2/n",
        header + ".e30.c", header + ".e31.c2ln", header + ".e30.c2l" + '\0',
        header + ".e30.\xC3\xA9\xC3\xA9"}) {
    EXPECT_THAT(ParseToken(text), IsInvalid("base64url")) << text;
  }
}

TEST(TokenTest, ItsSizeIsBounded) {
  std::string text = TokenOf(R"({"alg":"RS256","kid":"k"})");
  text.append((kMaxTokenBytes - text.size()) / 4 * 4, 'A');
  while (!ParseToken(text).ok()) text.push_back('A');
  EXPECT_LE(text.size(), kMaxTokenBytes);
  text.resize(kMaxTokenBytes + 1, 'A');
  EXPECT_THAT(ParseToken(text), IsInvalid("more than 16384 bytes"));
}

TEST(TokenTest, ErrorsRepeatNothingOfTheToken) {
  EXPECT_THAT(ParseHeader(R"({"alg":"mallory","kid":"k"})").message(), Not(HasSubstr("mallory")));
  EXPECT_THAT(ParseHeader(R"({"alg":"RS256","kid":"k","typ":"mallory"})").message(),
              Not(HasSubstr("mallory")));
  EXPECT_THAT(ParseHeader("mallory").message(), Not(HasSubstr("mallory")));
}

TEST(Base64UrlTest, DecodesWhatAnEncoderWrites) {
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("AQAB"), std::string("\x01\x00\x01", 3));
  EXPECT_EQ(DecodeBase64Url("-_8"), "\xFB\xFF");
  for (int size = 0; size < 70; ++size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 37 + size));
    EXPECT_EQ(DecodeBase64Url(Base64Url(bytes)), bytes);
  }
}

TEST(Base64UrlTest, RefusesEveryOtherText) {
  for (const char* text : {"A", "AB=", "AA==", "AAA=", "A A", "AAA\n", "AB", "AAB", "-_9", "+/8",
                           "AAAAA", "AA.A", "=", "=="}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace trialgate::identity
