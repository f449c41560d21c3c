#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/pack.h"
#include "tests/unit/directory/pack_faults.h"

namespace trialgate::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::PersonalNumberRule Rule(const std::string& id) {
  v1::PersonalNumberRule rule;
  rule.set_id(id);
  rule.set_display_name("a number of Palmora");
  rule.set_pattern("DDMMYY-NNNN");
  return rule;
}

TEST(PackCheckTest, RulesForNumbersOfPersonsAreChecked) {
  EXPECT_THAT(FaultsAfter("country.json",
                          [](v1::Pack* pack) { *pack->add_personal_numbers() = Rule("palmora"); }),
              IsEmpty());
  EXPECT_THAT(FaultsAfter("country.json",
                          [](v1::Pack* pack) {
                            *pack->add_personal_numbers() = Rule("a");
                            *pack->add_personal_numbers() = Rule("a");
                            pack->add_personal_numbers()->set_id("B");
                            pack->mutable_personal_numbers(2)->add_centuries();
                          }),
              ElementsAre("country.json: personal_numbers[1].id DUPLICATE",
                          "country.json: personal_numbers[2].id INVALID_FORMAT",
                          "country.json: personal_numbers[2].display_name REQUIRED",
                          "country.json: personal_numbers[2].pattern INVALID_FORMAT",
                          "country.json: personal_numbers[2].centuries INVALID_FORMAT"));
}

TEST(PackCheckTest, APackThatHoldsANumberItselfIsToldNothingElse) {
  // The other fault would quote the name.
  EXPECT_THAT(FaultsAfter("country.json",
                          [](v1::Pack* pack) {
                            *pack->add_personal_numbers() = Rule("palmora");
                            pack->mutable_specialities(0)->set_local_name("of 120190-1234");
                            pack->mutable_routing_rules()->Clear();
                            pack->mutable_specialities(0)->set_id("BAD 120190-1234");
                          }),
              ElementsAre("country.json: specialities[0].id PERSONAL_NUMBER",
                          "country.json: specialities[0].local_name PERSONAL_NUMBER"));
}

TEST(PackCheckTest, RulesOfRetentionAreChecked) {
  const auto add = [](v1::Pack* pack, const char* id, v1::RetentionSubject subject, int months) {
    v1::RetentionRule* rule = pack->add_retention_rules();
    rule->set_id(id);
    rule->set_description("so long as questions may come");
    rule->set_subject(subject);
    rule->set_months(months);
  };
  EXPECT_THAT(FaultsAfter("country.json",
                          [&](v1::Pack* pack) {
                            add(pack, "a", v1::RETENTION_SUBJECT_CONTACT, 1);
                            add(pack, "b", v1::RETENTION_SUBJECT_REQUESTER_CONTACT, 600);
                          }),
              IsEmpty());
  EXPECT_THAT(FaultsAfter("country.json",
                          [&](v1::Pack* pack) {
                            add(pack, "a", v1::RETENTION_SUBJECT_CONTACT, 1);
                            add(pack, "a", v1::RETENTION_SUBJECT_CONTACT, 0);
                            add(pack, "c", v1::RETENTION_SUBJECT_UNSPECIFIED, 601);
                            pack->mutable_retention_rules(2)->clear_description();
                          }),
              ElementsAre("country.json: retention_rules[1].id DUPLICATE",
                          "country.json: retention_rules[1].months OUT_OF_RANGE",
                          "country.json: retention_rules[1].subject DUPLICATE",
                          "country.json: retention_rules[2].description REQUIRED",
                          "country.json: retention_rules[2].months OUT_OF_RANGE",
                          "country.json: retention_rules[2].subject REQUIRED"));
}

TEST(PackCheckTest, OfAContactAllOfThePersonIsGivenOrNothing) {
  const auto fault = [](const auto& change) {
    return FaultsAfter("desks.json", [&](v1::Pack* pack) { change(pack->mutable_contacts(0)); });
  };
  EXPECT_THAT(fault([](v1::Contact* contact) {
                contact->clear_display_name();
                contact->clear_email();
                contact->clear_phone();
              }),
              IsEmpty());
  EXPECT_THAT(fault([](v1::Contact* contact) { contact->clear_email(); }),
              ElementsAre("desks.json: contacts[0].email INVALID_FORMAT"));
  EXPECT_THAT(fault([](v1::Contact* contact) { contact->clear_display_name(); }),
              ElementsAre("desks.json: contacts[0].display_name REQUIRED"));
}

}  // namespace
}  // namespace trialgate::directory
