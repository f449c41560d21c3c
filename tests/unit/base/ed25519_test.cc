#include "common/base/ed25519.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace trialgate {
namespace {

using absl_testing::StatusIs;
using testing::HasSubstr;
using testing::Not;

// PEM around what is no key.
constexpr char kNoKeyPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1h\n"
    "-----END PRIVATE KEY-----\n";

// PKCS #8 of a seed, made here so that the vector stands in the test as the RFC prints it.
std::string PemOfSeed(absl::string_view seed_hex) {
  const std::string der =
      absl::HexStringToBytes(absl::StrCat("302e020100300506032b657004220420", seed_hex));
  return absl::StrCat("-----BEGIN PRIVATE KEY-----\n", absl::Base64Escape(der),
                      "\n-----END PRIVATE KEY-----\n");
}

TEST(Ed25519Test, SignsAsTheStandardsTestVectorSays) {
  // RFC 8032, section 7.1, test 2.
  ASSERT_OK_AND_ASSIGN(const auto key,
                       Ed25519PrivateKey::ParsePem(PemOfSeed(
                           "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")));
  EXPECT_EQ(absl::BytesToHexString(key.Sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(key.public_key().Verifies("\x72", key.Sign("\x72")));
}

TEST(Ed25519Test, KeysAreTheSameAfterTheyWereWrittenAndReadAgain) {
  const Ed25519PrivateKey key = Ed25519PrivateKey::Generate();
  ASSERT_OK_AND_ASSIGN(const auto again, Ed25519PrivateKey::ParsePem(key.ToPem().Reveal()));
  EXPECT_EQ(again.Sign("message"), key.Sign("message"));
  ASSERT_OK_AND_ASSIGN(const auto publics, Ed25519PublicKey::ParsePem(key.public_key().ToPem()));
  ASSERT_EQ(publics.size(), 1u);
  EXPECT_EQ(publics[0].id(), key.public_key().id());
  EXPECT_EQ(publics[0].id().size(), 32u);
  EXPECT_TRUE(publics[0].Verifies("message", key.Sign("message")));
}

TEST(Ed25519Test, EveryKeyIsAnother) {
  EXPECT_NE(Ed25519PrivateKey::Generate().public_key().id(),
            Ed25519PrivateKey::Generate().public_key().id());
}

TEST(Ed25519Test, ASignatureFitsOneMessageAndOneKeyOnly) {
  const Ed25519PrivateKey key = Ed25519PrivateKey::Generate();
  const std::string signature = key.Sign("message");
  EXPECT_FALSE(key.public_key().Verifies("massage", signature));
  EXPECT_FALSE(Ed25519PrivateKey::Generate().public_key().Verifies("message", signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(key.public_key().Verifies("message", changed)) << "byte " << i;
  }
  EXPECT_FALSE(key.public_key().Verifies("message", ""));
  EXPECT_FALSE(key.public_key().Verifies("message", signature + "x"));
}

TEST(Ed25519Test, SeveralPublicKeysStandInOneText) {
  const auto first = Ed25519PrivateKey::Generate().public_key();
  const auto second = Ed25519PrivateKey::Generate().public_key();
  ASSERT_OK_AND_ASSIGN(const auto keys, Ed25519PublicKey::ParsePem(absl::StrCat(
                                            "first\n", first.ToPem(), "\n", second.ToPem())));
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].id(), first.id());
  EXPECT_EQ(keys[1].id(), second.id());
}

TEST(Ed25519Test, WhatIsNoPublicKeyIsRefused) {
  const Ed25519PrivateKey key = Ed25519PrivateKey::Generate();
  std::string damaged = key.public_key().ToPem();
  damaged[40] = '!';
  // An X25519 key: the same length, another algorithm.
  const std::string other =
      absl::StrCat("-----BEGIN PUBLIC KEY-----\n",
                   absl::Base64Escape(absl::StrCat(
                       absl::HexStringToBytes("302a300506032b656e032100"), std::string(32, 'x'))),
                   "\n-----END PUBLIC KEY-----\n");
  for (const std::string& text :
       {std::string(), std::string("no key"), std::string(key.ToPem().Reveal()), damaged, other,
        key.public_key().ToPem() + damaged,
        absl::StrCat(key.public_key().ToPem(), key.ToPem().Reveal())}) {
    EXPECT_THAT(Ed25519PublicKey::ParsePem(text), StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(Ed25519Test, WhatIsNoPrivateKeyIsRefusedAndNotRepeated) {
  const Ed25519PrivateKey key = Ed25519PrivateKey::Generate();
  for (const std::string& text :
       {std::string(), std::string("no key"), key.public_key().ToPem(), std::string(kNoKeyPem)}) {
    const auto parsed = Ed25519PrivateKey::ParsePem(text);
    EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(parsed.status().message()), Not(HasSubstr("MC4")));
  }
}

}  // namespace
}  // namespace trialgate
