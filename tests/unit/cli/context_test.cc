// Contexts: what they may say, where they are kept, and which of several sayings holds.
#include "tools/cli/context.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tools/cli/connection.h"
#include "tools/cli/context_file.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// Every fault of `values`, as "where: words".
std::string FaultsOf(const ContextValues& values) {
  FieldFaults faults;
  CheckContext(SaidAt("", values), &faults);
  std::string text;
  for (const FieldViolation& fault : faults.told()) {
    text += fault.field + ": " + fault.description + "\n";
  }
  return text;
}

TEST(ContextTest, WhatIsConsistentHasNoFaults) {
  EXPECT_EQ(FaultsOf({}), "");
  EXPECT_EQ(FaultsOf({{"server", "127.0.0.1:7420"}, {"insecure", "true"}, {"as", "national::c"}}),
            "");
  EXPECT_EQ(FaultsOf({{"server", "x.example:7420"},
                      {"ca", "ca.pem"},
                      {"certificate", "c.pem"},
                      {"key", "c.key"},
                      {"issuer", "https://login.example/realm"},
                      {"client-id", "cli"},
                      {"client-secret-env", "CLIENT_SECRET"}}),
            "");
  EXPECT_EQ(FaultsOf({{"issuer", "http://127.0.0.1:8080"}, {"client-id", "cli"}}), "");
}

TEST(ContextTest, WhatIsSaidWithoutProofMustNotLeaveTheMachine) {
  EXPECT_THAT(FaultsOf({{"server", "x.example:7420"}, {"insecure", "true"}}),
              HasSubstr("insecure: is for servers on this machine only"));
  EXPECT_THAT(FaultsOf({{"server", "x.example:7420"}, {"as", "national::c"}}),
              HasSubstr("as: is for servers on this machine without TLS"));
  EXPECT_THAT(FaultsOf({{"server", "127.0.0.1:1"}, {"ca", "ca.pem"}, {"as", "national::c"}}),
              HasSubstr("as: is for servers on this machine without TLS"));
}

TEST(ContextTest, ValuesThatContradictEachOtherAreFaults) {
  EXPECT_THAT(FaultsOf({{"insecure", "true"}, {"ca", "ca.pem"}}), HasSubstr("besides insecure"));
  EXPECT_THAT(
      FaultsOf({{"token-file", "t"}, {"issuer", "https://login.example"}, {"client-id", "c"}}),
      HasSubstr("issuer: says who you are, besides token-file"));
  EXPECT_THAT(FaultsOf({{"issuer", "https://login.example"},
                        {"client-id", "c"},
                        {"client-secret-file", "f"},
                        {"client-secret-env", "E"}}),
              HasSubstr("client-secret-env: says where the secret is, besides client-secret-file"));
}

TEST(ContextTest, ValuesThatNeedAnotherSaySo) {
  EXPECT_THAT(FaultsOf({{"certificate", "c.pem"}}), HasSubstr("certificate: needs key"));
  EXPECT_THAT(FaultsOf({{"key", "c.key"}}), HasSubstr("key: needs certificate"));
  EXPECT_THAT(FaultsOf({{"issuer", "https://login.example"}}),
              HasSubstr("issuer: needs client-id"));
  EXPECT_THAT(FaultsOf({{"audience", "x"}}), HasSubstr("audience: needs issuer"));
}

TEST(ContextTest, TokensGoToTrustworthyAddressesOnly) {
  EXPECT_TRUE(IsTrustworthyUrl("https://login.example/realms/x"));
  EXPECT_TRUE(IsTrustworthyUrl("http://127.0.0.1:8080/x?y=z"));
  EXPECT_TRUE(IsTrustworthyUrl("http://localhost"));
  EXPECT_TRUE(IsTrustworthyUrl("http://[::1]:1/x"));
  for (const char* url :
       {"http://login.example", "login.example", "", "https://", "ftp://x",
        "https://user:pw@login.example", "https://login.example/#x", "https://:1/",
        "http://127.0.0.1@evil.example/", "http://127.0.0.1.evil.example", "https://a b",
        "https://login.example\\@evil.example", "http://localhost.evil.example/"}) {
    EXPECT_FALSE(IsTrustworthyUrl(url)) << url;
  }
}

TEST(ContextTest, AnIssuerHasNoQuery) {
  EXPECT_THAT(FaultsOf({{"issuer", "https://login.example/?x=1"}, {"client-id", "c"}}),
              HasSubstr("issuer: must be an https address"));
}

TEST(ContextTest, AFaultNeverRepeatsASecretGivenInTheWrongPlace) {
  EXPECT_THAT(FaultsOf({{"issuer", "https://user:s3cr3t@login.example"},
                        {"client-id", "c"},
                        {"client-secret-env", "s3cr3t!"}}),
              AllOf(HasSubstr("issuer: "), HasSubstr("client-secret-env: must be the name"),
                    Not(HasSubstr("s3cr3t"))));
}

class ContextFileTest : public testing::Test {
 protected:
  void Write(const std::string& content, mode_t mode = 0600) {
    std::ofstream(path_) << content;
    chmod(path_.c_str(), mode);
  }

  std::string Content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string FaultOf(const std::string& content) {
    Write(content);
    const auto loaded = LoadContextFile(path_);
    EXPECT_EQ(ExitCodeOf(loaded.status()), kUsage);
    return RenderError(loaded.status());
  }

  absl::StatusOr<Connection> Choose(const ConnectionFlags& flags, Environment environment = {}) {
    environment["TRIALGATE_CONFIG"] = path_;
    return ChooseConnection(flags, environment);
  }

  TempDir folder_;
  const std::string path_ = folder_.Sub("config.toml");
};

TEST_F(ContextFileTest, TheFileLiesWhereTheEnvironmentSays) {
  EXPECT_EQ(ContextFilePath({{"TRIALGATE_CONFIG", "/c"}, {"XDG_CONFIG_HOME", "/x"}}), "/c");
  EXPECT_EQ(ContextFilePath({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}),
            "/x/trialgate/config.toml");
  EXPECT_EQ(ContextFilePath({{"HOME", "/h"}}), "/h/.config/trialgate/config.toml");
  EXPECT_EQ(ContextFilePath({}), "");
}

TEST_F(ContextFileTest, AMissingFileHasNoContexts) {
  ASSERT_OK_AND_ASSIGN(const ContextFile file, LoadContextFile(path_));
  EXPECT_THAT(file.contexts, IsEmpty());
}

TEST_F(ContextFileTest, PathsStartAtTheFilesFolder) {
  Write("current-context = 'a'\n[contexts.a]\nserver = 'x:1'\nca = 'pki/../ca.pem'\nkey = '/k'\n");
  ASSERT_OK_AND_ASSIGN(const ContextFile file, LoadContextFile(path_));
  EXPECT_EQ(file.current, "a");
  EXPECT_THAT(file.contexts.at("a"), ElementsAre(Pair("ca", folder_.Sub("ca.pem")),
                                                 Pair("key", "/k"), Pair("server", "x:1")));
}

TEST_F(ContextFileTest, UnknownKeysAreToldTogetherWithTheNearestKnown) {
  const std::string fault = FaultOf(
      "curent-context = 'a'\n[contexts.a]\nservr = 'x'\nclient-secret = 's3cr3t'\ninsecure = 1\n");
  EXPECT_THAT(fault, HasSubstr("curent-context: is not known; the nearest is current-context"));
  EXPECT_THAT(fault, HasSubstr("contexts.a.servr: is not known; the nearest is server"));
  EXPECT_THAT(fault, HasSubstr("client-secret: is not known; the nearest is client-secret-"));
  EXPECT_THAT(fault, HasSubstr("contexts.a.insecure: must be true or false"));
  EXPECT_THAT(fault, HasSubstr(path_));
  EXPECT_THAT(fault, Not(HasSubstr("s3cr3t")));
}

TEST_F(ContextFileTest, AFileThatIsNoTomlIsNamedWithTheLine) {
  EXPECT_THAT(FaultOf("[contexts.a]\nserver = \n"), HasSubstr("line 2"));
  EXPECT_THAT(FaultOf("contexts = 1\n"), HasSubstr("contexts: must be a table"));
  EXPECT_THAT(FaultOf("[contexts]\na = 1\n"), HasSubstr("contexts.a: must be a table"));
  EXPECT_THAT(FaultOf("[contexts.'../x']\n"), HasSubstr("is no name for a context"));
}

TEST_F(ContextFileTest, AFileThatOthersMayWriteIsRefused) {
  Write("", 0666);
  EXPECT_THAT(LoadContextFile(path_).status().message(), HasSubstr("written by others"));
}

TEST_F(ContextFileTest, AChangeIsWrittenWholeAndForItsOwnerOnly) {
  ASSERT_OK(UpdateContextFile(path_, [](ContextFile* file) {
    file->current = "a";
    file->contexts["a"] = {{"server", "x:1"}, {"ca", "/ca.pem"}};
    file->contexts["b.c"] = {{"insecure", "true"}, {"as", "national::\"quoted\""}};
    return absl::OkStatus();
  }));
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_OK_AND_ASSIGN(const ContextFile file, LoadContextFile(path_));
  EXPECT_EQ(file.current, "a");
  EXPECT_THAT(file.contexts.at("a"), ElementsAre(Pair("ca", "/ca.pem"), Pair("server", "x:1")));
  EXPECT_THAT(file.contexts.at("b.c"),
              ElementsAre(Pair("as", "national::\"quoted\""), Pair("insecure", "true")));
}

TEST_F(ContextFileTest, AChangeThatFailsLeavesTheFileAsItWas) {
  Write("# mine\n[contexts.a]\n");
  EXPECT_FALSE(UpdateContextFile(path_, [](ContextFile* file) {
                 file->contexts.clear();
                 return absl::AbortedError("no");
               }).ok());
  EXPECT_EQ(Content(), "# mine\n[contexts.a]\n");
  EXPECT_FALSE(UpdateContextFile(path_, [](ContextFile* file) {
                 file->contexts["no name"] = {};
                 return absl::OkStatus();
               }).ok());
  EXPECT_EQ(Content(), "# mine\n[contexts.a]\n");
}

TEST_F(ContextFileTest, ALinkToTheFileStaysALink) {
  const std::string link = folder_.Sub("link.toml");
  Write("");
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  ASSERT_OK(UpdateContextFile(link, [](ContextFile* file) {
    file->contexts["a"] = {};
    return absl::OkStatus();
  }));
  EXPECT_THAT(Content(), HasSubstr("contexts.a"));
  struct stat info = {};
  ASSERT_EQ(lstat(link.c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
}

// --- Which of several sayings holds ---

TEST_F(ContextFileTest, WithoutAnythingSaidTheServerIsThatOfDevelopment) {
  ASSERT_OK_AND_ASSIGN(const Connection connection, Choose({}));
  EXPECT_EQ(connection.server, kDefaultServer);
  EXPECT_FALSE(connection.tls.has_value());
  EXPECT_EQ(connection.context, "");
}

TEST_F(ContextFileTest, FlagsHoldOverTheEnvironmentAndTheEnvironmentOverTheContext) {
  Write("[contexts.a]\nserver = 'context:1'\nca = '/context'\nserver-name = 'context'\n");
  ASSERT_OK_AND_ASSIGN(const Connection connection,
                       Choose({.context = "", .values = {{"server", "flag:1"}}},
                              {{"TRIALGATE_CONTEXT", "a"},
                               {"TRIALGATE_SERVER", "environment:1"},
                               {"TRIALGATE_CA", "/environment"}}));
  EXPECT_EQ(connection.server, "flag:1");
  EXPECT_EQ(connection.tls->ca, "/environment");
  EXPECT_EQ(connection.tls->server_name, "context");
}

TEST_F(ContextFileTest, WhereAFlagNamesTheContextTheEnvironmentIsNotAsked) {
  Write("[contexts.a]\nserver = 'context:1'\n");
  ASSERT_OK_AND_ASSIGN(const Connection connection, Choose({.context = "a", .values = {}},
                                                           {{"TRIALGATE_SERVER", "environment:1"},
                                                            {"TRIALGATE_CONTEXT", "absent"}}));
  EXPECT_EQ(connection.server, "context:1");
}

TEST_F(ContextFileTest, TheCurrentContextDoesNotCountForAServerNamedInPassing) {
  Write("current-context = 'a'\n[contexts.a]\nserver = 'context:1'\ntoken-file = '/t'\n");
  ASSERT_OK_AND_ASSIGN(const Connection current, Choose({}));
  EXPECT_EQ(current.server, "context:1");
  EXPECT_EQ(current.token_file, "/t");
  ASSERT_OK_AND_ASSIGN(const Connection passing, Choose({}, {{"TRIALGATE_SERVER", "other:1"}}));
  EXPECT_EQ(passing.server, "other:1");
  EXPECT_EQ(passing.token_file, "") << "a token went to a server that it is not for";
  EXPECT_EQ(passing.context, "");
  ASSERT_OK_AND_ASSIGN(const Connection named,
                       Choose({.context = "a", .values = {{"server", "other:1"}}}));
  EXPECT_EQ(named.token_file, "/t") << "who names both means both";
}

TEST_F(ContextFileTest, ABrokenFileIsNotAskedWhereItDoesNotCount) {
  Write("= broken");
  EXPECT_OK(Choose({.context = "", .values = {{"server", "127.0.0.1:1"}}}));
  EXPECT_FALSE(Choose({}).ok());
}

TEST_F(ContextFileTest, WhoSaysHowToBeKnownSaysItWhole) {
  Write(
      "current-context = 'a'\n[contexts.a]\nserver = '127.0.0.1:1'\nissuer = "
      "'https://login.example'\nclient-id = 'c'\ninsecure = true\n");
  ASSERT_OK_AND_ASSIGN(const Connection as,
                       Choose({.context = "", .values = {{"as", "national::c"}}}));
  EXPECT_FALSE(as.sign_in.has_value());
  EXPECT_EQ(as.principal, "national::c");
  ASSERT_OK_AND_ASSIGN(const Connection token, Choose({}, {{"TRIALGATE_TOKEN_FILE", "/t"}}));
  EXPECT_FALSE(token.sign_in.has_value());
  EXPECT_FALSE(token.tls.has_value());
  ASSERT_OK_AND_ASSIGN(const Connection tls, Choose({.context = "", .values = {{"ca", "/ca"}}}));
  EXPECT_TRUE(tls.tls.has_value());
  EXPECT_TRUE(tls.sign_in.has_value());
}

TEST_F(ContextFileTest, ATokenGoesOutWithTlsUnlessTheContextSaysInsecure) {
  ASSERT_OK_AND_ASSIGN(
      const Connection secure,
      Choose({.context = "", .values = {{"server", "127.0.0.1:1"}, {"token-file", "/t"}}}));
  EXPECT_TRUE(secure.tls.has_value());
  ASSERT_OK_AND_ASSIGN(
      const Connection insecure,
      Choose({.context = "",
              .values = {{"server", "127.0.0.1:1"}, {"token-file", "/t"}, {"insecure", "true"}}}));
  EXPECT_FALSE(insecure.tls.has_value());
  EXPECT_FALSE(Choose({.context = "",
                       .values = {{"server", "x:1"}, {"token-file", "/t"}, {"insecure", "true"}}})
                   .ok());
}

TEST_F(ContextFileTest, ASwitchOfTheEnvironmentIsTrueOrNotSet) {
  EXPECT_OK(Choose({}, {{"TRIALGATE_INSECURE", "true"}}));
  EXPECT_THAT(Choose({}, {{"TRIALGATE_INSECURE", "yes"}}).status().message(),
              HasSubstr("TRIALGATE_INSECURE"));
}

TEST_F(ContextFileTest, AContextThatDoesNotExistIsSaidWithThoseThatDo) {
  EXPECT_THAT(Choose({.context = "a", .values = {}}).status().message(),
              HasSubstr("trialgate config set-context a"));
  Write("[contexts.b]\n[contexts.c]\n");
  EXPECT_THAT(Choose({.context = "a", .values = {}}).status().message(),
              HasSubstr("there are: b, c"));
  EXPECT_THAT(Choose({}).status().message(), HasSubstr("no context is chosen"));
}

TEST_F(ContextFileTest, AFaultSaysWhereTheValueWasSaid) {
  Write("[contexts.a]\nserver = 'x:1'\n");
  EXPECT_THAT(
      Choose({}, {{"TRIALGATE_CONTEXT", "a"}, {"TRIALGATE_AS", "national::c"}}).status().message(),
      HasSubstr("TRIALGATE_AS is for servers on this machine"));
  Write("[contexts.a]\nserver = 'x:1'\nkey = 'k'\n");
  EXPECT_THAT(Choose({.context = "a", .values = {}}).status().message(),
              HasSubstr("context a: key needs certificate"));
}

}  // namespace
}  // namespace trialgate::cli
