#include "common/base/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace trialgate {
namespace {

TEST(Utf8Test, OnlyWellFormedTextIsUtf8) {
  for (const char* text : {"", "plain", "blåbær ≤ 🧬", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text : {"\xC0\xAF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                           "\xF4\x90\x80\x80", "\xC3", "caf\xE9", "\x80", "\xE2\x89"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, ATextIsCutOnlyBetweenCharacters) {
  const std::string text = "aæ≤🧬";  // 1 + 2 + 3 + 4 bytes
  const std::string whole[] = {"", "a", "a", "aæ", "aæ", "aæ", "aæ≤", "aæ≤", "aæ≤", "aæ≤", text};
  for (std::size_t max = 0; max <= text.size(); ++max) {
    EXPECT_EQ(ShortenUtf8(text, max), whole[max]) << max;
  }
  EXPECT_EQ(ShortenUtf8(text, 1000), text);
}

TEST(Utf8Test, BytesOfNoCharacterAreReplacedWithinTheLimit) {
  EXPECT_EQ(CleanUtf8("a\xFF\xC3z"), "a\uFFFD\uFFFDz");
  EXPECT_EQ(CleanUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(CleanUtf8("blåbær"), "blåbær");
  EXPECT_EQ(ShortenUtf8("a\xFFz", 4), "a\uFFFD");
  EXPECT_EQ(ShortenUtf8("a\xFFz", 3), "a");
}

TEST(Utf8Test, AByteOfZeroIsACharacter) {
  EXPECT_EQ(CleanUtf8(absl::string_view("a\0b", 3)), std::string("a\0b", 3));
}

}  // namespace
}  // namespace trialgate
