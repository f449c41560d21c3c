// What a pack leaves as it is: what verbs set, field by field.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/pack_exchange_app.h"
#include "services/directory/pack_record_repository.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kHeart[] = "desks/lagoon/contacts/heart";
constexpr char kUnit[] = "sites/cape-unit";

// Nothing is open.
class NoReferrals : public ReferralSuccession {
 public:
  absl::StatusOr<v1::SuccessionSummary> MoveAll(store::UnitOfWork*, const DirectorySnapshot&,
                                                const std::string&, absl::Time) override {
    return v1::SuccessionSummary();
  }
  absl::StatusOr<v1::SuccessionSummary> CountWaiting(store::UnitOfWork*, const std::string&,
                                                     const std::string&,
                                                     absl::CivilDay) const override {
    return v1::SuccessionSummary();
  }
  absl::StatusOr<std::vector<v1::Referral>> ReadOpen(const store::Store&,
                                                     std::int64_t) const override {
    return std::vector<v1::Referral>();
  }
};

class PackKeepsTest : public DirectoryWorld {
 protected:
  using Replacements = std::vector<std::pair<std::string, std::string>>;

  PackKeepsTest() { ApplyTinyPack(); }

  v1::ApplyPackRequest Newer(const Replacements& replacements) {
    v1::ApplyPackRequest request = TinyPackRequest();
    for (const auto& [from, to] : replacements) {
      bool found = false;
      for (v1::PackFile& file : *request.mutable_files()) {
        found |= file.content().find(from) != std::string::npos;
        file.set_content(absl::StrReplaceAll(file.content(), {{from, to}}));
      }
      EXPECT_TRUE(found) << from;
    }
    return request;
  }

  v1::ApplyPackResponse Apply(v1::ApplyPackRequest request) {
    request.set_request_id(NextRequestId());
    const auto applied = app_.ApplyPack(National(), request);
    EXPECT_OK(applied);
    return applied.value_or(v1::ApplyPackResponse());
  }

  v1::DiffPackResponse Diff(const v1::ApplyPackRequest& apply) {
    v1::DiffPackRequest request;
    *request.mutable_files() = apply.files();
    request.set_allow_sample(true);
    const auto diff = exchange_.DiffPack(National(), request);
    EXPECT_OK(diff);
    return diff.value_or(v1::DiffPackResponse());
  }

  // "KEPT sites/a: +city -languages", of all that the pack names: + changes, - is kept.
  static std::vector<std::string> Told(const v1::DiffPackResponse& diff) {
    std::vector<std::string> told;
    for (const v1::RecordDifference& record : diff.differences()) {
      std::string line =
          absl::StrCat(v1::RecordChange_Name(record.change()).substr(14), " ", record.name(), ":");
      for (const auto& field : record.fields()) absl::StrAppend(&line, " +", field.field());
      for (const auto& field : record.kept_fields()) absl::StrAppend(&line, " -", field.field());
      if (record.person_erased()) absl::StrAppend(&line, " erased");
      told.push_back(line);
    }
    return told;
  }

  // Applied, the pack does what its diff says, and again it does nothing.
  void ApplyTwice(const v1::ApplyPackRequest& request, const std::vector<std::string>& told) {
    EXPECT_EQ(Told(Diff(request)), told);
    Apply(request);
    const v1::ApplyPackResponse again = Apply(request);
    EXPECT_EQ(again.changed(), 0);
    EXPECT_EQ(again.commit(), 0);
    const v1::DiffPackResponse left = Diff(request);
    for (const v1::RecordDifference& record : left.differences()) {
      EXPECT_EQ(record.change(), v1::RECORD_CHANGE_KEPT) << record.name();
    }
  }

  v1::Contact Contact(const std::string& name) { return *cache_.Snapshot()->FindContact(name); }
  v1::Site Site(const std::string& name) { return cache_.Snapshot()->FindSite(name)->site; }

  void UpdateHeart(const v1::Contact& fields) {
    v1::UpdateContactRequest request;
    *request.mutable_contact() = fields;
    request.mutable_contact()->set_name(kHeart);
    request.set_request_id(NextRequestId());
    ASSERT_OK(edits_.UpdateContact(National(), request));
  }

  void EraseHeart() {
    PersonEdits edits(keys_.get(), PersonEdits::kWrite);
    const auto commit = store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
          edits.Begin();
          work.SetEvent("event");
          return edits.Erase(kHeart, clock_.Now(), &work).status();
        });
    ASSERT_OK(edits.End(commit.status()));
    ASSERT_OK(commit);
    ASSERT_TRUE(cache_.WaitUntilSeen(*commit, absl::Seconds(10)));
  }

  // A note as it was kept before fields were.
  void NoteOfOlderForm(const std::string& name) {
    const auto commit = store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
          work.SetEvent("event");
          return work.Put(PackRecords(), name, storage::v1::PackRecord());
        });
    ASSERT_OK(commit);
  }

  void UpdateUnit(const std::string& city) {
    v1::UpdateSiteRequest request;
    request.mutable_site()->set_name(kUnit);
    request.mutable_site()->set_city(city);
    request.set_request_id(NextRequestId());
    ASSERT_OK(edits_.UpdateSite(National(), request));
  }

  NoReferrals referrals_;
  PackExchangeApp exchange_{store_.get(), keys_.get(), &app_, &referrals_, &clock_};
};

TEST_F(PackKeepsTest, AnEditedFieldStaysAndThePackChangesTheOthers) {
  UpdateUnit("Elsewhere");
  ApplyTwice(Newer({{"Southcape", "Northcape"}, {"Trial unit, Cape hospital", "Cape unit"}}),
             {"CHANGED sites/cape-unit: +display_name -city -source.origin -source.as_of"});
  EXPECT_EQ(Site(kUnit).city(), "Elsewhere");
  EXPECT_EQ(Site(kUnit).display_name(), "Cape unit");
  // Nor does an older pack, or one that once said what people said.
  Apply(Newer({{"Southcape", "Elsewhere"}}));
  Apply(TinyPackRequest());
  EXPECT_EQ(Site(kUnit).city(), "Elsewhere");
  EXPECT_EQ(Site(kUnit).display_name(), "Trial unit, Cape hospital");
  UpdateUnit("By verb");
  EXPECT_EQ(Site(kUnit).city(), "By verb");
}

TEST_F(PackKeepsTest, WhatWasPartlyKeptIsCountedAndSaid) {
  UpdateUnit("Elsewhere");
  EXPECT_THAT(Apply(Newer({{"Trial unit, Cape hospital", "Cape unit"}})).summary(),
              Contains("sites: 1 changed (1 of them but for what was edited since), 2 unchanged"));
}

TEST_F(PackKeepsTest, TheEndOfASiteStaysWhateverThePackSays) {
  v1::EndSiteRequest end;
  end.set_name(kUnit);
  end.set_last_day("2026-09-30");
  end.set_reason("closes");
  end.set_request_id(NextRequestId());
  ASSERT_OK(edits_.EndSite(National(), end));
  ApplyTwice(Newer({{"Trial unit, Cape hospital", "Cape unit"}}),
             {"CHANGED sites/cape-unit: +display_name -valid_to"});
  EXPECT_EQ(Site(kUnit).valid_to(), "2026-09-30");
  // Not even after a pack that says the same.
  v1::ApplyPackRequest exported = TinyPackRequest();
  const auto files = exchange_.ExportPack([] {
    v1::ExportPackRequest request;
    request.set_include_sample(true);
    return request;
  }());
  ASSERT_OK(files);
  *exported.mutable_files() = files->files();
  EXPECT_THAT(Told(Diff(exported)), IsEmpty());
  EXPECT_EQ(Apply(exported).changed(), 0);
  Apply(TinyPackRequest());
  EXPECT_EQ(Site(kUnit).valid_to(), "2026-09-30");
}

TEST_F(PackKeepsTest, AContactKeepsItsEndAbsencesAndPhoneAndTakesTheRest) {
  v1::AddContactAbsenceRequest away;
  away.set_name(kHeart);
  away.mutable_absence()->set_first_day("2026-04-01");
  away.mutable_absence()->set_last_day("2026-04-10");
  away.set_request_id(NextRequestId());
  ASSERT_OK(edits_.AddContactAbsence(National(), away));
  v1::Contact phone;
  phone.set_phone("+00 9999");
  UpdateHeart(phone);
  v1::EndContactRequest end;
  end.set_name(kHeart);
  end.set_last_day("2026-10-31");
  end.set_reason("moves");
  end.set_request_id(NextRequestId());
  ASSERT_OK(edits_.EndContact(National(), end));
  ApplyTwice(Newer({{"\"2026-07-14\"", "\"2026-07-15\""},
                    {"heart@lagoon", "hearts@lagoon"},
                    {"+00 1234", "+00 4321"}}),
             {"CHANGED desks/lagoon/contacts/heart: +email -phone -absences[0].first_day "
              "-absences[0].last_day -absences[1] -valid_to"});
  const v1::Contact contact = Contact(kHeart);
  EXPECT_EQ(contact.phone(), "+00 9999");
  EXPECT_EQ(contact.email(), "hearts@lagoon.example");
  EXPECT_EQ(contact.valid_to(), "2026-10-31");
  ASSERT_THAT(contact.absences(), SizeIs(2));
  EXPECT_EQ(contact.absences(1).last_day(), "2026-07-14");
}

TEST_F(PackKeepsTest, ANoteNamesFieldsAndHoldsNoValueOfAPerson) {
  v1::Contact phone;
  phone.set_phone("+00 9999");
  UpdateHeart(phone);
  const auto note = store::ReadRow(*store_, PackRecords(), kHeart, store_->Head());
  ASSERT_OK(note);
  ASSERT_TRUE(note->has_value());
  EXPECT_THAT((*note)->value.edited_fields(), ElementsAre("phone"));
}

TEST_F(PackKeepsTest, AnErasedPersonComesBackByAVerbOnly) {
  EraseHeart();
  const v1::ApplyPackRequest newer = Newer({{"\"2026-07-14\"", "\"2026-07-15\""}});
  ApplyTwice(newer,
             {"CHANGED desks/lagoon/contacts/heart: +absences[0].last_day -display_name -email "
              "-phone erased"});
  EXPECT_FALSE(HasPerson(Contact(kHeart)));
  EXPECT_EQ(Contact(kHeart).absences(0).last_day(), "2026-07-15");
  EXPECT_THAT(Apply(newer).summary(),
              Contains("contacts: 5 unchanged, 1 edited since, left as they are, 1 of persons "
                       "erased since, not restored"));
  v1::Contact other;
  other.set_display_name("A New One");
  other.set_email("new@lagoon.example");
  UpdateHeart(other);
  ApplyTwice(TinyPackRequest(),
             {"CHANGED desks/lagoon/contacts/heart: +absences[0].last_day -display_name -email "
              "-phone"});
  EXPECT_EQ(Contact(kHeart).display_name(), "A New One");
  EXPECT_EQ(Contact(kHeart).phone(), "");
}

TEST_F(PackKeepsTest, WhoWasErasedAfterABackupThatIsPutBackIsNotRestored) {
  const auto row = store::ReadRow(*store_, Persons(), kHeart, store_->Head());
  ASSERT_OK(row);
  ASSERT_OK(keys_->DestroyAll({(*row)->value.key()}));
  EXPECT_EQ(Apply(TinyPackRequest()).changed(), 0);
  const auto after = store::ReadRow(*store_, Persons(), kHeart, store_->Head());
  ASSERT_OK(after);
  EXPECT_EQ((*after)->version, (*row)->version);
}

TEST_F(PackKeepsTest, APackThatNamesNobodyErasesWhomNobodyEdited) {
  const v1::ApplyPackRequest nobody =
      Newer({{"\"displayName\": \"Coordinator for heart medicine, Lagoon\",\n      \"email\": "
              "\"heart@lagoon.example\",\n      \"phone\": \"+00 1234\",",
              ""}});
  v1::Contact phone;
  phone.set_phone("+00 9999");
  UpdateHeart(phone);
  Apply(nobody);
  EXPECT_EQ(Contact(kHeart).phone(), "+00 9999");
  EXPECT_TRUE(HasPerson(Contact(kHeart)));
}

TEST_F(PackKeepsTest, AnOlderNoteKeepsAllInWhichTheRecordDiffers) {
  UpdateUnit("Elsewhere");
  NoteOfOlderForm(kUnit);
  NoteOfOlderForm("sites/lagoon-heart");
  const v1::ApplyPackRequest newer = Newer({{"Trial unit, Cape hospital", "Cape unit"}});
  ApplyTwice(newer, {"KEPT sites/cape-unit: -display_name -city -source.origin -source.as_of"});
  // It names fields now: the rest is the pack's again.
  Apply(Newer({{"Trial unit, Cape hospital", "Cape unit"}, {"\"Trial unit\"", "\"Unit\""}}));
  EXPECT_EQ(Site(kUnit).department(), "Unit");
  EXPECT_EQ(Site(kUnit).city(), "Elsewhere");
  const auto gone = store::ReadRow(*store_, PackRecords(), "sites/lagoon-heart", store_->Head());
  ASSERT_OK(gone);
  EXPECT_FALSE(gone->has_value());
}

TEST_F(PackKeepsTest, AnOlderNoteMeansMoreThanALaterEdit) {
  UpdateUnit("Elsewhere");
  NoteOfOlderForm(kUnit);
  v1::UpdateSiteRequest request;
  request.mutable_site()->set_name(kUnit);
  request.mutable_site()->set_department("Another");
  request.set_request_id(NextRequestId());
  ASSERT_OK(edits_.UpdateSite(National(), request));
  Apply(Newer({{"Southcape", "Northcape"}}));
  EXPECT_EQ(Site(kUnit).city(), "Elsewhere");
  EXPECT_EQ(Site(kUnit).department(), "Another");
}

TEST_F(PackKeepsTest, OfARecordThatPeopleCreatedAPackGivesWhatTheyLeftOut) {
  v1::CreateOrganizationRequest create;
  create.set_organization_id("newcomer");
  create.mutable_organization()->set_display_name("Newcomer");
  create.mutable_organization()->set_type(v1::ORGANIZATION_TYPE_COMPANY);
  create.set_request_id(NextRequestId());
  ASSERT_OK(edits_.CreateOrganization(National(), create));
  v1::ApplyPackRequest newer = TinyPackRequest();
  v1::PackFile& file = *newer.add_files();
  file.set_path("more.json");
  file.set_content(R"({"organizations": [{"name": "organizations/newcomer",
    "displayName": "Newcomer A/S", "type": "ORGANIZATION_TYPE_COMPANY", "country": "XP"}]})");
  ApplyTwice(newer, {"CHANGED organizations/newcomer: +country -display_name"});
  const auto directory = cache_.Snapshot();
  EXPECT_EQ(directory->FindOrganization("organizations/newcomer")->display_name(), "Newcomer");
  EXPECT_EQ(directory->FindOrganization("organizations/newcomer")->country(), "XP");
}

TEST_F(PackKeepsTest, WhatIsWrongTogetherIsRefusedWithTheRecordsName) {
  v1::EndSiteRequest end;
  end.set_name(kUnit);
  end.set_last_day("2026-09-30");
  end.set_reason("closes");
  end.set_request_id(NextRequestId());
  ASSERT_OK(edits_.EndSite(National(), end));
  v1::ApplyPackRequest later = Newer(
      {{"\"city\": \"Southcape\"", "\"city\": \"Southcape\", \"validFrom\": \"2026-10-01\""}});
  EXPECT_THAT(FieldsOf(app_.ApplyPack(National(), later).status()),
              ElementsAre("sites/cape-unit.valid_to DATES_REVERSED"));
  v1::DiffPackRequest diff;
  *diff.mutable_files() = later.files();
  diff.set_allow_sample(true);
  EXPECT_THAT(FieldsOf(exchange_.DiffPack(National(), diff).status()),
              ElementsAre("sites/cape-unit.valid_to DATES_REVERSED"));
}

TEST_F(PackKeepsTest, SlotsThatPeopleSetStayWhateverThePackDeclares) {
  v1::UpdateSiteCapacityRequest update;
  update.mutable_capacity()->set_name("sites/cape-unit/capacity");
  update.mutable_capacity()->set_slots(7);
  update.set_request_id(NextRequestId());
  ASSERT_OK(edits_.UpdateSiteCapacity(National(), update));
  const v1::ApplyPackRequest declared = Newer({{"SOURCE_KIND_SAMPLE", "SOURCE_KIND_DECLARED"}});
  EXPECT_THAT(Told(Diff(declared)), Contains(HasSubstr("KEPT sites/cape-unit/capacity: -slots")));
  Apply(declared);
  EXPECT_EQ(CapacityOf("sites/cape-unit").slots(), 7);
  EXPECT_EQ(CapacityOf("sites/lagoon-heart").source().kind(), v1::SOURCE_KIND_DECLARED);
}

}  // namespace
}  // namespace trialgate::directory
