#include "services/directory/pack_merge.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/pack_of.h"
#include "tests/unit/directory/tiny_pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PackMergeTest, EditedIsEachTopLevelFieldThatDiffersButNotWhichRecordAndVersion) {
  v1::Site before;
  before.set_name("sites/a");
  before.set_etag("1");
  before.set_city("Here");
  before.add_languages("en");
  before.mutable_start_up()->set_median_days(30);
  v1::Site after = before;
  after.set_etag("2");
  EXPECT_THAT(EditedFields(before, after), IsEmpty());
  after.set_city("There");
  after.add_languages("da");
  after.mutable_start_up()->set_median_days(40);
  after.set_department("Lungs");
  EXPECT_THAT(EditedFields(before, after),
              ElementsAre("city", "department", "languages", "start_up"));
  after.clear_city();
  EXPECT_THAT(EditedFields(after, before),
              ElementsAre("city", "department", "languages", "start_up"));
}

TEST(PackMergeTest, AnEndIsEditedWithItsSuccessor) {
  v1::Desk ended;
  ended.set_valid_to("2026-12-31");
  EXPECT_THAT(EditedFields(v1::Desk(), ended), ElementsAre("successor", "valid_to"));
  v1::Site site;
  site.set_valid_to("2026-12-31");
  EXPECT_THAT(EditedFields(v1::Site(), site), ElementsAre("valid_to"));
}

TEST(PackMergeTest, AnotherNameIsAnotherPersonAnotherPhoneIsNot) {
  v1::Contact contact;
  contact.set_phone("+45 1");
  EXPECT_THAT(EditedFields(v1::Contact(), contact), ElementsAre("phone"));
  contact.set_display_name("Somebody");
  EXPECT_THAT(EditedFields(v1::Contact(), contact), ElementsAre("display_name", "email", "phone"));
}

TEST(PackMergeTest, ACapacityIsEditedAsAWhole) {
  v1::SiteCapacity capacity;
  EXPECT_THAT(EditedFields(v1::SiteCapacity(), capacity), IsEmpty());
  capacity.add_months()->set_month("2026-09");
  EXPECT_THAT(EditedFields(v1::SiteCapacity(), capacity), ElementsAre("months", "slots", "source"));
}

TEST(PackMergeTest, EditedFieldsStayAsTheyAreAlsoAbsentOnesAndThePackGivesTheRest) {
  v1::Site stored;
  stored.set_name("sites/a");
  stored.set_city("There");
  stored.add_languages("da");
  v1::Site pack;
  pack.set_name("sites/a");
  pack.set_city("Here");
  pack.set_valid_to("2027-01-01");
  pack.set_hospital("New");
  pack.add_languages("en");
  pack.add_languages("sv");
  KeepFields(stored, {"city", "valid_to", "languages", "unknown_field", "name"}, &pack);
  EXPECT_EQ(pack.name(), "sites/a");
  EXPECT_EQ(pack.city(), "There");
  EXPECT_EQ(pack.valid_to(), "");
  EXPECT_THAT(pack.languages(), ElementsAre("da"));
  EXPECT_EQ(pack.hospital(), "New");
}

class KeepContactTest : public ::testing::Test {
 protected:
  KeepContactTest() {
    stored_.set_display_name("Old");
    stored_.set_email("old@a.example");
    stored_.set_phone("+45 1");
    pack_.set_display_name("New");
    pack_.set_email("new@a.example");
    pack_.set_phone("+45 2");
    pack_.add_specialities("heart");
  }
  v1::Contact stored_;
  v1::Contact pack_;
};

TEST_F(KeepContactTest, OfAPersonOnlyWhatWasEditedStays) {
  KeepContact(stored_, {"phone"}, /*erased=*/false, &pack_);
  EXPECT_EQ(pack_.display_name(), "New");
  EXPECT_EQ(pack_.phone(), "+45 1");
}

TEST_F(KeepContactTest, WhoWasErasedIsNotThereButTheRestOfThePacksRecordIs) {
  KeepContact(v1::Contact(), {}, /*erased=*/true, &pack_);
  EXPECT_EQ(pack_.display_name() + pack_.email() + pack_.phone(), "");
  EXPECT_THAT(pack_.specialities(), ElementsAre("heart"));
}

TEST_F(KeepContactTest, APackThatNamesNobodyTakesAwayOnlyWhomNobodyEdited) {
  v1::Contact nobody;
  KeepContact(stored_, {"specialities"}, /*erased=*/false, &nobody);
  EXPECT_EQ(nobody.display_name(), "");
  KeepContact(stored_, {"phone"}, /*erased=*/false, &nobody);
  EXPECT_EQ(nobody.display_name(), "Old");
  EXPECT_EQ(nobody.email(), "old@a.example");
}

class CheckMergedTest : public ::testing::Test {
 protected:
  std::shared_ptr<const DirectorySnapshot> before_ = WithPack(DirectorySnapshot(), TinyPack());
};

TEST_F(CheckMergedTest, WhatIsWrongAlreadyIsNotTold) {
  v1::Pack pack = TinyPack();
  pack.mutable_sites(0)->set_region("regions/none");
  const auto wrong = WithPack(DirectorySnapshot(), pack);
  Faults faults;
  CheckMerged(*wrong, *wrong, &faults);
  EXPECT_TRUE(faults.empty());
  CheckMerged(*before_, *before_, &faults);
  EXPECT_TRUE(faults.empty());
}

TEST_F(CheckMergedTest, WhatBecomesWrongIsToldWithTheRecordsName) {
  v1::Pack pack = TinyPack();
  v1::Site& site = *pack.mutable_sites(0);
  site.set_valid_from("2027-01-02");
  site.set_valid_to("2027-01-01");
  Faults faults;
  CheckMerged(*before_, *WithPack(*before_, pack), &faults);
  ASSERT_THAT(faults.kept(), SizeIs(1));
  EXPECT_THAT(faults.kept()[0].place.at, HasSubstr(site.name() + "."));
  EXPECT_EQ(faults.kept()[0].reason, v1::ERROR_REASON_DATES_REVERSED);
}

}  // namespace
}  // namespace trialgate::directory
