#include "services/directory/personal_number.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// As the Danish pack has it.
PersonalNumberRules Danish() {
  v1::Pack pack;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(personal_numbers {
           id: "cpr" display_name: "a CPR number" pattern: "DDMMYY-CNNN"
           centuries { digits: "0123" first_year: 0 last_year: 99 century: 1900 }
           centuries { digits: "49" first_year: 0 last_year: 36 century: 2000 }
           centuries { digits: "49" first_year: 37 last_year: 99 century: 1900 }
           centuries { digits: "5678" first_year: 0 last_year: 57 century: 2000 }
           centuries { digits: "5678" first_year: 58 last_year: 99 century: 1800 }
         })",
      &pack));
  return pack.personal_numbers();
}

v1::PersonalNumberRule RuleOf(absl::string_view pattern) {
  v1::PersonalNumberRule rule;
  rule.set_pattern(std::string(pattern));
  return rule;
}

// What is found, as it stands in the text.
std::vector<std::string> Found(const std::string& text, const PersonalNumberRules& rules) {
  std::vector<std::string> found;
  for (const PersonalNumber& number : FindPersonalNumbers(text, rules)) {
    found.push_back(text.substr(number.begin, number.end - number.begin));
  }
  return found;
}

TEST(PersonalNumberTest, NumbersAreFoundHoweverTheyAreWritten) {
  const PersonalNumberRules rules = Danish();
  EXPECT_THAT(Found("120190-1234", rules), ElementsAre("120190-1234"));
  EXPECT_THAT(Found("1201901234", rules), ElementsAre("1201901234"));
  EXPECT_THAT(Found("The patient 120190 1234, male.", rules), ElementsAre("120190 1234"));
  EXPECT_THAT(Found("120190 - 1234", rules), ElementsAre("120190 - 1234"));
  EXPECT_THAT(Found("CPR:1201901234.", rules), ElementsAre("1201901234"));
  EXPECT_THAT(Found("CPR1201901234x", rules), ElementsAre("1201901234"));
  EXPECT_THAT(Found("120190-1234 and 311299-4321", rules),
              ElementsAre("120190-1234", "311299-4321"));
  EXPECT_THAT(Found("12019O-1234; 120190-1234", rules), ElementsAre("120190-1234"));
  // En dash, minus, full-width digits, hard and thin spaces, a soft hyphen, a zero-width space.
  EXPECT_THAT(Found("120190–1234", rules), ElementsAre("120190–1234"));
  EXPECT_THAT(Found("120190−1234", rules), ElementsAre("120190−1234"));
  EXPECT_THAT(Found("１２０１９０－１２３４", rules), ElementsAre("１２０１９０－１２３４"));
  EXPECT_THAT(Found("120190\u00A01234", rules), ElementsAre("120190\u00A01234"));
  EXPECT_THAT(Found("120190\u20091234", rules), ElementsAre("120190\u20091234"));
  EXPECT_THAT(Found("1201\u00AD90-12\u200B34", rules), ElementsAre("1201\u00AD90-12\u200B34"));
  EXPECT_THAT(Found("١٢٠١٩٠-١٢٣٤", rules), ElementsAre("١٢٠١٩٠-١٢٣٤"));
}

TEST(PersonalNumberTest, WhateverSeparatesThePartsTheNumberIsFound) {
  for (const char* text : {"120190.1234", "120190/1234", "120190_1234", "120190:1234",
                           "120190\n1234", "120190--1234", "120190   1234", "12.01.90-1234",
                           "12 01 90 1234", "12-01-90 1234", "12/01/90/1234", "120190\r\n1234",
                           // A variation selector, a tag, a bidirectional isolate.
                           "120190\uFE0F1234", "120190\U000E00411234", "\u2066120190-1234\u2069",
                           // Digits of Adlam, which no list of ours had.
                           "\U0001E951\U0001E9520190-1234"}) {
    EXPECT_EQ(FindPersonalNumbers(text, Danish()).size(), 1u) << text;
  }
}

TEST(PersonalNumberTest, OtherNumbersPass) {
  for (const char* text : {"2023-506789-12-00",
                           "EU CT 2022-310112-13-00",
                           "2004-000123-12",
                           "NCT01234567",
                           "ISRCTN12345678",
                           "U1111-1234-5678",
                           "ACTRN12605000123456",
                           "+45 12345678",
                           "+45 12 01 90 12",
                           "2027-09-01 to 2028-10-01",
                           "20270901",
                           "10.1056/NEJMoa2034577",
                           "120190",
                           "120190-123",
                           "120190-12345",
                           "9120190-1234",
                           "3312901234",
                           "1213901234",
                           "310290-1234",
                           "0000000000",
                           "300299-1234",
                           "+120190 1234",
                           "＋1201901234",
                           "+1201901234",
                           "120190----1234",
                           "120190, 1234",
                           "2012-001234-12",
                           "2010-020123-12",
                           "2011-12-01 1234",
                           "12.01.90 - 1234 patients",
                           "1201.90-1234",
                           "https://x.example/2024/01/02/123456",
                           "",
                           "1201901234567890"}) {
    EXPECT_THAT(Found(text, Danish()), IsEmpty()) << text;
  }
}

TEST(PersonalNumberTest, TheCenturyDigitDecidesOnTheTwentyNinthOfFebruary) {
  const PersonalNumberRules rules = Danish();
  // 1900 was no leap year, 2000 was.
  EXPECT_THAT(Found("290200-0123", rules), IsEmpty());
  EXPECT_THAT(Found("290200-4123", rules), ElementsAre("290200-4123"));
  EXPECT_THAT(Found("290200-5123", rules), ElementsAre("290200-5123"));
  EXPECT_THAT(Found("290296-3123", rules), ElementsAre("290296-3123"));
  EXPECT_THAT(Found("290296-8123", rules), ElementsAre("290296-8123"));  // 1896
  EXPECT_THAT(Found("290297-8123", rules), IsEmpty());
  EXPECT_THAT(Found("290236-9123", rules), ElementsAre("290236-9123"));  // 2036
  EXPECT_THAT(Found("290237-9123", rules), IsEmpty());                   // 1937
}

TEST(PersonalNumberTest, TextsThatAreNoUtf8AreReadToTheirEnd) {
  EXPECT_THAT(Found("\xFF 120190-1234 \xE2\x80", Danish()), ElementsAre("120190-1234"));
  EXPECT_THAT(Found("120190\xE2\x80"
                    "1234",
                    Danish()),
              IsEmpty());
}

TEST(PersonalNumberTest, AnotherCountryIsAnotherPattern) {
  PersonalNumberRules rules;
  *rules.Add() = RuleOf("YYMMDD-NNNN");
  *rules.Add() = RuleOf("YYYYMMDD-NNNN");
  EXPECT_THAT(Found("900112-1234 19900112-1234", rules),
              ElementsAre("900112-1234", "19900112-1234"));
  // Of a year of two digits without centuries both are tried: 2000 had the day.
  EXPECT_THAT(Found("000229-1234", rules), ElementsAre("000229-1234"));
  EXPECT_THAT(Found("010229-1234 19000229-1234", rules), IsEmpty());
}

TEST(PersonalNumberTest, EveryNumberOfEveryDayIsFoundWhereverItStands) {
  constexpr unsigned kSeed = 20261124;
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  std::mt19937 random(kSeed);
  const PersonalNumberRules rules = Danish();
  const auto pick = [&](auto... values) {
    const std::string all[] = {values...};
    return all[random() % sizeof...(values)];
  };
  for (int i = 0; i < 20'000; ++i) {
    const absl::CivilDay day = absl::CivilDay(1937, 1, 1) + static_cast<int>(random() % 35'000);
    const int century = day.year() < 2000 ? static_cast<int>(random() % 4) : 4;
    if (day.year() > 2032) continue;
    const std::string number =
        absl::StrFormat("%02d%02d%02d%s%d%03d", day.day(), day.month(), day.year() % 100,
                        pick("", "-", " ", "–", " - ", "\u00A0"), century, random() % 1000);
    const std::string text =
        absl::StrCat(pick("", "a", "(", "NCT01234567 ", "x: ", "2023-506789-12-00, "), number,
                     pick("", ".", "b", ")", " 120190", " NCT01234567", "-"));
    ASSERT_THAT(Found(text, rules), ElementsAre(number)) << i;
  }
}

TEST(PersonalNumberTest, RandomTextsNeverFindWhatIsNoNumber) {
  constexpr unsigned kSeed = 4;
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  std::mt19937 random(kSeed);
  const PersonalNumberRules rules = Danish();
  const std::string pieces[] = {"0", "1", "2",  "9",    "12", "0190",   "-",    " ",       "–",
                                "x", "+", "３", "\xFF", "\n", "\u200B", "1234", "\xE2\x80"};
  int found = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    const int length = static_cast<int>(random() % 24);
    for (int at = 0; at < length; ++at) text += pieces[random() % std::size(pieces)];
    for (const PersonalNumber& number : FindPersonalNumbers(text, rules)) {
      ++found;
      ASSERT_LT(number.begin, number.end);
      ASSERT_LE(number.end, text.size());
      const std::string inside = absl::StrReplaceAll(
          text.substr(number.begin, number.end - number.begin),
          {{"３", "3"}, {"–", ""}, {"\u200B", ""}, {" ", ""}, {"-", ""}, {"\n", ""}});
      ASSERT_EQ(inside.size(), 10u) << i;
      ASSERT_EQ(inside.find_first_not_of("0123456789"), std::string::npos) << i;
    }
  }
  EXPECT_GT(found, 0);
}

TEST(PersonalNumberTest, EveryTextOfARequestThatPeopleWriteIsSearched) {
  v1::SubmitTrialRequestRequest request;
  v1::TrialRequest& trial = *request.mutable_trial_request();
  request.set_request_id("1201901234");
  trial.set_title("of 120190-1234");
  trial.set_synopsis("nothing");
  trial.add_conditions()->set_text("asthma");
  trial.add_conditions()->set_text("asthma of 120190-1234");
  trial.add_external_ids()->set_code("1201901234");
  trial.mutable_external_ids(0)->set_display("120190-1234");
  trial.add_questions()->set_text("Do you treat 120190 1234?");
  trial.add_documents()->set_display_name("120190-1234.pdf");
  trial.mutable_documents(0)->set_uri("https://x.example/1201901234");
  trial.mutable_documents(0)->set_sha256("1201901234");
  trial.mutable_contact()->set_display_name("120190-1234");
  trial.mutable_contact()->set_phone("1201901234");
  trial.set_etag("1201901234");
  FieldFaults faults;
  CheckPersonalNumbers(request, "", Danish(), &faults);
  std::vector<std::string> fields;
  for (const FieldViolation& fault : faults.told()) {
    EXPECT_EQ(fault.reason, v1::ERROR_REASON_PERSONAL_NUMBER);
    EXPECT_THAT(fault.description, HasSubstr("a CPR number"));
    fields.push_back(fault.field);
  }
  EXPECT_THAT(
      fields,
      ElementsAre("trial_request.title", "trial_request.external_ids[0].code",
                  "trial_request.external_ids[0].display", "trial_request.conditions[1].text",
                  "trial_request.questions[0].text", "trial_request.documents[0].display_name",
                  "trial_request.documents[0].uri", "trial_request.contact.display_name"));
  EXPECT_THAT(std::string(faults.ToStatus().message()), Not(HasSubstr("1234")));
}

TEST(PersonalNumberTest, PatternsThatWouldFindTooMuchOrNothingAreFaults) {
  EXPECT_EQ(PatternFault(RuleOf("DDMMYY-NNNN")), "");
  EXPECT_EQ(PatternFault(RuleOf("YYYYMMDDNNNN")), "");
  for (const char* pattern : {"", "DDMMYY", "NNNNNNNNN", "DDMMYYDDNN", "DDMMNNNN", "DMDMYYNNNN",
                              "DDMMYYYNNN", "DDMMYYXNNNN", "-DDMMYYNNNN", "DDMMYYNNNN-",
                              "DDMMYY-CNNN", "DDMMYYNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN"}) {
    EXPECT_NE(PatternFault(RuleOf(pattern)), "") << pattern;
  }
}

TEST(PersonalNumberTest, CenturiesAreChecked) {
  v1::PersonalNumberRule rule = Danish()[0];
  EXPECT_EQ(CenturiesFault(rule), "");
  EXPECT_EQ(PatternFault(rule), "");
  const auto fault = [&](const auto& change) {
    v1::PersonalNumberRule changed = rule;
    change(changed.mutable_centuries(0));
    return CenturiesFault(changed);
  };
  EXPECT_NE(fault([](auto* c) { c->set_digits(""); }), "");
  EXPECT_NE(fault([](auto* c) { c->set_digits("1x"); }), "");
  EXPECT_NE(fault([](auto* c) { c->set_first_year(-1); }), "");
  EXPECT_NE(fault([](auto* c) { c->set_last_year(100); }), "");
  EXPECT_NE(fault([](auto* c) { c->set_century(1950); }), "");
  rule.set_pattern("DDMMYYYY-CNNN");
  EXPECT_NE(PatternFault(rule), "");
}

}  // namespace
}  // namespace trialgate::directory
