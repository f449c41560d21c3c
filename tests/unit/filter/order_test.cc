#include "common/filter/order.h"

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
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

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::Status FaultOf(const std::string& text) {
  CallFaults faults;
  const ListQuery<v1::Site> query(TestFields(), {"", text}, &faults);
  return faults.ToStatus();
}

v1::Site Site(const std::string& name, const std::string& city, int days,
              const std::string& valid_to = "") {
  v1::Site site;
  site.set_name(name);
  site.set_city(city);
  if (days >= -9) site.mutable_start_up()->set_median_days(days);
  site.set_valid_to(valid_to);
  return site;
}

std::vector<std::string> Ordered(const std::string& order, std::vector<v1::Site> sites) {
  CallFaults faults;
  const ListQuery<v1::Site> query(TestFields(), {"", order}, &faults);
  EXPECT_OK(faults.ToStatus());
  std::sort(sites.begin(), sites.end(),
            [&](const v1::Site& a, const v1::Site& b) { return query.KeyOf(a) < query.KeyOf(b); });
  std::vector<std::string> names;
  for (const v1::Site& site : sites) names.push_back(site.name());
  return names;
}

constexpr int kAbsent = -10;

TEST(OrderTest, EachFieldOrdersWhatTheOnesBeforeLeaveEqualAndNamesTheRest) {
  const std::vector<v1::Site> sites = {Site("d", "b", 5),  Site("c", "a", 5),
                                       Site("b", "a", -1), Site("a", "b", 5),
                                       Site("e", "", 7),   Site("f", "b", kAbsent)};
  EXPECT_THAT(Ordered("", sites), ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_THAT(Ordered("city", sites), ElementsAre("e", "b", "c", "a", "d", "f"));
  EXPECT_THAT(Ordered("city desc", sites), ElementsAre("a", "d", "f", "b", "c", "e"));
  EXPECT_THAT(Ordered(" city , start_up.median_days  desc ", sites),
              ElementsAre("e", "c", "b", "a", "d", "f"));
  EXPECT_THAT(Ordered("start_up.median_days,city", sites),
              ElementsAre("f", "b", "c", "a", "d", "e"));
}

TEST(OrderTest, AKeyOrdersLikeItsValuesWhateverTheyAre) {
  constexpr unsigned kSeed = 20261124;
  RecordProperty("seed", kSeed);
  std::mt19937 random(kSeed);
  const std::vector<std::string> texts = {
      "", "a", "aa", "b", std::string("a\0", 2), std::string("a\0b", 3), "a\x01", "å", "\x7f"};
  for (int i = 0; i < 20000; ++i) {
    const auto pick = [&] {
      return Site(absl::StrCat("n", random() % 3), texts[random() % texts.size()],
                  static_cast<int>(random() % 13) - 10, random() % 2 == 0 ? "2026-01-01" : "");
    };
    const v1::Site a = pick();
    const v1::Site b = pick();
    const auto days = [](const v1::Site& s) {
      return s.has_start_up() ? s.start_up().median_days() : kAbsent;
    };
    const auto expected = [&](const v1::Site& x, const v1::Site& y) {
      return std::make_tuple(x.city(), -days(x), x.name()) <
             std::make_tuple(y.city(), -days(y), y.name());
    };
    CallFaults faults;
    const ListQuery<v1::Site> query(TestFields(), {"", "city,start_up.median_days desc"}, &faults);
    ASSERT_EQ(query.KeyOf(a) < query.KeyOf(b), expected(a, b))
        << a.DebugString() << b.DebugString() << "seed " << kSeed;
  }
}

TEST(OrderTest, AKeyIsShortWhateverIsOrderedBy) {
  CallFaults faults;
  const ListQuery<v1::Site> query(TestFields(), {"", "city"}, &faults);
  v1::Site site = Site("sites/x", "", 1);
  for (int i = 0; i < 300; ++i) *site.mutable_city() += "æ";
  EXPECT_LT(query.KeyOf(site).size(), kMaxOrderedBytes + 20);
}

TEST(OrderTest, WhatIsNoOrderIsRefusedWhereItStands) {
  struct Bad {
    std::string text;
    int position;
    std::string says;
  };
  for (const Bad& bad : std::vector<Bad>{
           {"x", 1, "no such field"},
           {",", 1, "name of a field"},
           {"city,", 6, "name of a field"},
           {"city,,region", 6, "name of a field"},
           {"city asc", 6, "a comma"},
           {"city DESC", 6, "a comma"},
           {"city descending", 6, "a comma"},
           {"city desc desc", 11, "a comma"},
           {"city region", 6, "a comma"},
           {"city, city desc", 7, "named twice"},
           {"specialities", 1, "several values"},
           {"region, absences", 9, "several values"},
           {"city\n", 5, "control characters"},
           {"region,æ", 8, "name of a field"},
           {"city,region,type,reviewed,valid_to", 27, "at most 4 fields"},
           {std::string(1025, ' '), 1025, "at most 1024 bytes"},
       }) {
    SCOPED_TRACE(bad.text.substr(0, 80));
    const absl::Status fault = FaultOf(bad.text);
    EXPECT_EQ(ReasonOf(fault), v1::ERROR_REASON_INVALID_ORDER);
    EXPECT_THAT(std::string(fault.message()), HasSubstr(bad.says));
    EXPECT_EQ(MetadataOf(fault)["position"], absl::StrCat(bad.position));
    ASSERT_EQ(FieldViolationsOf(fault).size(), 1u);
    EXPECT_EQ(FieldViolationsOf(fault)[0].field, "order_by");
  }
}

}  // namespace
}  // namespace trialgate::filter
