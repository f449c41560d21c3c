#include "services/feasibility/field_rules.h"

#include <string>

#include "gtest/gtest.h"

namespace trialgate::feasibility {
namespace {

TEST(FieldRulesTest, WellFormedUtf8IsTaken) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain"));
  EXPECT_TRUE(IsUtf8("S\xC3\xB8nderjylland \xE2\x89\xA4 \xF0\x9F\xA7\xAC"));
  EXPECT_TRUE(IsUtf8("\xED\x9F\xBF \xF4\x8F\xBF\xBF"));
}

TEST(FieldRulesTest, MalformedUtf8IsRefused) {
  for (const char* text :
       {"\xFF", "\x80", "a\xC3", "\xC3(", "\xE2\x89", "\xF0\x9F\xA7", "\xC0\xAF", "\xE0\x80\xAF",
        "\xF0\x80\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(FieldRulesTest, ASha256IsSixtyFourLowerCaseHexDigits) {
  EXPECT_TRUE(IsSha256Hex(std::string(64, 'a')));
  EXPECT_FALSE(IsSha256Hex(std::string(63, 'a')));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'A')));
  EXPECT_FALSE(IsSha256Hex(std::string(63, 'a') + "g"));
}

TEST(FieldRulesTest, AnAddressIsHttpsWithAHost) {
  EXPECT_TRUE(IsHttpsAddress("https://files.example/synopsis.pdf?v=1"));
  for (const char* text : {"http://files.example/", "https://", "https:///a", "https://?a",
                           "files.example", "https://a b", "https://a\n", "HTTPS://a"}) {
    EXPECT_FALSE(IsHttpsAddress(text)) << text;
  }
}

TEST(FieldRulesTest, AMediaTypeHasTwoParts) {
  EXPECT_TRUE(IsMediaType("application/pdf"));
  for (const char* text : {"pdf", "/pdf", "application/", "a/b/c", "application/ pdf"}) {
    EXPECT_FALSE(IsMediaType(text)) << text;
  }
}

TEST(FieldRulesTest, AValueIsQuotedOnlyIfItIsShortUtf8) {
  EXPECT_EQ(Quoted("alchemy"), "\"alchemy\"");
  EXPECT_EQ(Quoted("\xFF"), "the value given");
  EXPECT_EQ(Quoted(std::string(1000, 'x')), "the value given");
}

}  // namespace
}  // namespace trialgate::feasibility
