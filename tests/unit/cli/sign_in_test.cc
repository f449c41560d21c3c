#include "tools/cli/sign_in.h"

#include <sys/stat.h>

#include <fstream>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_provider.h"
#include "tools/cli/errors.h"
#include "tools/cli/private_file.h"

namespace trialgate::cli {
namespace {

using absl_testing::IsOkAndHolds;
using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

MATCHER_P(Reveals, text, "") { return arg.Reveal() == absl::string_view(text); }

class SignInTest : public testing::Test {
 protected:
  SignInTest() {
    connection_.context = "denmark";
    connection_.sign_in = SignIn{.issuer = kIssuer,
                                 .issuer_ca = "",
                                 .client_id = "cli",
                                 .audience = "urn:server",
                                 .scopes = "",
                                 .client_secret_file = "",
                                 .client_secret_env = ""};
    environment_["TRIALGATE_CONFIG"] = folder_.Sub("config.toml");
    environment_["SECRET"] = "s3cr3t";
    fake_.Answer("/device", 200, DeviceAnswer());
  }

  SignInWorld World() {
    return {.environment = environment_,
            .clock = clock_,
            .http = [this](const std::string& /*ca_file*/) { return fake_.Client(); },
            .wait = std::ref(wait_)};
  }

  absl::StatusOr<absl::Time> SignInByDevice() {
    return SignInSession(World(), connection_).SignInByDevice([this](const DeviceCode& code) {
      shown_ = code.user_code;
    });
  }
  absl::StatusOr<Secret> AccessToken() { return SignInSession(World(), connection_).AccessToken(); }

  // Signs in with tokens that hold for `seconds`.
  void SignedIn(const std::string& access, const std::string& refresh, int seconds) {
    fake_.Answer("/token", 200, TokenAnswer(access, refresh, seconds));
    ASSERT_OK(SignInByDevice());
    fake_.Forget("/token");
  }

  std::string Write(const std::string& content, mode_t mode) {
    std::ofstream(folder_.Sub("file")) << content;
    chmod(folder_.Sub("file").c_str(), mode);
    return folder_.Sub("file");
  }

  bool HasTokens() const { return std::ifstream(path_).good(); }

  FakeProvider fake_;
  FakeClock clock_;
  FakeWait wait_{&clock_};
  TempDir folder_;
  Environment environment_;
  Connection connection_;
  std::string shown_;
  const std::string path_ = folder_.Sub("tokens/denmark.json");
};

TEST_F(SignInTest, TokensAreKeptForTheirOwnerOnlyAndUsed) {
  fake_.Answer("/token", 200, TokenAnswer("acc", "ref", 600));
  ASSERT_OK_AND_ASSIGN(const absl::Time until, SignInByDevice());
  EXPECT_EQ(shown_, "WDJB-MJHT");
  EXPECT_EQ(until, clock_.Now() + absl::Seconds(600));
  EXPECT_EQ(FieldOf(fake_.Asked("/device")[0], "scope"), "openid offline_access");
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(stat(folder_.Sub("tokens").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  EXPECT_THAT(AccessToken(), IsOkAndHolds(Reveals("acc")));
  EXPECT_THAT(fake_.Asked("/token"), SizeIs(1)) << "what holds is not asked for again";
}

TEST_F(SignInTest, TokensLieWhereTheEnvironmentSays) {
  EXPECT_EQ(TokenPath({{"XDG_STATE_HOME", "/s"}, {"TRIALGATE_CONFIG", "/c/x.toml"}}, "a"),
            "/s/trialgate/tokens/a.json");
  EXPECT_EQ(TokenPath({{"TRIALGATE_CONFIG", "/c/x.toml"}}, "a"), "/c/tokens/a.json");
  EXPECT_EQ(TokenPath({{"TRIALGATE_CONFIG", "x.toml"}}, "a"), "./tokens/a.json");
}

TEST_F(SignInTest, WhoHasNotSignedInIsToldHowTo) {
  const auto token = AccessToken();
  EXPECT_EQ(ExitCodeOf(token.status()), kNotPermitted);
  EXPECT_THAT(RenderError(token.status()),
              AllOf(HasSubstr("not signed in"), HasSubstr("`trialgate login --context denmark`")));
}

TEST_F(SignInTest, AnExpiredTokenIsReplacedInSilence) {
  SignedIn("acc", "ref", 600);
  fake_.Answer("/token", 200, TokenAnswer("acc2", "ref2", 600));
  clock_.Advance(absl::Seconds(569));
  EXPECT_THAT(AccessToken(), IsOkAndHolds(Reveals("acc")));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(AccessToken(), IsOkAndHolds(Reveals("acc2")))
      << "a token that is about to expire would expire on its way";
  EXPECT_THAT(AccessToken(), IsOkAndHolds(Reveals("acc2")));
  clock_.Advance(absl::Seconds(600));
  ASSERT_OK(AccessToken());
  EXPECT_EQ(FieldOf(fake_.Asked("/token").back(), "refresh_token"), "ref2");
  EXPECT_EQ(FieldOf(fake_.Asked("/token").back(), "resource"), "urn:server");
}

TEST_F(SignInTest, WithoutARefreshTokenASignInExpires) {
  SignedIn("acc", "", 600);
  clock_.Advance(absl::Seconds(600));
  EXPECT_THAT(AccessToken(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("the sign-in has expired")));
}

TEST_F(SignInTest, ASignInThatTheProviderEndedIsForgotten) {
  SignedIn("acc", "ref", 600);
  fake_.Answer("/token", 400, ErrorAnswer("invalid_grant"));
  clock_.Advance(absl::Seconds(600));
  EXPECT_THAT(AccessToken(), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_FALSE(HasTokens());
}

TEST_F(SignInTest, AProviderThatDoesNotAnswerEndsNoSignIn) {
  SignedIn("acc", "ref", 600);
  fake_.Fail("/token");
  clock_.Advance(absl::Seconds(600));
  const auto token = AccessToken();
  EXPECT_EQ(ExitCodeOf(token.status()), kUnavailable);
  EXPECT_TRUE(HasTokens());
  fake_.Forget("/token");
  fake_.Answer("/token", 200, TokenAnswer("acc2"));
  EXPECT_THAT(AccessToken(), IsOkAndHolds(Reveals("acc2")));
}

TEST_F(SignInTest, WhileAnotherProcessRenewsTheTokensThisOneWaitsAndTakesThose) {
  SignedIn("acc", "ref", 600);
  clock_.Advance(absl::Seconds(600));
  ASSERT_OK_AND_ASSIGN(FileLock other,
                       FileLock::Take(path_ + ".lock", absl::Seconds(1),
                                      [](absl::Duration /*span*/) { return false; }));
  std::optional<FileLock> held(std::move(other));
  SignInWorld world = World();
  world.wait = [&](absl::Duration span) {
    if (!held.has_value()) return wait_(span);
    // The other process is done.
    EXPECT_OK(SaveTokens(path_, {.issuer = kIssuer,
                                 .client_id = "cli",
                                 .audience = "urn:server",
                                 .grant = Grant::kDevice,
                                 .access_token = Secret("theirs"),
                                 .expires = clock_.Now() + absl::Hours(1),
                                 .refresh_token = Secret("ref2")}));
    held.reset();
    return true;
  };
  EXPECT_THAT(SignInSession(world, connection_).AccessToken(), IsOkAndHolds(Reveals("theirs")));
  EXPECT_THAT(fake_.Asked("/token"), SizeIs(1)) << "a refresh token is used once";
}

TEST_F(SignInTest, TokensOfAnotherSignInAreNotUsed) {
  SignedIn("acc", "ref", 600);
  connection_.sign_in->audience = "urn:other-server";
  EXPECT_THAT(AccessToken(), StatusIs(absl::StatusCode::kUnauthenticated));
  connection_.sign_in->audience = "urn:server";
  connection_.sign_in->issuer = "https://other.example";
  EXPECT_THAT(AccessToken(), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(SignInTest, AFileOfTokensThatOthersCanReadIsRefused) {
  SignedIn("acc", "ref", 600);
  chmod(path_.c_str(), 0640);
  EXPECT_THAT(AccessToken().status().message(),
              AllOf(HasSubstr(path_), HasSubstr("holds a secret")));
}

TEST_F(SignInTest, AFileThatHoldsNoTokensIsSaidSoWithoutWhatItHolds) {
  for (const char* content :
       {"", "{}", "s3cr3t", R"({"format": 2, "access_token": "s3cr3t"})",
        R"({"format": 1, "access_token": "s3cr3t s3cr3t"})", R"({"format": 1})"}) {
    ASSERT_OK(WritePrivate(path_, content));
    const auto token = AccessToken();
    EXPECT_EQ(ExitCodeOf(token.status()), kUsage) << content;
    EXPECT_THAT(RenderError(token.status()),
                AllOf(HasSubstr("holds no tokens"), Not(HasSubstr("s3cr3t"))));
  }
}

// --- Programs ---

TEST_F(SignInTest, AProgramSignsInWithASecretAndStaysSignedIn) {
  connection_.sign_in->client_secret_env = "SECRET";
  connection_.sign_in->scopes = "openid offline_access read write";
  fake_.Answer("/token", 200, TokenAnswer("acc", "", 600));
  fake_.Answer("/token", 200, TokenAnswer("acc2", "", 600));
  ASSERT_OK(SignInSession(World(), connection_).SignInByClientCredentials());
  EXPECT_EQ(FieldOf(fake_.Asked("/token")[0], "scope"), "read write");
  EXPECT_EQ(fake_.Asked("/token")[0].authorization, "Basic Y2xpOnMzY3IzdA==");
  EXPECT_THAT(AccessToken(), IsOkAndHolds(Reveals("acc")));
  clock_.Advance(absl::Seconds(600));
  EXPECT_THAT(AccessToken(), IsOkAndHolds(Reveals("acc2")));
  EXPECT_EQ(FieldOf(fake_.Asked("/token")[1], "grant_type"), "client_credentials");
}

TEST_F(SignInTest, ASecretComesFromAFileThatOthersCannotRead) {
  fake_.Answer("/token", 200, TokenAnswer("acc"));
  const auto sign_in = [&] {
    return SignInSession(World(), connection_).SignInByClientCredentials().status();
  };
  EXPECT_THAT(sign_in().message(), HasSubstr("names no secret"));
  connection_.sign_in->client_secret_file = Write("s3cr3t\n", 0600);
  EXPECT_OK(sign_in());
  EXPECT_EQ(fake_.Asked("/token")[0].authorization, "Basic Y2xpOnMzY3IzdA==");
  connection_.sign_in->client_secret_file = Write("s3cr3t\n", 0644);
  EXPECT_THAT(sign_in().message(), HasSubstr("may be read by others"));
  connection_.sign_in->client_secret_file = Write("\n", 0600);
  EXPECT_THAT(sign_in().message(), HasSubstr("is empty"));
  connection_.sign_in->client_secret_file = "/s3cr3t-given-as-a-file";
  EXPECT_THAT(sign_in().message(), AllOf(HasSubstr("No such file"), Not(HasSubstr("s3cr3t"))));
  connection_.sign_in->client_secret_file.clear();
  connection_.sign_in->client_secret_env = "ABSENT";
  EXPECT_THAT(sign_in().message(), HasSubstr("ABSENT is not set"));
  EXPECT_THAT(fake_.Asked("/token"), SizeIs(1));
}

// --- Signing out ---

TEST_F(SignInTest, SigningOutRevokesAndForgets) {
  SignedIn("acc", "ref", 600);
  fake_.Answer("/revoke", 200, "");
  EXPECT_THAT(SignInSession(World(), connection_).SignOut(), IsOkAndHolds(HasSubstr("revoked")));
  EXPECT_FALSE(HasTokens());
  EXPECT_EQ(FieldOf(fake_.Asked("/revoke")[0], "token"), "ref");
  EXPECT_THAT(SignInSession(World(), connection_).SignOut(),
              IsOkAndHolds(HasSubstr("no sign-in to end")));
  EXPECT_THAT(fake_.Asked("/revoke"), SizeIs(1));
}

TEST_F(SignInTest, SigningOutForgetsAlsoWhereTheProviderDoesNotRevoke) {
  SignedIn("acc", "", 600);
  fake_.Fail("/revoke");
  EXPECT_THAT(SignInSession(World(), connection_).SignOut(),
              IsOkAndHolds(HasSubstr("were not revoked")));
  EXPECT_FALSE(HasTokens());
  EXPECT_EQ(FieldOf(fake_.Asked("/revoke")[0], "token"), "acc");
}

// --- A token in a file ---

TEST_F(SignInTest, ATokenInAFileIsReadEachTime) {
  connection_.sign_in.reset();
  EXPECT_THAT(AccessTokenFor(connection_, World()), IsOkAndHolds(Reveals("")));
  connection_.token_file = Write("t0k3n\n", 0600);
  EXPECT_THAT(AccessTokenFor(connection_, World()), IsOkAndHolds(Reveals("t0k3n")));
  Write("other", 0600);
  EXPECT_THAT(AccessTokenFor(connection_, World()), IsOkAndHolds(Reveals("other")));
  Write("two words", 0600);
  EXPECT_THAT(AccessTokenFor(connection_, World()).status().message(),
              AllOf(HasSubstr("holds no access token"), Not(HasSubstr("two words"))));
  Write("t0k3n", 0644);
  EXPECT_THAT(AccessTokenFor(connection_, World()).status().message(),
              HasSubstr("may be read by others"));
}

}  // namespace
}  // namespace trialgate::cli
