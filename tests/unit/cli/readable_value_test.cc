#include "tools/cli/readable_value.h"

#include "gtest/gtest.h"

namespace trialgate::cli {
namespace {

TEST(ReadableValueTest, ConstantsAndMessagesBecomeWords) {
  EXPECT_EQ(ReadableValue("SOURCE_KIND_SAMPLE"), "sample");
  EXPECT_EQ(ReadableValue("median_days: 84 site_months: 24.4 source { kind: SOURCE_KIND_SAMPLE "
                          "origin: \"say \\\"æøå\\\": so\" }"),
            "median days 84, site months 24.4, source (kind sample, origin say \"æøå\": so)");
  EXPECT_EQ(ReadableValue("first_in_human: true"), "first in human yes");
}

TEST(ReadableValueTest, TextStaysAsItIs) {
  for (const char* text :
       {"", "Urologisk Afdeling", "hospital: public pages", "a { b", "origin: \"open", "84",
        "SOURCE_KIND_OF_ANOTHER", "}", "note: \"a\" and more", "2026-11-22"}) {
    EXPECT_EQ(ReadableValue(text), text);
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "a { ";
  EXPECT_EQ(ReadableValue(deep), deep);
}

}  // namespace
}  // namespace trialgate::cli
