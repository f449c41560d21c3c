#include "services/server/audit_keys.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

class AuditKeysTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, absl::string_view content, mode_t mode = 0600) {
    const std::string path = folder_.Sub(name);
    std::ofstream(path) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  static auto Refused(const std::string& path, const std::string& why) {
    return AllOf(
        StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr(path), HasSubstr(why))),
        HasReason(v1::ERROR_REASON_CONFIGURATION));
  }

  const TempDir folder_;
  const Ed25519PrivateKey key_ = Ed25519PrivateKey::Generate();
};

TEST_F(AuditKeysTest, WithoutFilesThereAreNoKeys) {
  ASSERT_OK_AND_ASSIGN(const AuditKeys keys, ReadAuditKeys("", ""));
  EXPECT_FALSE(keys.signing.has_value());
  EXPECT_TRUE(keys.known.empty());
}

TEST_F(AuditKeysTest, TheOwnKeyIsKnownBesideThoseThatWereReplaced) {
  const auto old = Ed25519PrivateKey::Generate().public_key();
  const auto older = Ed25519PrivateKey::Generate().public_key();
  ASSERT_OK_AND_ASSIGN(const AuditKeys keys,
                       ReadAuditKeys(Write("key", key_.ToPem().Reveal()),
                                     Write("old", absl::StrCat(old.ToPem(), older.ToPem()), 0644)));
  ASSERT_TRUE(keys.signing.has_value());
  ASSERT_EQ(keys.known.size(), 3u);
  EXPECT_EQ(keys.known[0].id(), key_.public_key().id());
  EXPECT_EQ(keys.known[2].id(), older.id());
}

TEST_F(AuditKeysTest, AFileThatIsNoSuchKeyIsRefusedAndNamed) {
  const std::string absent = folder_.Sub("absent");
  EXPECT_THAT(ReadAuditKeys(absent, ""), Refused(absent, "No such file"));
  const std::string empty = Write("empty", "");
  EXPECT_THAT(ReadAuditKeys(empty, ""), Refused(empty, "nothing"));
  const std::string large = Write("large", std::string(1 << 20, 'x'));
  EXPECT_THAT(ReadAuditKeys(large, ""), Refused(large, "too large"));
  const std::string text = Write("text", "no key");
  EXPECT_THAT(ReadAuditKeys(text, ""), Refused(text, "Ed25519"));
  EXPECT_THAT(ReadAuditKeys("", text), Refused(text, "public key"));
}

TEST_F(AuditKeysTest, APrivateKeyThatOthersMayReadIsRefused) {
  const std::string path = Write("key", key_.ToPem().Reveal(), 0640);
  EXPECT_THAT(ReadAuditKeys(path, ""), Refused(path, "chmod 600"));
}

}  // namespace
}  // namespace trialgate::server
