#include "services/routing/contact_choice.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::routing {
namespace {

using ::testing::HasSubstr;

const absl::CivilDay kDay(2026, 3, 5);

class ContactChoiceTest : public testing::Test {
 protected:
  ContactChoiceTest() {
    desk_.set_name("desks/north");
    desk_.set_lead("desks/north/contacts/lead");
    v1::Desk secretariat;
    secretariat.set_name("desks/secretariat");
    secretariat.set_lead("desks/secretariat/contacts/lead");
    builder_.Put(secretariat);
    v1::Pack pack;
    pack.set_secretariat("desks/secretariat");
    builder_.PutSettings(pack);
    Put("desks/secretariat/contacts/lead");
  }

  v1::Contact& Put(const std::string& name, const std::vector<std::string>& specialities = {}) {
    v1::Contact& contact = contacts_[name];
    contact.set_name(name);
    contact.set_display_name("Name of " + name);
    contact.mutable_specialities()->Assign(specialities.begin(), specialities.end());
    return contact;
  }

  static std::string North(const std::string& id) { return "desks/north/contacts/" + id; }

  static void Away(v1::Contact& contact, const std::string& first, const std::string& last) {
    auto* absence = contact.add_absences();
    absence->set_first_day(first);
    absence->set_last_day(last);
  }
  static void Away(v1::Contact& contact) { Away(contact, "2026-03-05", "2026-03-05"); }

  void Open(const std::string& contact, int count) {
    v1::Referral referral;
    referral.set_contact(contact);
    for (int i = 0; i < count; ++i) open_.Add(referral, 1);
  }

  // The name and the reason of who is asked.
  std::pair<std::string, std::string> Choose(const std::vector<std::string>& wanted = {}) {
    for (const auto& [name, contact] : contacts_) builder_.Put(contact);
    directory_ = builder_.Build(1);
    google::protobuf::RepeatedPtrField<std::string> specialities(wanted.begin(), wanted.end());
    const ContactChoice choice = ChooseContact(desk_, specialities, *directory_, open_, kDay);
    return {choice.contact == nullptr ? "" : choice.contact->name(), choice.reason};
  }

  v1::Desk desk_;
  std::map<std::string, v1::Contact> contacts_;
  directory::DirectorySnapshotBuilder builder_;
  std::shared_ptr<const directory::DirectorySnapshot> directory_;
  OpenReferrals open_;
};

TEST_F(ContactChoiceTest, AnAbsenceIncludesItsFirstAndLastDay) {
  v1::Contact contact;
  Away(contact, "2026-03-04", "2026-03-06");
  EXPECT_TRUE(IsOnDuty(contact, absl::CivilDay(2026, 3, 3)));
  EXPECT_FALSE(IsOnDuty(contact, absl::CivilDay(2026, 3, 4)));
  EXPECT_FALSE(IsOnDuty(contact, absl::CivilDay(2026, 3, 6)));
  EXPECT_TRUE(IsOnDuty(contact, absl::CivilDay(2026, 3, 7)));
}

TEST_F(ContactChoiceTest, WhoHasFewestOpenReferralsIsAsked) {
  Put(North("a"));
  Put(North("b"));
  Open(North("a"), 2);
  Open(North("b"), 1);
  const auto [contact, reason] = Choose();
  EXPECT_EQ(contact, North("b"));
  EXPECT_EQ(reason, "on duty on 2026-03-05; fewest open referrals");
}

TEST_F(ContactChoiceTest, OfAsFewTheFirstByNameIsAsked) {
  Put(North("b"));
  Put(North("a"));
  const auto [contact, reason] = Choose();
  EXPECT_EQ(contact, North("a"));
  EXPECT_THAT(reason, HasSubstr("first by name of those with as few"));
}

TEST_F(ContactChoiceTest, WhoIsAwayIsNotAsked) {
  Away(Put(North("a")));
  Put(North("b"));
  Open(North("b"), 5);
  EXPECT_EQ(Choose().first, North("b"));
}

TEST_F(ContactChoiceTest, WhoCoversASpecialityWantedComesBeforeWhoHasLess) {
  Put(North("a"));
  Put(North("b"), {"oncology", "cardiology"});
  Open(North("b"), 5);
  const auto [contact, reason] = Choose({"cardiology"});
  EXPECT_EQ(contact, North("b"));
  EXPECT_THAT(reason, HasSubstr("covers cardiology"));
}

TEST_F(ContactChoiceTest, TheReasonSaysWhoseWorkWasCompared) {
  Put(North("a"));
  Put(North("b"), {"oncology", "cardiology"});
  Open(North("b"), 1);
  EXPECT_EQ(Choose({"cardiology"}).second,
            "the only one there on duty on 2026-03-05 who covers cardiology");
  Put(North("c"), {"cardiology"});
  Open(North("c"), 2);
  EXPECT_EQ(Choose({"cardiology"}).second,
            "on duty on 2026-03-05; covers cardiology; of those who do, fewest open referrals");
  Away(Put(North("b")));
  Away(Put(North("c")));
  EXPECT_EQ(Choose().second, "the only one there on duty on 2026-03-05");
}

TEST_F(ContactChoiceTest, WhereNobodyCoversTheSpecialityAllAreCandidates) {
  Put(North("a"));
  Put(North("b"), {"oncology"});
  Open(North("b"), 5);
  EXPECT_EQ(Choose({"cardiology"}).first, North("a"));
}

TEST_F(ContactChoiceTest, WhereNoSpecialityIsWantedAllAreCandidates) {
  Put(North("a"), {"oncology"});
  Put(North("b"));
  Open(North("a"), 1);
  EXPECT_EQ(Choose().first, North("b"));
}

TEST_F(ContactChoiceTest, ForACandidateWhoIsAwayTheFirstDeputyOnDutyIsAsked) {
  v1::Contact& covering = Put(North("a"), {"cardiology"});
  Away(covering);
  covering.add_deputies(North("c"));
  covering.add_deputies(North("b"));
  Put(North("b"));
  Away(Put(North("c")));
  Put(North("lead"));
  const auto [contact, reason] = Choose({"cardiology"});
  EXPECT_EQ(contact, North("b"));
  EXPECT_THAT(reason, HasSubstr("deputy of " + North("a")));
}

TEST_F(ContactChoiceTest, TheDeputyIsOfTheCandidateWhoWouldHaveBeenAsked) {
  v1::Contact& first = Put(North("a"), {"cardiology"});
  v1::Contact& second = Put(North("b"), {"cardiology"});
  Away(first);
  Away(second);
  first.add_deputies(North("x"));
  second.add_deputies(North("y"));
  Put(North("x"));
  Put(North("y"));
  Open(North("a"), 1);
  EXPECT_EQ(Choose({"cardiology"}).first, North("y"));
}

TEST_F(ContactChoiceTest, WithoutADeputyOnDutyTheLeadIsAsked) {
  Away(Put(North("a"), {"cardiology"}));
  Put(North("lead"));
  const auto [contact, reason] = Choose({"cardiology"});
  EXPECT_EQ(contact, North("lead"));
  EXPECT_THAT(reason, HasSubstr("the desk's lead"));
}

TEST_F(ContactChoiceTest, WithNobodyOnDutyTheSecretariatsLeadIsAsked) {
  Away(Put(North("a")));
  Away(Put(North("lead")));
  const auto [contact, reason] = Choose();
  EXPECT_EQ(contact, "desks/secretariat/contacts/lead");
  EXPECT_THAT(reason, HasSubstr("the secretariat's lead"));
}

TEST_F(ContactChoiceTest, ADeskWithoutContactsIsAnsweredForByTheSecretariatsLead) {
  EXPECT_EQ(Choose().first, "desks/secretariat/contacts/lead");
}

TEST_F(ContactChoiceTest, ForTheSecretariatsLeadWhoIsAwayADeputyIsAsked) {
  v1::Contact& lead = contacts_["desks/secretariat/contacts/lead"];
  Away(lead);
  lead.add_deputies("desks/secretariat/contacts/second");
  Put("desks/secretariat/contacts/second");
  EXPECT_EQ(Choose().first, "desks/secretariat/contacts/second");
}

TEST_F(ContactChoiceTest, WhoWasErasedIsNotAskedNorStandsIn) {
  desk_.set_lead(North("lead"));
  Put(North("lead")).set_display_name(directory::kErasedName);
  Put(North("a")).set_display_name(directory::kErasedName);
  v1::Contact& b = Put(North("b"));
  b.add_deputies(North("a"));
  b.add_deputies(North("c"));
  Away(b);
  Put(North("c"));
  Away(contacts_[North("c")]);
  EXPECT_EQ(Choose().first, "desks/secretariat/contacts/lead");
}

TEST_F(ContactChoiceTest, WhoWasErasedHasNoFewerReferralsThanAnybody) {
  Put(North("a")).set_display_name(directory::kErasedName);
  Put(North("b"));
  Open(North("b"), 3);
  EXPECT_EQ(Choose().first, North("b"));
}

TEST_F(ContactChoiceTest, WhereEverybodyWasErasedNobodyIsAsked) {
  contacts_["desks/secretariat/contacts/lead"].set_display_name(directory::kErasedName);
  EXPECT_EQ(Choose().first, "");
}

TEST_F(ContactChoiceTest, WhereTheSecretariatsLeadWasErasedSomebodyElseThereIsAsked) {
  contacts_["desks/secretariat/contacts/lead"].set_display_name(directory::kErasedName);
  Put("desks/secretariat/contacts/second");
  EXPECT_EQ(Choose().first, "desks/secretariat/contacts/second");
}

TEST_F(ContactChoiceTest, SomebodyIsAskedEvenWhereAllAreAway) {
  Away(contacts_["desks/secretariat/contacts/lead"]);
  const auto [contact, reason] = Choose();
  EXPECT_EQ(contact, "desks/secretariat/contacts/lead");
  EXPECT_THAT(reason, HasSubstr("though away"));
}

}  // namespace
}  // namespace trialgate::routing
