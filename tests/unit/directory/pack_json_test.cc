#include "services/directory/pack_json.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Outcome {
  std::optional<v1::Pack> pack;
  std::vector<std::string> told;
};

Outcome Read(absl::string_view json) {
  v1::PackFile file;
  file.set_path("f.json");
  file.set_content(std::string(json));
  Faults faults;
  Outcome outcome;
  outcome.pack = ReadPackJson(file, &faults);
  for (const Fault& fault : faults.kept()) {
    EXPECT_EQ(fault.place.file, "f.json");
    outcome.told.push_back(absl::StrCat(fault.place.at, " ", ReasonName(fault.reason)));
  }
  return outcome;
}

TEST(PackJsonTest, ReadsBothSpellingsOfAFieldAndBothFormsOfANumber) {
  const Outcome outcome = Read(R"({"time_zone": "UTC", "displayName": null, "siteValues": [
    {"history": [{"claimed": "12", "actual": 7, "siteMonths": 1.5}]}]})");
  EXPECT_THAT(outcome.told, IsEmpty());
  ASSERT_TRUE(outcome.pack.has_value());
  EXPECT_EQ(outcome.pack->time_zone(), "UTC");
  EXPECT_EQ(outcome.pack->site_values(0).history(0).claimed(), 12);
}

TEST(PackJsonTest, MalformedJsonIsToldWithLineAndColumn) {
  EXPECT_THAT(Read("{\n  \"country\": \"XP\",\n  oops\n}").told,
              ElementsAre("line 3, column 3 MALFORMED_JSON"));
}

TEST(PackJsonTest, JsonThatBreaksOffIsMalformed) {
  for (const char* broken : {"", "{", "{\"regions\": [{\"name\": \"reg", "[1, 2"}) {
    const Outcome outcome = Read(broken);
    ASSERT_EQ(outcome.told.size(), 1u) << broken;
    EXPECT_THAT(outcome.told[0], ::testing::EndsWith("MALFORMED_JSON")) << broken;
    EXPECT_FALSE(outcome.pack.has_value());
  }
}

TEST(PackJsonTest, TextThatIsNotUtf8IsTold) {
  EXPECT_THAT(Read("{\"country\": \"\xff\"}").told, ElementsAre("line 1, column 14 INVALID_UTF8"));
}

TEST(PackJsonTest, NothingIsHiddenBehindAZeroByte) {
  EXPECT_THAT(Read(absl::string_view("{}\n\0{}", 6)).told,
              ElementsAre("line 2, column 1 MALFORMED_JSON"));
}

TEST(PackJsonTest, ADocumentThatIsNoObjectIsTold) {
  EXPECT_THAT(Read("[]").told, ElementsAre(" INVALID_FORMAT"));
}

TEST(PackJsonTest, EveryUnknownFieldIsToldAndTheRestIsRead) {
  const Outcome outcome =
      Read(R"({"contry": "XP", "country": "XQ", "desks": [{}, {"calender": "x", "leed": 1}]})");
  EXPECT_THAT(outcome.told, ElementsAre("contry UNKNOWN_FIELD", "desks[1].calender UNKNOWN_FIELD",
                                        "desks[1].leed UNKNOWN_FIELD"));
  ASSERT_TRUE(outcome.pack.has_value());
  EXPECT_EQ(outcome.pack->country(), "XQ");
}

TEST(PackJsonTest, EveryValueOfAWrongTypeIsTold) {
  const Outcome outcome = Read(R"({
    "country": 7,
    "regions": {"name": "x"},
    "capacities": [{"slots": 1.5}, {"slots": 99999999999}, {"slots": "many"}, {"slots": [1]}],
    "routingRules": [{"regionalDesk": "yes"}],
    "policy": []})");
  EXPECT_THAT(
      outcome.told,
      ElementsAre("capacities[0].slots INVALID_FORMAT", "capacities[1].slots OUT_OF_RANGE",
                  "capacities[2].slots INVALID_FORMAT", "capacities[3].slots INVALID_FORMAT",
                  "country INVALID_FORMAT", "policy INVALID_FORMAT", "regions INVALID_FORMAT",
                  "routing_rules[0].regional_desk INVALID_FORMAT"));
  EXPECT_FALSE(outcome.pack.has_value());
}

TEST(PackJsonTest, AnUnknownEnumValueIsTold) {
  EXPECT_THAT(Read(R"({"desks": [{"kind": "REGION"}, {"kind": 1}]})").told,
              ElementsAre("desks[0].kind UNKNOWN_VALUE", "desks[1].kind INVALID_FORMAT"));
}

TEST(PackJsonTest, AKeyThatStandsTwiceIsTold) {
  EXPECT_THAT(Read(R"({"country": "XP", "regions": [{"country": "XP"}], "country": "XQ"})").told,
              ElementsAre("country DUPLICATE"));
}

TEST(PackJsonTest, ANumberBeyondAllDoublesIsTold) {
  EXPECT_THAT(Read(R"({"capacities": [{"slots": 1e999}]})").told,
              ElementsAre("line 1, column 31 OUT_OF_RANGE"));
}

TEST(PackJsonTest, DeepNestingIsAFaultLikeAnyOther) {
  const std::string deep = absl::StrCat(std::string(100'000, '['), std::string(100'000, ']'));
  EXPECT_THAT(Read(absl::StrCat("{\"desks\": ", deep, "}")).told, ElementsAre(" OUT_OF_RANGE"));
}

}  // namespace
}  // namespace trialgate::directory
