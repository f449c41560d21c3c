#include "tools/cli/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

using absl_testing::IsOkAndHolds;
using absl_testing::StatusIs;
using testing::HasSubstr;

mode_t ModeOf(const std::string& path) {
  struct stat info = {};
  stat(path.c_str(), &info);
  return info.st_mode & 0777;
}

class PrivateFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& content, mode_t mode) {
    const std::string path = folder_.Sub("file");
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }

  static bool Never(absl::Duration /*span*/) { return false; }

  TempDir folder_;
};

TEST_F(PrivateFileTest, AGuardTellsWhoMayGetAtAFile) {
  EXPECT_OK(ReadGuarded(Write("x", 0666), 10, Guard::kNone));
  EXPECT_OK(ReadGuarded(Write("x", 0644), 10, Guard::kOthersMayNotWrite));
  EXPECT_THAT(ReadGuarded(Write("x", 0664), 10, Guard::kOthersMayNotWrite).status().message(),
              HasSubstr("written by others"));
  EXPECT_THAT(ReadGuarded(Write("x", 0646), 10, Guard::kOthersMayNotWrite).status().message(),
              HasSubstr("written by others"));
  EXPECT_OK(ReadGuarded(Write("x", 0640), 10, Guard::kOthersMayNotRead));
  EXPECT_THAT(ReadGuarded(Write("x", 0644), 10, Guard::kOthersMayNotRead).status().message(),
              HasSubstr("read by others"));
  EXPECT_OK(ReadGuarded(Write("x", 0600), 10, Guard::kOwnerOnly));
  EXPECT_THAT(ReadGuarded(Write("x", 0640), 10, Guard::kOwnerOnly).status().message(),
              HasSubstr("read by its group"));
}

TEST_F(PrivateFileTest, AFileOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make one";
  const std::string path = Write("x", 0600);
  ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
  EXPECT_THAT(ReadGuarded(path, 10, Guard::kOwnerOnly).status().message(),
              HasSubstr("another user"));
}

TEST_F(PrivateFileTest, NoMoreIsReadThanIsPermitted) {
  EXPECT_THAT(ReadGuarded(Write("0123456789", 0600), 10, Guard::kOwnerOnly),
              IsOkAndHolds("0123456789"));
  EXPECT_EQ(ExitCodeOf(ReadGuarded(Write("0123456789x", 0600), 10, Guard::kOwnerOnly).status()),
            kUsage);
}

TEST_F(PrivateFileTest, AMissingFileIsNotFound) {
  EXPECT_THAT(ReadGuarded(folder_.Sub("absent"), 10, Guard::kNone),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PrivateFileTest, WhatIsWrittenIsForItsOwnerOnlyAndSoAreItsFolders) {
  const std::string path = folder_.Sub("a/b/file");
  ASSERT_OK(WritePrivate(path, "secret"));
  EXPECT_THAT(ReadGuarded(path, 10, Guard::kOwnerOnly), IsOkAndHolds("secret"));
  EXPECT_EQ(ModeOf(path), 0600U);
  EXPECT_EQ(ModeOf(folder_.Sub("a")), 0700U);
  EXPECT_EQ(ModeOf(folder_.Sub("a/b")), 0700U);
}

TEST_F(PrivateFileTest, WritingPutsAnotherFileInThePlaceOfTheOld) {
  const std::string path = Write("old", 0644);
  std::ifstream reader(path);
  ASSERT_OK(WritePrivate(path, "new"));
  std::string read;
  reader >> read;
  EXPECT_EQ(read, "old") << "who reads the old one must not see a part of the new";
  EXPECT_EQ(ModeOf(path), 0600U);
}

TEST_F(PrivateFileTest, AWriteThatFailsLeavesNothingBehind) {
  // A folder in the place of the file cannot be replaced.
  const std::string path = folder_.Sub("taken");
  std::filesystem::create_directory(path);
  EXPECT_EQ(ExitCodeOf(WritePrivate(path, "secret")), kUsage);
  int entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path(), path);
    ++entries;
  }
  EXPECT_EQ(entries, 1);
}

TEST_F(PrivateFileTest, ALockExcludesOthersUntilItGoes) {
  const std::string path = folder_.Sub("lock");
  std::optional<FileLock> lock;
  ASSERT_OK_AND_ASSIGN(FileLock taken, FileLock::Take(path, absl::Seconds(1), Never));
  lock.emplace(std::move(taken));
  EXPECT_THAT(FileLock::Take(path, absl::Seconds(1), Never),
              StatusIs(absl::StatusCode::kUnavailable));
  int waits = 0;
  const auto free_it = [&](absl::Duration /*span*/) {
    if (++waits == 3) lock.reset();
    return true;
  };
  EXPECT_OK(FileLock::Take(path, absl::Seconds(1), free_it));
  EXPECT_EQ(waits, 3);
}

TEST_F(PrivateFileTest, AWaitForALockEnds) {
  const std::string path = folder_.Sub("lock");
  ASSERT_OK_AND_ASSIGN(const FileLock lock, FileLock::Take(path, absl::Seconds(1), Never));
  absl::Duration waited;
  const auto count = [&](absl::Duration span) {
    waited += span;
    return true;
  };
  EXPECT_THAT(FileLock::Take(path, absl::Seconds(1), count),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path)));
  EXPECT_EQ(waited, absl::Seconds(1));
}

}  // namespace
}  // namespace trialgate::cli
