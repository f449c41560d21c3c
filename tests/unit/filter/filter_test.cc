#include "common/filter/filter.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/filter/fields_fixture.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::filter {
namespace {

using ::absl_testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Site Aarhus() {
  v1::Site site;
  site.set_name("sites/aarhus");
  site.set_city("Århus \"C\"");
  site.add_accreditations("ISO 9001");
  site.add_accreditations("Joint Commission, 2024");
  site.set_region("regions/central");
  site.add_specialities("urologi");
  site.add_specialities("kardiologi");
  site.set_type(v1::SITE_TYPE_TRIAL_UNIT);
  site.add_kinds(v1::TRIAL_KIND_MEDICAL_DEVICE);
  site.mutable_start_up()->set_median_days(30);
  site.mutable_start_up()->set_p90_days(60);  // 1970-01-01T00:01:00Z
  site.set_valid_to("2027-01-31");
  v1::Code* const days = site.add_codes();
  days->set_system("2026-12-21");
  days->set_code("2026-12-31");
  site.add_codes()->set_system("2027-07-01");
  return site;
}

absl::Status FaultOf(const std::string& text) {
  CallFaults faults;
  const ListQuery<v1::Site> query(TestFields(), {text}, &faults);
  return faults.ToStatus();
}

bool Finds(const std::string& text, const v1::Site& site) {
  CallFaults faults;
  const ListQuery<v1::Site> query(TestFields(), {text}, &faults);
  EXPECT_OK(faults.ToStatus()) << text;
  return faults.ToStatus().ok() && query.Matches(site);
}

TEST(FilterTest, AComparisonFindsWhatItSays) {
  for (const char* const text : {"",
                                 "   ",
                                 "city:århus",
                                 "city:\"ARHUS c\"",
                                 "city = \"Århus \\\"C\\\"\"",
                                 "city != Aarhus",
                                 "notes:\"joint commission\"",
                                 "notes:9001",
                                 "region=regions/central",
                                 "region != regions/x",
                                 "specialities:urologi",
                                 "specialities : kardiologi",
                                 "type = TRIAL_UNIT",
                                 "type != DEPARTMENT",
                                 "kinds:MEDICAL_DEVICE",
                                 "start_up.median_days = 30",
                                 "start_up.median_days < 31",
                                 "start_up.median_days > -1",
                                 "start_up.median_days != 29",
                                 "reviewed = false",
                                 "reviewed != true",
                                 "valid_to = 2027-01-31",
                                 "valid_to > 2027-01-30",
                                 "valid_to < \"2027-02-01\"",
                                 "time = 1970-01-01T00:01:00Z",
                                 "time > 1970-01-01T00:00:59.999999999Z",
                                 "time < 1970-01-01T01:01:01+01:00",
                                 "absences:2026-12-21",
                                 "absences:2026-12-31",
                                 "absences:2031-01-01",
                                 "region != \"\"",
                                 "  city:århus   AND   valid_to > 2027-01-30  "}) {
    EXPECT_TRUE(Finds(text, Aarhus())) << text;
  }
}

TEST(FilterTest, AComparisonLeavesOutWhatItDoesNotSay) {
  for (const char* const text : {"city:odense",
                                 "city = århus",
                                 "city != \"Århus \\\"C\\\"\"",
                                 "notes:iso14",
                                 "region=regions",
                                 "region != regions/central",
                                 "specialities:uro",
                                 "type = DEPARTMENT",
                                 "kinds:IDEA",
                                 "start_up.median_days < 30",
                                 "start_up.median_days > 30",
                                 "reviewed = true",
                                 "valid_to < 2027-01-31",
                                 "valid_to > 2027-01-31",
                                 "time < 1970-01-01T00:01:00Z",
                                 "absences:2026-12-20",
                                 "absences:2027-06-30",
                                 "region = \"\"",
                                 "city:århus AND city:odense",
                                 "city:odense AND type = TRIAL_UNIT"}) {
    EXPECT_FALSE(Finds(text, Aarhus())) << text;
  }
}

TEST(FilterTest, WhatIsAbsentIsFoundByTheEmptyTextAndByNoMeasure) {
  const v1::Site empty;
  for (const char* const text : {"city = \"\"", "region = \"\"", "type = \"\"", "valid_to = \"\"",
                                 "start_up.median_days = \"\"", "time = \"\"", "city != x",
                                 "type != TRIAL_UNIT", "valid_to != 2027-01-31"}) {
    EXPECT_TRUE(Finds(text, empty)) << text;
    EXPECT_FALSE(Finds(std::string(text) + " AND city = x", empty)) << text;
  }
  for (const char* const text :
       {"valid_to < 2199-12-31", "valid_to > 1900-01-01", "start_up.median_days < 1", "city:x",
        "start_up.median_days > -1", "specialities:urologi", "absences:2026-12-24"}) {
    EXPECT_FALSE(Finds(text, empty)) << text;
  }
}

struct Bad {
  std::string text;
  int position;
  std::string says;
};

TEST(FilterTest, WhatIsNotInTheGrammarIsRefusedWhereItStands) {
  for (const Bad& bad : std::vector<Bad>{
           {"x", 1, "no such field; there are city, notes, "},
           {"city", 5, "operator"},
           {"city=", 6, "a value is expected"},
           {"city = ", 8, "a value is expected"},
           {"= x", 1, "name of a field"},
           {"\"city\" = x", 1, "name of a field"},
           {"-city = x", 1, "name of a field"},
           {"NOT city = x", 1, "no such field"},
           {"(city = x)", 1, "name of a field"},
           {"city = (x)", 8, "a value is expected"},
           {"city = lower(x)", 13, "AND, or the end"},
           {"city = x OR city = y", 10, "AND, or the end"},
           {"city = x and city = y", 10, "AND, or the end"},
           {"city = x city = y", 10, "AND, or the end"},
           {"city = \"x\"AND city = y", 11, "AND, or the end"},
           {"city = x AND", 13, "name of a field"},
           {"city = x AND AND city = y", 14, "no such field"},
           {"AND city = x", 1, "no such field"},
           {"city = AND", 8, "in quotes"},
           {"city = NOT x", 8, "in quotes"},
           {"city == x", 7, "a value is expected"},
           {"city ~ x", 6, "an operator is expected"},
           {"city.name = x", 1, "no such field"},
           {"start_up.median_days <= 3", 22, "take < or >"},
           {"start_up.median_days >= 3", 22, "take < or >"},
           {"start_up.median_days : 3", 22, "takes =, !=, < and >"},
           {"start_up.median_days = 3.5", 24, "whole number"},
           {"start_up.median_days = \"3 \"", 24, "whole number"},
           {"start_up.median_days = +3", 24, "whole number"},
           {"start_up.median_days = 99999999999999999999", 24, "whole number"},
           {"start_up.median_days < \"\"", 24, "empty text"},
           {"city:\"\"", 6, "empty text"},
           {"city:\"?!\"", 6, "a letter or a digit"},
           {"city < x", 6, "takes =, != and :"},
           {"region:regions", 7, "takes = and !="},
           {"specialities = urologi", 14, "takes :"},
           {"specialities:\"\"", 14, "empty text"},
           {"type = trial_unit", 8, "must be one of DEPARTMENT, TRIAL_UNIT, "},
           {"type = SITE_TYPE_TRIAL_UNIT", 8, "must be one of"},
           {"type = UNSPECIFIED", 8, "must be one of"},
           {"type = 2", 8, "must be one of"},
           {"type > DEPARTMENT", 6, "takes = and !="},
           {"reviewed", 9, "an operator"},
           {"reviewed = 1", 12, "true or false"},
           {"valid_to = 2027-02-29", 12, "a date that exists"},
           {"valid_to = tomorrow", 12, "a date that exists"},
           {"time > 2027-01-01", 8, "RFC 3339"},
           {"time > infinite-future", 8, "RFC 3339"},
           {"time > \"2027-01-01T00:00:00Z \"", 8, "RFC 3339"},
           {"absences = 2026-12-24", 10, "takes :"},
           {"absences:christmas", 10, "a date that exists"},
           {"city = \"x", 8, "has no end"},
           {"city = \"x\\", 10, "after \\"},
           {"city = \"x\\n\"", 10, "after \\"},
           {"city = 'x'", 8, "a value is expected"},
           {"city = x*", 9, "AND, or the end"},
           {"city = *", 8, "a value is expected"},
           {"city = x\ty", 9, "control characters"},
           {"city = \"\n\"", 9, "control characters"},
           {"city = \"\u0085\"", 9, "control characters"},
           // Characters are counted, not bytes.
           {"city = æøå OR", 12, "AND, or the end"},
           {std::string("city = x") + std::string(4096, ' '), 4097, "at most 4096 bytes"},
       }) {
    const absl::Status fault = FaultOf(bad.text);
    SCOPED_TRACE(bad.text.substr(0, 80));
    EXPECT_THAT(fault, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(ReasonOf(fault), v1::ERROR_REASON_INVALID_FILTER);
    EXPECT_THAT(std::string(fault.message()), HasSubstr(bad.says));
    EXPECT_THAT(std::string(fault.message()),
                HasSubstr(absl::StrCat("at character ", bad.position, ":")));
    EXPECT_EQ(MetadataOf(fault)["position"], absl::StrCat(bad.position));
    const auto violations = FieldViolationsOf(fault);
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_EQ(violations[0].field, "filter");
    EXPECT_EQ(violations[0].reason, v1::ERROR_REASON_INVALID_FILTER);
  }
}

TEST(FilterTest, AsManyComparisonsAsArePermittedAreReadAndNoMore) {
  std::string text = "city:a";
  for (std::size_t i = 1; i < kMaxComparisons; ++i) text += " AND city:a";
  EXPECT_OK(FaultOf(text));
  const std::size_t position = text.size() + std::string(" AND ").size() + 1;
  const absl::Status fault = FaultOf(text + " AND city:a");
  EXPECT_EQ(MetadataOf(fault)["position"], absl::StrCat(position));
}

TEST(FilterTest, AFaultDoesNotQuoteWhatWasSearchedFor) {
  for (const char* const text :
       {"type = secret", "secret = x", "city = x secret", "valid_to = secret"}) {
    EXPECT_THAT(FaultOf(text).ToString(), Not(HasSubstr("secret"))) << text;
  }
}

TEST(FilterTest, AllFaultsOfACallAreToldAtOnceWithThePositionOfTheFirst) {
  CallFaults faults;
  faults.fields()->Add("page_size", v1::ERROR_REASON_OUT_OF_RANGE, "must be 1 to 1000");
  const ListQuery<v1::Site> query(TestFields(), {"city ~ x", "region down"}, &faults);
  const absl::Status status = faults.ToStatus();
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_EQ(MetadataOf(status)["position"], "6");
  std::vector<std::string> told;
  for (const FieldViolation& one : FieldViolationsOf(status)) {
    told.push_back(absl::StrCat(one.field, " ", ReasonName(one.reason)));
  }
  EXPECT_THAT(told, testing::ElementsAre("page_size OUT_OF_RANGE", "filter INVALID_FILTER",
                                         "order_by INVALID_ORDER"));
}

TEST(FilterTest, AQueryKnowsWhichFieldsItNames) {
  CallFaults faults;
  const ListQuery<v1::Site> query(TestFields(), {"city:x AND valid_to > 2026-01-01"}, &faults);
  EXPECT_TRUE(query.filters());
  EXPECT_FALSE(query.orders());
  EXPECT_TRUE(query.Names("valid_to"));
  EXPECT_FALSE(query.Names("region"));
}

}  // namespace
}  // namespace trialgate::filter
