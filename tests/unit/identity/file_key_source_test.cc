#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/identity/jwk_set.h"
#include "common/identity/key_source.h"
#include "common/obs/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

using absl_testing::StatusIs;
using nlohmann::json;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class FileKeySourceTest : public testing::Test {
 protected:
  FileKeySourceTest() {
    obs::SetLogSink([this](absl::string_view line) { log_.emplace_back(line); });
  }
  ~FileKeySourceTest() override { obs::SetLogSink(nullptr); }

  void Write(const std::string& content) { std::ofstream(path_, std::ios::trunc) << content; }
  void WriteKeys(const std::vector<std::string>& kids) {
    json keys = json::array();
    for (const std::string& kid : kids) keys.push_back(SigningKey::Ed25519().PublicJwk(kid));
    Write(json{{"keys", keys}}.dump());
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<KeySource>> source = NewFileKeySource(path_, &clock_);
    ASSERT_OK(source);
    source_ = *std::move(source);
  }
  bool Has(const std::string& kid) { return source_->FindKey(kid).value() != nullptr; }
  // As Has, when the file is looked at again.
  bool WillHave(const std::string& kid) {
    clock_.Advance(absl::Seconds(1));
    return Has(kid);
  }

  TempDir folder_;
  const std::string path_ = folder_.Sub("keys.json");
  FakeClock clock_;
  std::vector<std::string> log_;
  std::unique_ptr<KeySource> source_;
};

TEST_F(FileKeySourceTest, FindsTheKeysOfTheFile) {
  WriteKeys({"a", "b"});
  Start();
  EXPECT_TRUE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(Has("c"));
  EXPECT_EQ(source_->FindKey("a").value()->kid(), "a");
}

TEST_F(FileKeySourceTest, AChangedFileIsReadAgainAtMostOnceASecond) {
  WriteKeys({"a"});
  Start();
  WriteKeys({"b", "c"});
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(Has("a")) << "a withdrawn key is known no more";
}

TEST_F(FileKeySourceTest, AFileThatAnotherTookThePlaceOfIsReadAgain) {
  WriteKeys({"a"});
  Start();
  struct stat before = {};
  ASSERT_EQ(::stat(path_.c_str(), &before), 0);
  std::filesystem::rename(path_, folder_.Sub("old"));
  WriteKeys({"b"});  // of the same length
  // Even where it claims to be as old.
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  EXPECT_TRUE(WillHave("b"));
  EXPECT_FALSE(Has("a"));
}

TEST_F(FileKeySourceTest, AClockThatWasSetBackDoesNotKeepOldKeys) {
  WriteKeys({"a"});
  Start();
  WriteKeys({"b", "c"});
  clock_.Advance(-absl::Hours(5));
  EXPECT_TRUE(Has("b"));
}

TEST_F(FileKeySourceTest, AFileThatBreaksLeavesTheKeysAndIsToldOnce) {
  WriteKeys({"a"});
  Start();
  log_.clear();
  for (const char* content : {"{\"keys\":", "{}", ""}) {
    Write(content);
    EXPECT_TRUE(WillHave("a")) << content;
    EXPECT_TRUE(WillHave("a")) << content;
    ASSERT_EQ(log_.size(), 1U) << content;
    EXPECT_THAT(log_[0], HasSubstr("identity_keys_not_loaded"));
    log_.clear();
  }
  std::filesystem::remove(path_);
  EXPECT_TRUE(WillHave("a"));
  EXPECT_TRUE(WillHave("a"));
  EXPECT_EQ(log_.size(), 1U);
  WriteKeys({"b"});
  EXPECT_TRUE(WillHave("b"));
}

TEST_F(FileKeySourceTest, AFileMayWithdrawAllKeys) {
  WriteKeys({"a"});
  Start();
  WriteKeys({});
  EXPECT_FALSE(WillHave("a"));
}

TEST_F(FileKeySourceTest, SaysHowManyKeysThereAreButNotWhich) {
  Write(
      json{{"keys", {SigningKey::Ed25519().PublicJwk("mykid"), {{"kty", "oct"}, {"k", "secret"}}}}}
          .dump());
  Start();
  ASSERT_EQ(log_.size(), 1U);
  const json line = json::parse(log_[0]);
  EXPECT_EQ(line["event"], "identity_keys_loaded");
  EXPECT_EQ(line["keys"], 1);
  EXPECT_EQ(line["skipped"], 1);
  EXPECT_THAT(log_[0], Not(AnyOf(HasSubstr("mykid"), HasSubstr("secret"))));
}

TEST_F(FileKeySourceTest, DoesNotStartWithoutKeys) {
  const auto refused = [this](absl::string_view why) {
    EXPECT_THAT(NewFileKeySource(path_, &clock_).status(),
                AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr(path_), HasSubstr(std::string(why)))),
                      HasReason(v1::ERROR_REASON_CONFIGURATION)));
  };
  refused("No such file");
  Write("{");
  refused("JSON");
  WriteKeys({});
  refused("no key");
  Write(std::string(kMaxJwkSetBytes + 1, ' '));
  refused("262144 bytes");
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  refused("is no file");
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  refused("is no file");  // and does not wait for somebody to write
}

}  // namespace
}  // namespace trialgate::identity
