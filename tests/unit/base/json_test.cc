#include "common/base/json.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace trialgate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string KindName(JsonFault::Kind kind) {
  switch (kind) {
    case JsonFault::Kind::kNotUtf8:
      return "not UTF-8";
    case JsonFault::Kind::kNotJson:
      return "not JSON";
    case JsonFault::Kind::kNumberTooLarge:
      return "number";
    case JsonFault::Kind::kTooDeep:
      return "deep";
    case JsonFault::Kind::kRepeatedMember:
      return "repeated";
  }
  return "?";
}

// "kind offset text" of each fault.
std::vector<std::string> Faults(absl::string_view text, int max_depth = 8) {
  std::vector<JsonFault> faults;
  const std::optional<nlohmann::json> value = ReadJson(text, max_depth, &faults);
  EXPECT_NE(value.has_value(), !faults.empty()) << text;
  std::vector<std::string> told;
  for (const JsonFault& fault : faults) {
    told.push_back(absl::StrCat(KindName(fault.kind), " ", fault.offset, " ", fault.text));
  }
  return told;
}

TEST(JsonTest, AValueIsReadAsItStands) {
  std::vector<JsonFault> faults;
  const auto value = ReadJson("\xEF\xBB\xBF {\"a\": [1, null, \"\\u00f8\"]} \n", 2, &faults);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->dump(), "{\"a\":[1,null,\"ø\"]}");
  EXPECT_THAT(faults, IsEmpty());
}

TEST(JsonTest, ADocumentThatBreaksOffIsAtFaultAtItsEnd) {
  EXPECT_THAT(Faults(""), ElementsAre("not JSON 0 "));
  EXPECT_THAT(Faults("{\"a\": 1"), ElementsAre("not JSON 7 1"));
}

TEST(JsonTest, WhatIsNotJsonIsToldByThePlaceWhereItBegins) {
  EXPECT_THAT(Faults("{'a': 1}"), ElementsAre("not JSON 1 {'"));
  EXPECT_THAT(Faults("[1, 2] [3]"), ElementsAre("not JSON 7 2] ["));
}

TEST(JsonTest, NothingIsHiddenBehindAZeroByte) {
  const std::string zero(1, '\0');
  EXPECT_THAT(Faults("{}" + zero), ElementsAre("not JSON 2 " + zero));
  EXPECT_THAT(Faults("{} " + zero + "{\"a\": 1}"), ElementsAre("not JSON 3 " + zero));
  EXPECT_THAT(Faults("[\"" + zero + "\"]"), SizeIs(1));
}

TEST(JsonTest, TextThatIsNotUtf8IsToldBeforeAllElse) {
  EXPECT_THAT(Faults("{\"a\": \"\xC3(\", oops"), ElementsAre("not UTF-8 7 "));
  EXPECT_THAT(Faults("\"\xED\xA0\x80\""), ElementsAre("not UTF-8 1 "));
}

TEST(JsonTest, ANumberBeyondTheRangeOfDoublesIsTold) {
  EXPECT_THAT(Faults("[1e308, 1e999]"), ElementsAre("number 12 "));
}

TEST(JsonTest, AMemberNamedTwiceInOneObjectIsToldEachTime) {
  EXPECT_THAT(Faults(R"({"a": 1, "b": {"a": 2}, "a": [{"c": 1, "c": 2}], "\u0061": 0})"),
              ElementsAre("repeated 0 a", "repeated 0 c", "repeated 0 a"));
}

TEST(JsonTest, RepeatedMembersAreToldWithinBounds) {
  std::string text = "{\"a\": 0";
  for (int i = 0; i < 300; ++i) text += ", \"a\": 0";
  EXPECT_THAT(Faults(text + "}"), SizeIs(kMaxRepeatedMembersTold));
}

TEST(JsonTest, DepthIsBounded) {
  EXPECT_THAT(Faults("[[[1]]]", 3), IsEmpty());
  EXPECT_THAT(Faults("[[[{}]]]", 3), ElementsAre("deep 0 "));
  EXPECT_THAT(Faults(std::string(1'000'000, '['), 3), ElementsAre("deep 0 "));
}

}  // namespace
}  // namespace trialgate
