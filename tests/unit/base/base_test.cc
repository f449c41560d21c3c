// Digests, ids, status macros and the mutex.
#include <unistd.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/ids.h"
#include "common/base/mutex.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace trialgate {
namespace {

using absl_testing::IsOkAndHolds;
using absl_testing::StatusIs;

TEST(Sha256Test, KnownDigests) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")), Sha256Hex("abc"));
}

TEST(Sha256Test, PiecesAreJoinedUnlessTheirLengthIsAdded) {
  Sha256Hasher pieces;
  pieces.Add("a");
  pieces.Add("bc");
  EXPECT_EQ(pieces.Finish(), Sha256("abc"));
  Sha256Hasher first;
  first.AddWithLength("a");
  first.AddWithLength("bc");
  Sha256Hasher second;
  second.AddWithLength("ab");
  second.AddWithLength("c");
  EXPECT_NE(first.Finish(), second.Finish());
  Sha256Hasher number;
  number.AddUint64(0x0102030405060708);
  EXPECT_EQ(number.Finish(), Sha256("\x01\x02\x03\x04\x05\x06\x07\x08"));
}

TEST(IdsTest, AnIdHasTwentySixCharactersOfBase32) {
  RandomIds ids;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = ids.NewId();
    EXPECT_EQ(id.size(), 26u);
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos) << id;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(IdsTest, FakeIdsCount) {
  FakeIds ids("r");
  EXPECT_EQ(ids.NewId(), "r1");
  EXPECT_EQ(ids.NewId(), "r2");
}

absl::StatusOr<int> Half(int value) {
  if (value % 2 != 0) return absl::InvalidArgumentError("odd");
  return value / 2;
}

absl::Status CheckEven(int value) { return Half(value).status(); }

absl::StatusOr<int> Quarter(int value) {
  ABSL_RETURN_IF_ERROR(CheckEven(value));
  ABSL_ASSIGN_OR_RETURN(const int half, Half(value));
  int quarter = 0;
  ABSL_ASSIGN_OR_RETURN(quarter, Half(half));
  return quarter;
}

TEST(StatusMacrosTest, AnErrorIsPassedOnAndAValueAssigned) {
  EXPECT_THAT(Quarter(12), IsOkAndHolds(3));
  EXPECT_THAT(Quarter(7), StatusIs(absl::StatusCode::kInvalidArgument, "odd"));
  EXPECT_THAT(Quarter(6), StatusIs(absl::StatusCode::kInvalidArgument, "odd"));
}

TEST(MutexTest, AWaiterSeesWhatWasSetBeforeTheNotice) {
  Mutex mu;
  CondVar changed;
  int value = 0;
  std::jthread setter([&] {
    MutexLock lock(&mu);
    value = 7;
    changed.NotifyAll();
  });
  MutexLock lock(&mu);
  while (value == 0) changed.Wait(&mu);
  EXPECT_EQ(value, 7);
}

TEST(MutexTest, AWaitEndsWithItsTime) {
  Mutex mu;
  CondVar changed;
  MutexLock lock(&mu);
  // A wait may end early without cause, but not for ever.
  while (!changed.WaitFor(&mu, absl::Milliseconds(1))) {
  }
  EXPECT_TRUE(changed.WaitFor(&mu, -absl::InfiniteDuration()));
}

TEST(TempDirTest, TheFolderIsGoneWithTheObject) {
  std::string path;
  {
    const TempDir dir;
    path = dir.path();
    EXPECT_EQ(access(path.c_str(), F_OK), 0);
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace trialgate
