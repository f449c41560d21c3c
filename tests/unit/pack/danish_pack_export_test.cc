// The Danish pack exported and loaded again, and compared with itself and with changes.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/capacity.h"
#include "services/directory/pack_diff.h"
#include "services/directory/pack_export.h"
#include "services/directory/pack_of.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/pack/danish_pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;

v1::Pack Reloaded(const PackFiles& files) {
  Faults faults;
  JoinedPack joined = LoadPack(files, /*allow_sample=*/true, &faults);
  for (const Fault& fault : faults.kept()) {
    ADD_FAILURE() << fault.place.file << " " << fault.place.at << " " << fault.description;
  }
  return joined.pack;
}

std::shared_ptr<const DirectorySnapshot> DirectoryOf(const v1::Pack& pack) {
  DirectorySnapshotBuilder builder(*WithPack(DirectorySnapshot(), pack));
  for (const v1::SiteCapacity& capacity : pack.capacities()) builder.Put(capacity);
  return builder.Build(1);
}

std::vector<std::string> PathsOf(const PackFiles& files) {
  std::vector<std::string> paths;
  for (const v1::PackFile& file : files) paths.push_back(file.path());
  return paths;
}

// "CHANGE name" of every difference.
std::vector<std::string> Told(const v1::DiffPackResponse& response) {
  std::vector<std::string> told;
  for (const auto& difference : response.differences()) {
    told.push_back(v1::RecordChange_Name(difference.change()).substr(14) + " " + difference.name());
  }
  return told;
}

v1::Referral Open(const std::string& name, const std::string& desk,
                  const std::vector<std::string>& sites) {
  v1::Referral referral;
  referral.set_name(name);
  referral.set_desk(desk);
  referral.set_contact(desk + "/contacts/lead");
  referral.set_state(v1::REFERRAL_STATE_SENT);
  referral.mutable_sites()->Assign(sites.begin(), sites.end());
  return referral;
}

class DanishExportTest : public testing::Test {
 protected:
  const std::shared_ptr<const DirectorySnapshot> directory_ = DanishDirectory(true);
  const absl::CivilDay today_{2026, 11, 24};
};

TEST_F(DanishExportTest, AnExportGivesTheSameDirectoryWhenItIsAppliedElsewhere) {
  const v1::Pack before = PackOf(*directory_);
  const auto exported = ExportPack(before, /*include_sample=*/true);
  ASSERT_OK(exported);
  EXPECT_TRUE(exported->holds_sample);
  EXPECT_THAT(PathsOf(exported->files),
              IsSupersetOf({"calendars.json", "capabilities.json", "conditions.json",
                            "contacts.json", "country.json", "desks.json", "regions.json",
                            "routing.json", "sample/sample.json", "sites-capital.json",
                            "sites-zealand.json", "specialities.json"}));
  const v1::Pack after = PackOf(*DirectoryOf(Reloaded(exported->files)));
  EXPECT_THAT(FieldsThatDiffer(before, after), IsEmpty());
  EXPECT_EQ(before.SerializeAsString(), after.SerializeAsString());
  // And once more the very same files.
  const auto again = ExportPack(after, /*include_sample=*/true);
  ASSERT_OK(again);
  ASSERT_EQ(exported->files.size(), again->files.size());
  for (int i = 0; i < exported->files.size(); ++i) {
    EXPECT_EQ(exported->files[i].content(), again->files[i].content());
  }
}

TEST_F(DanishExportTest, WithoutInventedValuesItIsThePackWithoutThem) {
  const auto exported = ExportPack(PackOf(*directory_), /*include_sample=*/false);
  ASSERT_OK(exported);
  EXPECT_TRUE(exported->holds_sample);
  EXPECT_THAT(PathsOf(exported->files), Not(Contains("sample/sample.json")));
  Faults faults;
  LoadPack(exported->files, /*allow_sample=*/false, &faults);
  EXPECT_TRUE(faults.empty());
}

TEST_F(DanishExportTest, APersonWhoWasErasedIsNotExported) {
  v1::Contact erased = *directory_->contacts().begin()->second;
  const std::string name = erased.name();
  erased.set_display_name(kErasedName);
  erased.clear_email();
  DirectorySnapshotBuilder builder(*directory_);
  builder.Put(erased);
  const auto exported = ExportPack(PackOf(*builder.Build(2)), /*include_sample=*/true);
  ASSERT_OK(exported);
  for (const v1::PackFile& file : exported->files) {
    EXPECT_THAT(file.content(), Not(::testing::HasSubstr(kErasedName))) << file.path();
  }
}

TEST_F(DanishExportTest, WhatNoMessageHoldsIsRefused) {
  v1::Pack large = PackOf(*directory_);
  large.mutable_desks(0)->set_description(std::string(kMaxPackFileBytes, 'x'));
  EXPECT_THAT(ExportPack(large, true), HasReason(v1::ERROR_REASON_PACK_TOO_LARGE));
}

TEST_F(DanishExportTest, ComparedWithItselfNothingDiffers) {
  const v1::DiffPackResponse response =
      DiffRecords(*directory_, DanishPack(true), DanishPack(true));
  EXPECT_THAT(response.differences(), IsEmpty());
  for (const v1::RecordCount& count : response.counts()) {
    EXPECT_EQ(count.change(), v1::RECORD_CHANGE_UNCHANGED);
  }
}

TEST_F(DanishExportTest, VersionsOfRecordsAreNoDifference) {
  DirectorySnapshotBuilder builder(*directory_);
  v1::Desk desk = *directory_->desks().begin()->second;
  desk.set_etag("7");
  builder.Put(desk);
  v1::Site site = directory_->sites()[0]->site;
  site.set_etag("8");
  builder.Put(site);
  const auto stored = builder.Build(9);
  EXPECT_THAT(DiffRecords(*stored, DanishPack(true), DanishPack(true)).differences(), IsEmpty());
  EXPECT_EQ(PackOf(*stored).SerializeAsString(), PackOf(*directory_).SerializeAsString());
}

TEST_F(DanishExportTest, ComparedWithNothingAllIsCreated) {
  const v1::DiffPackResponse response =
      DiffRecords(DirectorySnapshot(), DanishPack(true), DanishPack(true));
  ASSERT_THAT(response.counts(), SizeIs(8));
  for (const v1::RecordCount& count : response.counts()) {
    EXPECT_EQ(count.change(), v1::RECORD_CHANGE_CREATED);
  }
}

TEST_F(DanishExportTest, EachChangeIsToldWithItsFieldsAndPersonsOnlyAsChanged) {
  v1::Pack pack = DanishPack(true);
  const std::string left_out = pack.sites(0).name();
  pack.mutable_sites()->DeleteSubrange(0, 1);
  v1::Site& site = *pack.mutable_sites(0);
  site.set_city("Elsewhere");
  v1::Site& ended = *pack.mutable_sites(1);
  ended.set_valid_to("2027-06-30");
  v1::Contact& contact = *pack.mutable_contacts(0);
  contact.set_email("somebody.else@example.dk");
  const v1::DiffPackResponse response = DiffRecords(*directory_, pack, pack);
  EXPECT_THAT(Told(response), ElementsAre("CHANGED " + contact.name(), "CHANGED " + site.name(),
                                          "ENDED " + ended.name(), "KEPT " + left_out));
  const auto& of_contact = response.differences(0).fields();
  ASSERT_THAT(of_contact, SizeIs(1));
  EXPECT_EQ(of_contact[0].field(), "email");
  EXPECT_EQ(of_contact[0].after(), "(personal)");
  const auto& of_site = response.differences(1).fields();
  ASSERT_THAT(of_site, SizeIs(1));
  EXPECT_EQ(of_site[0].field(), "city");
  EXPECT_EQ(of_site[0].after(), "Elsewhere");
  EXPECT_EQ(response.differences(2).fields(0).after(), "2027-06-30");
}

TEST_F(DanishExportTest, WhatIsKeptIsToldFieldByFieldBesideWhatChanges) {
  v1::SiteCapacity declared = directory_->sites()[0]->capacity;
  declared.set_slots(declared.slots() + 3);
  v1::Site edited = directory_->sites()[1]->site;
  edited.set_city("Elsewhere");
  DirectorySnapshotBuilder builder(*directory_);
  builder.Put(declared);
  builder.Put(edited);
  v1::Pack pack = DanishPack(true);
  v1::Pack applied = pack;
  for (v1::SiteCapacity& capacity : *applied.mutable_capacities()) {
    if (capacity.name() == declared.name()) capacity.set_slots(declared.slots());
  }
  for (v1::Pack* one : {&pack, &applied}) {
    for (v1::Site& site : *one->mutable_sites()) {
      if (site.name() != edited.name()) continue;
      site.set_department("Another");
      if (one == &applied) site.set_city("Elsewhere");
    }
  }
  v1::Contact& erased = *applied.mutable_contacts(0);
  erased.clear_display_name();
  erased.clear_email();
  erased.clear_phone();
  v1::Contact stored = erased;
  stored.set_display_name(kErasedName);
  builder.Put(stored);
  const v1::DiffPackResponse response = DiffRecords(*builder.Build(2), applied, pack);
  ASSERT_THAT(Told(response), ElementsAre("KEPT " + erased.name(), "CHANGED " + edited.name(),
                                          "KEPT " + declared.name()));
  const v1::RecordDifference& person = response.differences(0);
  EXPECT_TRUE(person.person_erased());
  ASSERT_GE(person.kept_fields_size(), 2);
  EXPECT_EQ(person.kept_fields(0).field(), "display_name");
  EXPECT_EQ(person.kept_fields(0).before(), "");
  EXPECT_EQ(person.kept_fields(0).after(), "(personal)");
  const v1::RecordDifference& site = response.differences(1);
  EXPECT_FALSE(site.person_erased());
  ASSERT_THAT(site.fields(), SizeIs(1));
  EXPECT_EQ(site.fields(0).field(), "department");
  ASSERT_THAT(site.kept_fields(), SizeIs(1));
  EXPECT_EQ(site.kept_fields(0).field(), "city");
  EXPECT_EQ(site.kept_fields(0).before(), "Elsewhere");
  ASSERT_THAT(response.differences(2).kept_fields(), SizeIs(1));
  EXPECT_EQ(response.differences(2).kept_fields(0).field(), "slots");
}

TEST_F(DanishExportTest, ALongValueIsCutAndLongListsAreCounted) {
  v1::Pack pack = DanishPack(true);
  pack.mutable_desks(0)->set_description(std::string(1000, 'y'));
  const v1::DiffPackResponse response = DiffRecords(*directory_, pack, pack);
  ASSERT_THAT(response.differences(), SizeIs(1));
  EXPECT_EQ(response.differences(0).fields(0).after(), std::string(200, 'y') + "…");
}

TEST_F(DanishExportTest, WhatEndsIsToldWithTheOpenReferralsThatItMattersTo) {
  const std::string a_site = "sites/bispebjerg-child-psychiatry";
  v1::Pack pack = DanishPack(true);
  for (v1::Desk& desk : *pack.mutable_desks()) {
    if (desk.name() == "desks/capital") desk.set_valid_to("2026-12-24");
  }
  for (v1::Site& site : *pack.mutable_sites()) {
    if (site.name() == a_site) site.set_valid_to("2027-01-31");
  }
  std::vector<v1::Referral> open;
  for (int i = 10; i < 35; ++i) {
    open.push_back(
        Open("trialRequests/r/referrals/" + std::to_string(i), "desks/capital", {a_site}));
  }
  open.push_back(Open("trialRequests/r/referrals/9", "desks/zealand", {}));
  v1::DiffPackResponse response;
  AddImpacts(*directory_, *WithPack(*directory_, pack), open, today_, &response);
  ASSERT_THAT(response.impacts(), SizeIs(2));
  EXPECT_EQ(response.impacts(0).kind(), v1::REFERRAL_IMPACT_KIND_DESK_ENDS);
  EXPECT_EQ(response.impacts(0).name(), "desks/capital");
  EXPECT_EQ(response.impacts(0).last_day(), "2026-12-24");
  EXPECT_EQ(response.impacts(0).referral_count(), 25);
  EXPECT_THAT(response.impacts(0).referrals(), SizeIs(kMaxImpactReferrals));
  EXPECT_EQ(response.impacts(1).kind(), v1::REFERRAL_IMPACT_KIND_SITE_ENDS);
  EXPECT_EQ(response.impacts(1).name(), a_site);
  EXPECT_EQ(response.referral_count(), 25);
}

TEST_F(DanishExportTest, AnEndThatIsKnownAlreadyIsNotToldAgain) {
  v1::DiffPackResponse response;
  AddImpacts(*directory_, *WithPack(*directory_, DanishPack(true)),
             {Open("trialRequests/r/referrals/1", "desks/capital", {})}, today_, &response);
  EXPECT_THAT(response.impacts(), IsEmpty());
  EXPECT_EQ(response.referral_count(), 0);
}

TEST_F(DanishExportTest, AFirstPackWithAMergerTellsWhoTakesOver) {
  v1::Pack before = DanishPack(true);
  for (v1::Region& region : *before.mutable_regions()) {
    if (region.valid_to().empty()) continue;
    region.clear_valid_to();
    region.clear_successor();
  }
  for (v1::Desk& desk : *before.mutable_desks()) {
    if (desk.valid_to().empty()) continue;
    desk.clear_valid_to();
    desk.clear_successor();
  }
  const auto earlier = DirectoryOf(before);
  v1::DiffPackResponse response;
  AddImpacts(
      *earlier, *WithPack(*earlier, DanishPack(true)),
      {Open("trialRequests/r/referrals/1", "desks/capital", {"sites/bispebjerg-child-psychiatry"})},
      today_, &response);
  ASSERT_THAT(response.impacts(), SizeIs(2));
  EXPECT_EQ(response.impacts(0).kind(), v1::REFERRAL_IMPACT_KIND_DESK_ENDS);
  EXPECT_EQ(response.impacts(0).successor(), "desks/east-denmark");
  EXPECT_EQ(response.impacts(1).kind(), v1::REFERRAL_IMPACT_KIND_REGION_ENDS);
  EXPECT_EQ(response.impacts(1).successor(), "regions/east-denmark");
}

}  // namespace
}  // namespace trialgate::directory
