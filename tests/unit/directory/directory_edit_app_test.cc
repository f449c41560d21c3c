#include "services/directory/directory_edit_app.h"

#include <string>
#include <vector>

#include "common/base/civil_date.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::absl_testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kLead[] = "desks/lagoon/contacts/lead";
constexpr char kHeart[] = "desks/lagoon/contacts/heart";

class DirectoryEditAppTest : public DirectoryWorld {
 protected:
  const v1::Contact& ContactNow(const std::string& name) {
    snapshot_ = cache_.Snapshot();
    return *snapshot_->FindContact(name);
  }

  absl::StatusOr<v1::AddContactAbsenceResponse> Away(const std::string& name,
                                                     const std::string& first,
                                                     const std::string& last) {
    v1::AddContactAbsenceRequest request;
    request.set_name(name);
    request.mutable_absence()->set_first_day(first);
    request.mutable_absence()->set_last_day(last);
    request.set_request_id(NextRequestId());
    return edits_.AddContactAbsence(National(), request);
  }

  absl::StatusOr<v1::Desk> UpdateDesk(const v1::Desk& desk) {
    v1::UpdateDeskRequest request;
    *request.mutable_desk() = desk;
    request.set_request_id(NextRequestId());
    return edits_.UpdateDesk(National(), request);
  }

  v1::UpdateContactRequest Renamed(const std::string& name) {
    v1::UpdateContactRequest request;
    request.mutable_contact()->set_name(name);
    request.mutable_contact()->set_display_name("Somebody Else");
    request.set_request_id(NextRequestId());
    return request;
  }

  v1::AuditEvent LastEvent() {
    v1::AuditEvent event;
    EXPECT_TRUE(event.ParseFromString((*store_->ReadFeed(store_->Head(), 1))[0].event()));
    return event;
  }

  std::shared_ptr<const DirectorySnapshot> snapshot_;
};

TEST_F(DirectoryEditAppTest, OfAPersonOnlyWhatTheMaskNamesChangesAndNoEventNamesAnybody) {
  ApplyTinyPack();
  ASSERT_OK_AND_ASSIGN(const auto changed, edits_.UpdateContact(National(), Renamed(kHeart)));
  const v1::Contact& contact = ContactNow(kHeart);
  EXPECT_EQ(contact.display_name(), "Somebody Else");
  EXPECT_EQ(contact.email(), "heart@lagoon.example");
  EXPECT_EQ(contact.phone(), "+00 1234");
  EXPECT_THAT(contact.specialities(), ElementsAre("heart"));
  EXPECT_EQ(contact.etag(), changed.etag());
  EXPECT_THAT(LastEvent().SerializeAsString(), Not(HasSubstr("Somebody")));
  // The kept answer refers to the person, and does not hold it.
  EXPECT_THAT(changed.display_name(), HasSubstr(kHeart));
  EXPECT_EQ(changed.email(), "");
}

TEST_F(DirectoryEditAppTest, ARetryGetsTheFirstAnswerWhoeverThePersonIsNow) {
  ApplyTinyPack();
  const auto request = Renamed(kHeart);
  ASSERT_OK_AND_ASSIGN(const auto first, edits_.UpdateContact(National(), request));
  auto other = Renamed(kHeart);
  other.mutable_contact()->set_display_name("A Third");
  ASSERT_OK(edits_.UpdateContact(National(), other));
  ASSERT_OK_AND_ASSIGN(const auto again, edits_.UpdateContact(National(), request));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(ContactNow(kHeart).display_name(), "A Third");
}

TEST_F(DirectoryEditAppTest, TheDeputyStandsInAndTheLeadWhereNoDeputyIsOnDuty) {
  ApplyTinyPack();
  open_referrals_[kLead] = 4;
  ASSERT_OK_AND_ASSIGN(const auto planned, Away(kLead, "2026-04-01", "2026-04-10"));
  EXPECT_EQ(planned.stands_in(), kHeart);
  EXPECT_EQ(planned.open_referrals(), 4);
  // Its deputy is the lead, who is away then.
  ASSERT_OK_AND_ASSIGN(const auto none, Away(kHeart, "2026-04-02", "2026-04-03"));
  EXPECT_EQ(none.stands_in(), "");
  ASSERT_OK_AND_ASSIGN(const auto after, Away(kHeart, "2026-04-11", "2026-04-12"));
  EXPECT_EQ(after.stands_in(), kLead);
}

TEST_F(DirectoryEditAppTest, OfManyAbsencesThoseLongestPastAreDropped) {
  ApplyTinyPack();
  const absl::CivilDay today(2026, 3, 5);
  for (int i = 0; i < 100; ++i) {
    const std::string day = FormatDate(today + i);
    ASSERT_OK(Away(kLead, day, day));
  }
  EXPECT_THAT(Away(kLead, "2027-01-01", "2027-01-01"), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  clock_.Set(absl::FromCivil(today + 3, absl::UTCTimeZone()));
  ASSERT_OK(Away(kLead, "2027-01-01", "2027-01-01"));
  EXPECT_EQ(ContactNow(kLead).absences_size(), 100);
  EXPECT_EQ(ContactNow(kLead).absences(0).first_day(), FormatDate(today + 1));
}

TEST_F(DirectoryEditAppTest, WhatIsOverIsNotEdited) {
  ApplyTinyPack();
  snapshot_ = cache_.Snapshot();
  v1::Desk desk = *snapshot_->FindDesk("desks/cape");
  v1::Region region = *snapshot_->FindRegion("regions/lagoon");
  v1::Contact contact = *snapshot_->FindContact(kHeart);
  desk.set_valid_to("2026-03-04");
  region.set_valid_to("2026-03-04");
  contact.set_valid_to("2026-03-04");
  const auto commit =
      store::RunUnitOfWork(store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) {
        work.SetEvent("ended yesterday");
        for (const absl::Status& put :
             {work.Get(Desks(), desk.name()).status(), work.Put(Desks(), desk.name(), desk),
              work.Get(Regions(), region.name()).status(),
              work.Put(Regions(), region.name(), region),
              work.Get(Contacts(), contact.name()).status(),
              work.Put(Contacts(), contact.name(), contact)}) {
          if (!put.ok()) return put;
        }
        return absl::OkStatus();
      });
  ASSERT_OK(commit);
  ASSERT_TRUE(cache_.WaitUntilSeen(*commit, absl::Seconds(10)));
  v1::Desk described;
  described.set_name(desk.name());
  described.set_description("Another");
  EXPECT_THAT(UpdateDesk(described), HasReason(v1::ERROR_REASON_WRONG_STATE));
  v1::UpdateRegionRequest update;
  update.mutable_region()->set_name(region.name());
  update.mutable_region()->set_local_name("Another");
  update.set_request_id(NextRequestId());
  EXPECT_THAT(edits_.UpdateRegion(National(), update), HasReason(v1::ERROR_REASON_WRONG_STATE));
  EXPECT_THAT(edits_.UpdateContact(National(), Renamed(kHeart)),
              HasReason(v1::ERROR_REASON_WRONG_STATE));
}

TEST_F(DirectoryEditAppTest, NoEditLeavesTheCountryWithoutItsSecretariatOrARegionWithoutADesk) {
  ApplyTinyPack();
  v1::Desk desk;
  desk.set_name("desks/secretariat");
  desk.set_valid_from("2026-01-01");
  EXPECT_THAT(FieldsOf(UpdateDesk(desk).status()), ElementsAre("desk.valid_from CONTRADICTION"));
  desk.set_name("desks/coast");
  desk.set_valid_from("2027-01-02");
  EXPECT_THAT(FieldsOf(UpdateDesk(desk).status()), Contains("desk REQUIRED"));
  desk.set_valid_from("2026-12-01");
  EXPECT_OK(UpdateDesk(desk));
}

TEST_F(DirectoryEditAppTest, AContactWhoLeavesCannotLead) {
  ApplyTinyPack();
  v1::EndContactRequest end;
  end.set_name(kHeart);
  end.set_last_day("2026-06-30");
  end.set_reason("moves");
  end.set_request_id(NextRequestId());
  ASSERT_OK(edits_.EndContact(National(), end));
  EXPECT_EQ(ContactNow(kHeart).valid_to(), "2026-06-30");
  v1::Desk desk;
  desk.set_name("desks/lagoon");
  desk.set_lead(kHeart);
  EXPECT_THAT(FieldsOf(UpdateDesk(desk).status()), ElementsAre("desk.lead CONTRADICTION"));
  end.set_name(kLead);
  end.set_request_id(NextRequestId());
  EXPECT_THAT(edits_.EndContact(National(), end), HasReason(v1::ERROR_REASON_LEAD_NEEDED));
  end.set_new_lead(kHeart);
  EXPECT_THAT(FieldsOf(edits_.EndContact(National(), end).status()),
              ElementsAre("new_lead CONTRADICTION"));
}

TEST_F(DirectoryEditAppTest, ACapacityThatWasForcedIsKeptWhenThePackIsAppliedAgain) {
  ApplyTinyPack();
  v1::SetCapacityMonthsRequest force;
  force.set_name("sites/cape-unit/capacity");
  v1::MonthUse* month = force.add_months();
  month->set_month("2026-09");
  month->set_occupied_declared(50);
  force.set_force(true);
  force.set_reason("a trial runs late");
  force.set_request_id(NextRequestId());
  ASSERT_OK_AND_ASSIGN(const auto forced, edits_.SetCapacityMonths(National(), force));
  EXPECT_THAT(forced.overbooked_months(), ElementsAre("2026-09"));
  ASSERT_OK_AND_ASSIGN(const auto again, app_.ApplyPack(National(), TinyPackRequest()));
  EXPECT_EQ(again.changed(), 0);
  EXPECT_EQ(CapacityOf("sites/cape-unit").overbooked_reason(), "a trial runs late");
}

TEST_F(DirectoryEditAppTest, ThereIsNothingToCreateInBeforeAPack) {
  v1::CreateRegionRequest request;
  request.set_region_id("north");
  request.set_request_id(NextRequestId());
  EXPECT_THAT(edits_.CreateRegion(National(), request), HasReason(v1::ERROR_REASON_NO_PACK));
}

TEST_F(DirectoryEditAppTest, AnEventListsTheRecordAndNotWhatIsNotedOfThePack) {
  ApplyTinyPack();
  v1::UpdateSiteRequest request;
  request.mutable_site()->set_name("sites/cape-unit");
  request.mutable_site()->set_city("Cape Town");
  request.set_request_id(NextRequestId());
  ASSERT_OK(edits_.UpdateSite(Coordinator({"desks/cape"}), request));
  const v1::AuditEvent event = LastEvent();
  ASSERT_EQ(event.changes_size(), 1);
  EXPECT_EQ(event.changes(0).name(), "sites/cape-unit");
  EXPECT_NE(event.changes(0).before_sha256(), event.changes(0).after_sha256());
}

}  // namespace
}  // namespace trialgate::directory
