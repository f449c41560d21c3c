#include "common/keys/seal.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::keys {
namespace {

using absl_testing::StatusIs;
using testing::HasSubstr;
using testing::Not;

SecretKey KeyOf(char byte) { return SecretKey(std::string(kKeyBytes, byte)); }

TEST(SealTest, WhatWasSealedIsOpenedByTheSameKeyForTheSameContextOnly) {
  const std::string sealed = Seal(KeyOf('a'), "contact one", "Anna");
  ASSERT_OK_AND_ASSIGN(const std::string plain, Open(KeyOf('a'), "contact one", sealed));
  EXPECT_EQ(plain, "Anna");
  EXPECT_THAT(Open(KeyOf('b'), "contact one", sealed), HasReason(v1::ERROR_REASON_STORE_CORRUPT));
  EXPECT_THAT(Open(KeyOf('a'), "contact two", sealed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(sealed, Not(HasSubstr("Anna")));
}

TEST(SealTest, AnEmptyTextIsSealedToo) {
  const std::string sealed = Seal(KeyOf('a'), "", "");
  ASSERT_OK_AND_ASSIGN(const std::string plain, Open(KeyOf('a'), "", sealed));
  EXPECT_EQ(plain, "");
}

TEST(SealTest, EveryChangedBitAndEveryMissingByteIsFound) {
  const std::string sealed = Seal(KeyOf('a'), "c", "Anna, +45 12345678");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(Open(KeyOf('a'), "c", changed).ok()) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    ASSERT_FALSE(Open(KeyOf('a'), "c", sealed.substr(0, size)).ok()) << size;
  }
}

TEST(SealTest, NoTwoSealsOfATextAreAlike) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(Seal(KeyOf('a'), "c", "Anna"));
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(SealTest, AKeyedHashIsTheSameForTheSameKeyAndTextOnly) {
  EXPECT_EQ(KeyedHash(KeyOf('a'), "12345678"), KeyedHash(KeyOf('a'), "12345678"));
  EXPECT_NE(KeyedHash(KeyOf('a'), "12345678"), KeyedHash(KeyOf('b'), "12345678"));
  EXPECT_NE(KeyedHash(KeyOf('a'), "12345678"), KeyedHash(KeyOf('a'), "12345679"));
  EXPECT_EQ(KeyedHash(KeyOf('a'), "x").size(), 32u);
}

TEST(SealTest, AKeyThatWasMovedAwayIsWiped) {
  SecretKey key = KeyOf('a');
  const SecretKey moved = std::move(key);
  EXPECT_EQ(moved.bytes(), std::string(kKeyBytes, 'a'));
  EXPECT_EQ(key.bytes(), std::string(kKeyBytes, '\0'));  // NOLINT: what is left is the question
}

}  // namespace
}  // namespace trialgate::keys
