#include "tools/cli/oauth.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/fake_provider.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr char kDiscovery[] = "/.well-known/openid-configuration";

class OAuthTest : public testing::Test {
 protected:
  absl::StatusOr<Provider> DiscoverIt() { return Discover(*http_, kIssuer); }

  absl::StatusOr<DeviceCode> AskForCode() {
    return RequestDeviceCode(*http_, provider_, client_, "openid", "urn:server", clock_);
  }

  // A device flow from its beginning.
  absl::StatusOr<Tokens> Flow() {
    if (fake_.Asked("/device").empty()) fake_.Answer("/device", 200, DeviceAnswer());
    const absl::StatusOr<DeviceCode> code = AskForCode();
    if (!code.ok()) return code.status();
    return AwaitDeviceTokens(*http_, provider_, client_, *code, "urn:server", clock_,
                             std::ref(wait_));
  }

  FakeProvider fake_;
  const std::unique_ptr<HttpClient> http_ = fake_.Client();
  FakeClock clock_;
  FakeWait wait_{&clock_};
  const Provider provider_ = {.token_endpoint = absl::StrCat(kIssuer, "/token"),
                              .device_authorization_endpoint = absl::StrCat(kIssuer, "/device"),
                              .revocation_endpoint = absl::StrCat(kIssuer, "/revoke")};
  const OAuthClient client_ = {.id = "cli", .secret = Secret()};
  const OAuthClient confidential_ = {.id = "robot 1", .secret = Secret("s3cr:t")};
};

// --- Discovery ---

TEST_F(OAuthTest, TheProviderSaysWhatItOffers) {
  ASSERT_OK_AND_ASSIGN(const Provider provider, DiscoverIt());
  EXPECT_EQ(provider.token_endpoint, "https://login.example/token");
  EXPECT_EQ(provider.device_authorization_endpoint, "https://login.example/device");
  EXPECT_EQ(provider.revocation_endpoint, "https://login.example/revoke");
}

TEST_F(OAuthTest, AProviderThatIsAnotherIsNotBelieved) {
  fake_.Forget(kDiscovery);
  fake_.Answer(kDiscovery, 200,
               R"({"issuer": "https://evil.example", "token_endpoint": "https://evil.example/t"})");
  EXPECT_THAT(DiscoverIt(), StatusIs(absl::StatusCode::kUnavailable,
                                     HasSubstr("says that it is \"https://evil.example\"")));
}

TEST_F(OAuthTest, SecretsAreNotSentToAddressesWithoutTls) {
  fake_.Forget(kDiscovery);
  fake_.Answer(kDiscovery, 200,
               absl::StrCat(R"({"issuer": ")", kIssuer,
                            R"(", "token_endpoint": "http://login.example/t"})"));
  EXPECT_THAT(DiscoverIt(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("addresses that are not https")));
}

TEST_F(OAuthTest, ADocumentThatIsNoneIsSaidSo) {
  const std::string bodies[] = {"<html>", "[]", "", "{\"issuer\": 1}",
                                absl::StrCat(R"({"issuer": ")", kIssuer, "\"}")};
  for (const std::string& body : bodies) {
    fake_.Forget(kDiscovery);
    fake_.Answer(kDiscovery, 200, body);
    EXPECT_THAT(DiscoverIt(), StatusIs(absl::StatusCode::kUnavailable)) << body;
  }
  fake_.Forget(kDiscovery);
  fake_.Answer(kDiscovery, 404, "{}");
  EXPECT_THAT(DiscoverIt(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("HTTP 404")));
  fake_.Forget(kDiscovery);
  fake_.Fail(kDiscovery);
  EXPECT_THAT(DiscoverIt(), StatusIs(absl::StatusCode::kUnavailable,
                                     AllOf(HasSubstr(kIssuer), HasSubstr("Couldn't connect"))));
}

// --- The device flow ---

TEST_F(OAuthTest, ThePersonIsAskedForAndThenTheTokensCome) {
  fake_.Answer("/token", 400, ErrorAnswer("authorization_pending"));
  fake_.Answer("/token", 400, ErrorAnswer("authorization_pending"));
  fake_.Answer("/token", 200, TokenAnswer("acc", "ref", 60));
  ASSERT_OK_AND_ASSIGN(const Tokens tokens, Flow());
  EXPECT_EQ(tokens.access_token.Reveal(), "acc");
  EXPECT_EQ(tokens.refresh_token.Reveal(), "ref");
  EXPECT_EQ(tokens.valid_for, absl::Seconds(60));
  EXPECT_THAT(wait_.spans, ElementsAre(absl::Seconds(5), absl::Seconds(5), absl::Seconds(5)));
  const HttpRequest asked = fake_.Asked("/device")[0];
  EXPECT_EQ(FieldOf(asked, "client_id"), "cli");
  EXPECT_EQ(FieldOf(asked, "scope"), "openid");
  EXPECT_EQ(FieldOf(asked, "resource"), "urn:server");
  ASSERT_THAT(fake_.Asked("/token"), SizeIs(3));
  for (const HttpRequest& poll : fake_.Asked("/token")) {
    EXPECT_EQ(FieldOf(poll, "grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
    EXPECT_EQ(FieldOf(poll, "device_code"), "d3v1ce");
    EXPECT_EQ(FieldOf(poll, "resource"), "urn:server");
    EXPECT_THAT(*poll.form, SizeIs(4));
  }
}

TEST_F(OAuthTest, AskedToSlowDownItWaitsFiveSecondsMoreFromThenOn) {
  fake_.Answer("/token", 400, ErrorAnswer("slow_down"));
  fake_.Answer("/token", 400, ErrorAnswer("authorization_pending"));
  fake_.Answer("/token", 400, ErrorAnswer("slow_down"));
  fake_.Answer("/token", 200, TokenAnswer("acc"));
  ASSERT_OK(Flow());
  EXPECT_THAT(wait_.spans, ElementsAre(absl::Seconds(5), absl::Seconds(10), absl::Seconds(10),
                                       absl::Seconds(15)));
}

TEST_F(OAuthTest, AProviderThatDoesNotAnswerIsAskedAgainEverMoreSeldom) {
  fake_.Fail("/token");
  fake_.Answer("/token", 503, "busy");
  fake_.Answer("/token", 200, TokenAnswer("acc"));
  ASSERT_OK(Flow());
  EXPECT_THAT(wait_.spans, ElementsAre(absl::Seconds(5), absl::Seconds(10), absl::Seconds(20)));
}

TEST_F(OAuthTest, ThePausesStayWithinAMinuteAndTheWholeWithinTheCode) {
  fake_.Fail("/token");
  EXPECT_THAT(Flow(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(wait_.spans, Each(testing::Le(absl::Minutes(1))));
  EXPECT_LT(clock_.Now(), FakeClock().Now() + absl::Seconds(600));
  EXPECT_THAT(fake_.Asked("/token"), SizeIs(12));
}

TEST_F(OAuthTest, APersonWhoSaysNoEndsIt) {
  fake_.Answer("/token", 400, ErrorAnswer("access_denied"));
  const auto tokens = Flow();
  EXPECT_THAT(tokens, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ExitCodeOf(tokens.status()), kNotPermitted);
  EXPECT_THAT(fake_.Asked("/token"), SizeIs(1));
}

TEST_F(OAuthTest, ACodeThatExpiredSaysHowToGetANewOne) {
  fake_.Answer("/token", 400, ErrorAnswer("expired_token"));
  const auto tokens = Flow();
  EXPECT_THAT(tokens, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(RenderError(tokens.status()), HasSubstr("`trialgate login` gives a new one"));
}

TEST_F(OAuthTest, ACodeIsNotPolledLongerThanItHolds) {
  fake_.Answer("/token", 400, ErrorAnswer("authorization_pending"));
  EXPECT_THAT(Flow(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  // 600 seconds, every 5, the last one before the end.
  EXPECT_THAT(fake_.Asked("/token"), SizeIs(119));
}

TEST_F(OAuthTest, InterruptedItAsksNoMore) {
  fake_.Answer("/token", 400, ErrorAnswer("authorization_pending"));
  wait_.interrupt_at = 2;
  EXPECT_THAT(Flow(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(fake_.Asked("/token"), SizeIs(1));
}

TEST_F(OAuthTest, AnyOtherErrorIsARefusalWithTheProvidersWords) {
  fake_.Answer("/token", 400,
               R"({"error": "unauthorized_client", "error_description": "not this one\u001b[2J"})");
  const auto tokens = Flow();
  EXPECT_THAT(tokens, StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("unauthorized_client"), HasSubstr("not this one"),
                                     Not(HasSubstr("\x1b")))));
  EXPECT_EQ(ExitCodeOf(tokens.status()), kRefusedState);
}

TEST_F(OAuthTest, AProviderWithoutTheDeviceFlowIsSaidSo) {
  const absl::StatusOr<DeviceCode> code =
      RequestDeviceCode(*http_,
                        {.token_endpoint = "https://login.example/token",
                         .device_authorization_endpoint = "",
                         .revocation_endpoint = ""},
                        client_, "", "", clock_);
  EXPECT_THAT(RenderError(code.status()), HasSubstr("--client-credentials"));
}

TEST_F(OAuthTest, ACodeThatCannotBeUsedIsRefused) {
  for (
      const char* answer :
      {"{}", R"({"device_code": "d", "user_code": "u", "expires_in": 60})",
       R"({"device_code": "d", "user_code": "u", "verification_uri": "javascript:x", "expires_in": 60})",
       R"({"device_code": "d", "user_code": "u", "verification_uri": "https://x.example"})",
       R"({"user_code": "u", "verification_uri": "https://x.example", "expires_in": 60})"}) {
    fake_.Forget("/device");
    fake_.Answer("/device", 200, answer);
    EXPECT_THAT(AskForCode(), StatusIs(absl::StatusCode::kUnavailable)) << answer;
  }
}

TEST_F(OAuthTest, WhatTheProviderSaysOfTimeIsKeptWithinLimits) {
  fake_.Answer("/device", 200,
               R"({"device_code": "d", "user_code": "u", "verification_uri": "https://x.example",
                   "verification_uri_complete": "javascript:x",
                   "expires_in": 99999999999, "interval": 0})");
  ASSERT_OK_AND_ASSIGN(const DeviceCode code, AskForCode());
  EXPECT_EQ(code.expires, clock_.Now() + absl::Minutes(30));
  EXPECT_EQ(code.interval, absl::Seconds(1));
  EXPECT_EQ(code.verification_uri_complete, "");
}

// --- Tokens ---

TEST_F(OAuthTest, ASecretIsShownAsTheRfcSays) {
  fake_.Answer("/token", 200, TokenAnswer("acc"));
  ASSERT_OK(RequestClientCredentials(*http_, provider_, confidential_, "read", "urn:server"));
  const HttpRequest asked = fake_.Asked("/token")[0];
  // base64("robot%201:s3cr%3At")
  EXPECT_EQ(asked.authorization, "Basic cm9ib3QlMjAxOnMzY3IlM0F0");
  EXPECT_EQ(FieldOf(asked, "grant_type"), "client_credentials");
  EXPECT_EQ(FieldOf(asked, "scope"), "read");
  EXPECT_EQ(FieldOf(asked, "resource"), "urn:server");
  EXPECT_EQ(FieldOf(asked, "client_id"), "");
}

TEST_F(OAuthTest, ATokenThatCannotBeSentIsRefused) {
  for (const char* answer :
       {"{}", R"({"access_token": "a"})", R"({"access_token": "a", "token_type": "mac"})",
        R"({"access_token": "a b", "token_type": "Bearer"})",
        R"({"access_token": "a\r\nX: y", "token_type": "Bearer"})",
        R"({"access_token": "", "token_type": "Bearer"})",
        R"({"access_token": "a", "token_type": "Bearer", "expires_in": -1})"}) {
    fake_.Forget("/token");
    fake_.Answer("/token", 200, answer);
    EXPECT_THAT(RequestClientCredentials(*http_, provider_, confidential_, "", ""),
                StatusIs(absl::StatusCode::kUnavailable))
        << answer;
  }
}

TEST_F(OAuthTest, ARefreshTokenThatIsNotReplacedStays) {
  fake_.Answer("/token", 200, TokenAnswer("a2"));
  fake_.Answer("/token", 200, TokenAnswer("a3", "r3"));
  ASSERT_OK_AND_ASSIGN(const Tokens second,
                       Refresh(*http_, provider_, client_, Secret("r1"), "urn:s"));
  EXPECT_EQ(second.access_token.Reveal(), "a2");
  EXPECT_EQ(second.refresh_token.Reveal(), "r1");
  ASSERT_OK_AND_ASSIGN(const Tokens third,
                       Refresh(*http_, provider_, client_, Secret("r1"), "urn:s"));
  EXPECT_EQ(third.refresh_token.Reveal(), "r3");
  EXPECT_EQ(FieldOf(fake_.Asked("/token")[0], "refresh_token"), "r1");
}

TEST_F(OAuthTest, ARefreshTokenThatNoLongerHoldsIsToldApart) {
  fake_.Answer("/token", 400, ErrorAnswer("invalid_grant"));
  EXPECT_THAT(Refresh(*http_, provider_, client_, Secret("r1"), ""),
              StatusIs(absl::StatusCode::kUnauthenticated));
  fake_.Forget("/token");
  fake_.Answer("/token", 401, ErrorAnswer("invalid_client"));
  EXPECT_THAT(Refresh(*http_, provider_, client_, Secret("r1"), ""),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(OAuthTest, NoErrorRepeatsASecretThatTheProviderRepeats) {
  const auto answer = [&](const std::string& secret) {
    fake_.Forget("/token");
    fake_.Answer("/token", 400,
                 absl::StrCat(R"({"error": "invalid_request", "error_description": "not )", secret,
                              R"("})"));
  };
  answer("r3fr3sh");
  EXPECT_THAT(Refresh(*http_, provider_, client_, Secret("r3fr3sh"), "").status().message(),
              AllOf(HasSubstr("invalid_request"), Not(HasSubstr("r3fr3sh"))));
  answer("s3cr:t");
  EXPECT_THAT(RequestClientCredentials(*http_, provider_, confidential_, "", "").status().message(),
              Not(HasSubstr("s3cr:t")));
  answer("d3v1ce");
  EXPECT_THAT(Flow().status().message(), Not(HasSubstr("d3v1ce")));
}

TEST_F(OAuthTest, ATokenIsRevokedWithItsKind) {
  fake_.Answer("/revoke", 200, "");
  ASSERT_OK(Revoke(*http_, provider_, client_, Secret("ref"), "refresh_token"));
  const HttpRequest asked = fake_.Asked("/revoke")[0];
  EXPECT_EQ(FieldOf(asked, "token"), "ref");
  EXPECT_EQ(FieldOf(asked, "token_type_hint"), "refresh_token");
  EXPECT_EQ(FieldOf(asked, "client_id"), "cli");
  fake_.Forget("/revoke");
  fake_.Answer("/revoke", 503, "");
  EXPECT_THAT(Revoke(*http_, provider_, client_, Secret("ref"), "refresh_token"),
              StatusIs(absl::StatusCode::kUnavailable, Not(HasSubstr("ref "))));
}

TEST(FormEncodeTest, WhatIsNotPlainIsWrittenAsHexadecimal) {
  EXPECT_EQ(FormEncode("aZ09-._"), "aZ09-._");
  EXPECT_EQ(FormEncode("a b&c=d%é\n"), "a%20b%26c%3Dd%25%C3%A9%0A");
}

}  // namespace
}  // namespace trialgate::cli
