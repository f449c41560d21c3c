#include "tools/cli/yaml.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/unit/cli/long_content.h"
#include "tools/cli/output.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::cli {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;

// "field: words", a line for each fault.
std::string Said(const FieldFaults& faults) {
  std::string said;
  for (const FieldViolation& fault : faults.told()) {
    absl::StrAppend(&said, fault.field, ": ", fault.description, "\n");
  }
  return said;
}

TEST(YamlTest, MapsAndListsAreIndentedAndNothingIsTakenForSomethingElse) {
  const Json document = Json::parse(R"({"name": "sites/a", "city": "Ærø", "date": "2027-03-01",
      "yes": "no", "number": 3, "empty": [], "none": {}, "list": [{"a": 1, "b": ["x", "y"]}, "z"],
      "words": "a: b", "colon": "c:", "blank": "", "tab": "a\tb"})");
  EXPECT_EQ(ToYaml(document),
            "name: sites/a\n"
            "city: Ærø\n"
            "date: \"2027-03-01\"\n"
            "\"yes\": \"no\"\n"
            "number: 3\n"
            "empty: []\n"
            "none: {}\n"
            "list:\n"
            "  - a: 1\n"
            "    b:\n"
            "      - x\n"
            "      - \"y\"\n"
            "  - z\n"
            "words: \"a: b\"\n"
            "colon: \"c:\"\n"
            "blank: \"\"\n"
            "tab: \"a\\tb\"\n");
}

TEST(YamlTest, ATextOverSeveralLinesIsABlockWhereItReadsTheSame) {
  EXPECT_EQ(ToYaml(Json{{"a", "one\n\ntwo"}}), "a: |-\n  one\n\n  two\n");
  EXPECT_EQ(ToYaml(Json{{"a", "one\ntwo\n"}}), "a: \"one\\ntwo\\n\"\n");
  EXPECT_EQ(ToYaml(Json{{"a", " one\ntwo"}}), "a: \" one\\ntwo\"\n");
}

TEST(YamlTest, AMessageReadsAsItWasWritten) {
  v1::TrialRequest request;
  FillWithLongContent(3, &request);
  FieldFaults faults;
  v1::TrialRequest read;
  ReadYaml(MessageAsYaml(request), &read, &faults);
  EXPECT_TRUE(faults.empty()) << faults.ToStatus();
  EXPECT_EQ(read.SerializeAsString(), request.SerializeAsString());
}

TEST(YamlTest, EveryFaultIsToldAtItsField) {
  v1::AnswerReferralRequest answer;
  FieldFaults faults;
  const std::string text =
      "offers:\n"
      "  - site: sites/a\n"
      "    patients_claimed: many\n"
      "    firmness: solid\n"
      "refusals: none\n"
      "comment: {a: b}\n"
      "titel: x\n";
  EXPECT_THAT(ReadYaml(text, &answer, &faults), ElementsAre("offers", "refusals", "comment"));
  const std::string said = Said(faults);
  EXPECT_THAT(said, HasSubstr("offers[0].patients_claimed"));
  EXPECT_THAT(said, HasSubstr("FIRM, TENTATIVE"));
  EXPECT_THAT(said, HasSubstr("refusals: must be a list"));
  EXPECT_THAT(said, HasSubstr("comment: must be a single value"));
  EXPECT_THAT(said, HasSubstr("titel: AnswerReferralRequest has no such field"));
  EXPECT_EQ(answer.offers(0).site(), "sites/a") << "what is right is read";
}

TEST(YamlTest, FieldsHaveTheirNamesOfProtoAndOfJsonAndEmptyOnesAreAbsent) {
  v1::TrialRequest request;
  FieldFaults faults;
  EXPECT_THAT(
      ReadYaml("patientsWanted: 12\nsites_wanted: '3'\ntitle:\nsynopsis: ''\n"
               "phase: phase3\ncontact:\n  email:\n",
               &request, &faults),
      ElementsAre("patients_wanted", "sites_wanted", "title", "synopsis", "phase", "contact"));
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(request.patients_wanted(), 12);
  EXPECT_EQ(request.sites_wanted(), 3);
  EXPECT_EQ(request.phase(), v1::PHASE_PHASE3);
  EXPECT_FALSE(request.has_contact()) << "fields of which none is filled in are no message";
}

TEST(YamlTest, AKeyThatStandsTwiceIsAFault) {
  v1::TrialRequest request;
  FieldFaults faults;
  ReadYaml("title: a\ntitle: b\n", &request, &faults);
  EXPECT_THAT(Said(faults), HasSubstr("title: stands twice"));
}

TEST(YamlTest, WhatIsNoYamlIsToldWithItsLine) {
  v1::TrialRequest request;
  FieldFaults faults;
  ReadYaml("title: a\nsynopsis: [1\n", &request, &faults);
  EXPECT_THAT(Said(faults), HasSubstr("not YAML"));
}

TEST(YamlTest, EndlesslyManyValuesAreRefused) {
  std::string text = "specialities: [";
  for (int i = 0; i < 200'001; ++i) text += "x,";
  text += "x]\n";
  v1::TrialRequest request;
  FieldFaults faults;
  ReadYaml(text, &request, &faults);
  EXPECT_THAT(Said(faults), HasSubstr("has more than"));
}

TEST(YamlTest, ThePlaceOfAFieldIsItsLineOrThatOfWhatItIsPartOf) {
  const std::string text =
      "# head\n"
      "offers:\n"
      "  - site: a\n"
      "    firmness: FIRM\n"
      "  - site: b\n";
  EXPECT_EQ(LineOfField(text, "offers"), 1);
  EXPECT_EQ(LineOfField(text, "offers[0].firmness"), 3);
  EXPECT_EQ(LineOfField(text, "offers[1].firmness"), 4);
  EXPECT_EQ(LineOfField(text, "comment"), -1);
  EXPECT_EQ(LineOfField(text, ""), -1);
  EXPECT_EQ(LineOfField("a: [", "a"), -1);
}

}  // namespace
}  // namespace trialgate::cli
