#include "services/directory/directory_app.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/store/unit_of_work.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::absl_testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DirectoryAppTest : public DirectoryWorld {
 protected:
  static void Replace(const std::string& path, const std::string& from, const std::string& to,
                      v1::ApplyPackRequest* request) {
    for (v1::PackFile& file : *request->mutable_files()) {
      if (file.path() != path) continue;
      ASSERT_THAT(file.content(), HasSubstr(from));
      file.set_content(absl::StrReplaceAll(file.content(), {{from, to}}));
    }
  }

  static std::vector<std::string> FieldsOf(const absl::Status& status) {
    std::vector<std::string> fields;
    for (const FieldViolation& violation : FieldViolationsOf(status)) {
      fields.push_back(absl::StrCat(violation.field, " ", ReasonName(violation.reason)));
    }
    return fields;
  }

  // A hold as an answer would place it.
  void Hold(const std::string& site, int count) {
    const auto commit =
        store::RunUnitOfWork(store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) {
          const std::string name = site + "/capacity";
          auto row = work.Get(SiteCapacities(), name);
          v1::SiteCapacity capacity = (*row)->value;
          for (int i = 0; i < count; ++i) {
            EXPECT_OK(PlaceHold(absl::StrCat("trialRequests/t/referrals/", i),
                                absl::CivilMonth(2026, 9), 2, &capacity));
          }
          work.SetEvent("event");
          return work.Put(SiteCapacities(), name, capacity);
        });
    ASSERT_OK(commit);
    ASSERT_TRUE(cache_.WaitUntilSeen(*commit, absl::Seconds(10)));
  }

  v1::UpdateSiteCapacityRequest SlotsRequest(const std::string& site, int slots) {
    v1::UpdateSiteCapacityRequest request;
    request.mutable_capacity()->set_name(site + "/capacity");
    request.mutable_capacity()->set_slots(slots);
    request.set_request_id(NextRequestId());
    return request;
  }
};

TEST_F(DirectoryAppTest, APackIsAppliedInOneCommitAndSeenAtOnce) {
  ASSERT_OK_AND_ASSIGN(const auto response, app_.ApplyPack(National(), TinyPackRequest()));
  EXPECT_EQ(response.commit(), 1);
  EXPECT_EQ(store_->Head(), 1);
  EXPECT_EQ(response.changed(), 1 + 1 + 3 + 5 + 6 + 3 + 3 + 1);
  EXPECT_EQ(response.unchanged(), 0);
  EXPECT_THAT(response.summary(), Contains("sites: 3 created"));
  const auto directory = cache_.Snapshot();
  EXPECT_EQ(directory->settings().country(), "XP");
  EXPECT_EQ(directory->settings().sites_size(), 0);
  EXPECT_EQ(directory->FindSite("sites/lagoon-heart")->capacity.slots(), 3);
}

TEST_F(DirectoryAppTest, ApplyingTheSamePackAgainWritesNoRecord) {
  ASSERT_OK_AND_ASSIGN(const auto first, app_.ApplyPack(National(), TinyPackRequest()));
  const auto before = cache_.Snapshot();
  ASSERT_OK_AND_ASSIGN(const auto second, app_.ApplyPack(National(), TinyPackRequest()));
  EXPECT_EQ(second.changed(), 0);
  EXPECT_EQ(second.unchanged(), first.changed());
  EXPECT_EQ(second.commit(), 0);
  EXPECT_EQ(cache_.Snapshot(), before);
}

TEST_F(DirectoryAppTest, ARetryOfAnApplyGetsTheFirstAnswer) {
  const v1::ApplyPackRequest request = TinyPackRequest();
  ASSERT_OK_AND_ASSIGN(const auto first, app_.ApplyPack(National(), request));
  ASSERT_OK_AND_ASSIGN(const auto again, app_.ApplyPack(National(), request));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(store_->Head(), 1);
}

TEST_F(DirectoryAppTest, OnlyWhatDiffersIsWritten) {
  ApplyTinyPack();
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("sites.json", "Port Ravo", "Ravohaven", &request);
  Replace("desks.json", "lead@cape.example", "lead@southcape.example", &request);
  ASSERT_OK_AND_ASSIGN(const auto response, app_.ApplyPack(National(), request));
  EXPECT_EQ(response.changed(), 3);
  EXPECT_THAT(response.summary(), Contains("sites: 2 changed, 1 unchanged"));
  EXPECT_THAT(response.summary(), Contains("contacts: 1 changed, 5 unchanged"));
  const auto directory = cache_.Snapshot();
  EXPECT_EQ(directory->FindSite("sites/cape-unit")->site.etag(), "1");
  EXPECT_EQ(directory->FindSite("sites/lagoon-heart")->site.city(), "Ravohaven");
  EXPECT_EQ(directory->FindContact("desks/cape/contacts/lead")->email(), "lead@southcape.example");
}

TEST_F(DirectoryAppTest, WhatIsNotInTheNewPackIsLeftAndCounted) {
  ApplyTinyPack();
  v1::ApplyPackRequest request = TinyPackRequest(/*sample=*/false);
  Replace("sites.json", "sites/cape-unit", "sites/cape-trials", &request);
  ASSERT_OK_AND_ASSIGN(const auto response, app_.ApplyPack(National(), request));
  EXPECT_THAT(response.summary(),
              Contains("sites: 1 created, 1 changed, 1 unchanged, 1 not in the pack, left as they "
                       "are"));
  EXPECT_NE(cache_.Snapshot()->FindSite("sites/cape-unit"), nullptr);
}

TEST_F(DirectoryAppTest, AFaultyPackStoresNothing) {
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("desks.json", "calendars/palmora", "calendars/none", &request);
  const auto response = app_.ApplyPack(National(), request);
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FieldsOf(response.status()),
              Contains("desks.json: desks[3].calendar DANGLING_REFERENCE"));
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(DirectoryAppTest, InventedValuesAreRefusedWithoutLeave) {
  v1::ApplyPackRequest request = TinyPackRequest();
  request.set_allow_sample(false);
  const auto response = app_.ApplyPack(National(), request);
  EXPECT_THAT(response, HasReason(v1::ERROR_REASON_SAMPLE_NOT_ALLOWED));
  EXPECT_THAT(FieldsOf(response.status()),
              ElementsAre("sample/values.json: capacities[0].source SAMPLE_NOT_ALLOWED"));
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(DirectoryAppTest, OnlyValidatingStoresNothingAndNeedsNoRequestId) {
  v1::ApplyPackRequest request = TinyPackRequest();
  request.set_validate_only(true);
  request.clear_request_id();
  ASSERT_OK_AND_ASSIGN(const auto response, app_.ApplyPack(National(), request));
  EXPECT_EQ(response.changed(), 23);
  EXPECT_EQ(response.commit(), 0);
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(DirectoryAppTest, AChangedPolicyNeedsAHigherVersion) {
  ApplyTinyPack();
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("country.json", "\"silenceDays\": 20", "\"silenceDays\": 21", &request);
  const auto refused = app_.ApplyPack(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("country.json: policy.version CONTRADICTION"));
  Replace("country.json", "\"version\": 1", "\"version\": 2", &request);
  EXPECT_OK(app_.ApplyPack(National(), request));
}

TEST_F(DirectoryAppTest, AServerServesOneCountry) {
  ApplyTinyPack();
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("country.json", "\"country\": \"XP\"", "\"country\": \"XQ\"", &request);
  const auto refused = app_.ApplyPack(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("country.json: country CONTRADICTION"));
}

TEST_F(DirectoryAppTest, APackNeverSetsFewerSlotsThanAreHeld) {
  ApplyTinyPack();
  Hold("sites/cape-unit", 2);
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("sample/values.json", "\"slots\": 2", "\"slots\": 1", &request);
  const store::CommitNumber before = store_->Head();
  const auto refused = app_.ApplyPack(National(), request);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("sample/values.json: capacities[2] CAPACITY_IN_USE"));
  EXPECT_EQ(store_->Head(), before);
}

TEST_F(DirectoryAppTest, APackKeepsTheHolds) {
  ApplyTinyPack();
  Hold("sites/cape-unit", 2);
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("sample/values.json", "\"slots\": 2", "\"slots\": 4", &request);
  ASSERT_OK(app_.ApplyPack(National(), request));
  const v1::SiteCapacity capacity = CapacityOf("sites/cape-unit");
  EXPECT_EQ(capacity.slots(), 4);
  ASSERT_EQ(capacity.months_size(), 2);
  EXPECT_EQ(capacity.months(0).held(), 2);
  EXPECT_EQ(capacity.months(0).free(), 2);
}

TEST_F(DirectoryAppTest, SlotsAreSetByACoordinatorOfTheDeskThatAnswersToday) {
  ApplyTinyPack();
  const auto request = SlotsRequest("sites/cape-unit", 5);
  EXPECT_THAT(app_.UpdateSiteCapacity(Coordinator({"desks/lagoon", "desks/coast"}), request),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const auto capacity,
                       app_.UpdateSiteCapacity(Coordinator({"desks/cape"}), request));
  EXPECT_EQ(capacity.slots(), 5);
  EXPECT_EQ(capacity.etag(), "2");
  EXPECT_EQ(capacity.source().kind(), v1::SOURCE_KIND_DECLARED);
  EXPECT_EQ(capacity.source().as_of(), "2026-03-05");
  EXPECT_EQ(CapacityOf("sites/cape-unit").SerializeAsString(), capacity.SerializeAsString());
}

TEST_F(DirectoryAppTest, AfterAMergerOfRegionsTheSuccessorsDeskSetsTheSlots) {
  ApplyTinyPack();
  clock_.Set(absl::FromCivil(absl::CivilDay(2027, 2, 1), absl::UTCTimeZone()));
  EXPECT_THAT(
      app_.UpdateSiteCapacity(Coordinator({"desks/cape"}), SlotsRequest("sites/cape-unit", 5)),
      StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(
      app_.UpdateSiteCapacity(Coordinator({"desks/coast"}), SlotsRequest("sites/cape-unit", 5)));
}

TEST_F(DirectoryAppTest, FewerSlotsThanAreHeldAreRefusedWithTheMonths) {
  ApplyTinyPack();
  Hold("sites/cape-unit", 2);
  const auto refused = app_.UpdateSiteCapacity(National(), SlotsRequest("sites/cape-unit", 1));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_CAPACITY_IN_USE));
  EXPECT_EQ(MetadataOf(refused.status()).at("months"), "2026-09,2026-10");
}

TEST_F(DirectoryAppTest, AStaleEtagIsAborted) {
  ApplyTinyPack();
  auto request = SlotsRequest("sites/cape-unit", 5);
  request.mutable_capacity()->set_etag("1");
  ASSERT_OK(app_.UpdateSiteCapacity(National(), request));
  request.set_request_id(NextRequestId());
  const auto stale = app_.UpdateSiteCapacity(National(), request);
  EXPECT_THAT(stale, StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(stale, HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
}

TEST_F(DirectoryAppTest, WhatWasReadCanBeSentBack) {
  ApplyTinyPack();
  Hold("sites/lagoon-heart", 1);
  v1::UpdateSiteCapacityRequest request;
  *request.mutable_capacity() = CapacityOf("sites/lagoon-heart");
  request.set_request_id(NextRequestId());
  ASSERT_OK_AND_ASSIGN(const auto capacity, app_.UpdateSiteCapacity(National(), request));
  EXPECT_EQ(capacity.months_size(), request.capacity().months_size());
  EXPECT_EQ(capacity.holds_size(), 1);
  EXPECT_EQ(capacity.source().kind(), v1::SOURCE_KIND_SAMPLE);
}

TEST_F(DirectoryAppTest, EveryFaultOfACapacityIsTold) {
  ApplyTinyPack();
  auto request = SlotsRequest("sites/cape-unit", -1);
  request.mutable_capacity()->add_months()->set_month("2026-1");
  request.mutable_capacity()->mutable_source()->set_as_of("2026-02-30");
  const auto refused = app_.UpdateSiteCapacity(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("capacity.slots OUT_OF_RANGE", "capacity.months[0].month INVALID_FORMAT",
                          "capacity.source.as_of INVALID_FORMAT"));
}

TEST_F(DirectoryAppTest, OnlyValidatingACapacityStoresNothing) {
  ApplyTinyPack();
  auto request = SlotsRequest("sites/cape-unit", 5);
  request.set_validate_only(true);
  ASSERT_OK_AND_ASSIGN(const auto capacity, app_.UpdateSiteCapacity(National(), request));
  EXPECT_EQ(capacity.slots(), 5);
  EXPECT_EQ(CapacityOf("sites/cape-unit").slots(), 2);
}

TEST_F(DirectoryAppTest, ACapacityOfNoSiteIsNotFound) {
  ApplyTinyPack();
  v1::GetSiteCapacityRequest request;
  for (const char* name : {"", "sites/cape-unit", "sites/none/capacity", "capacity"}) {
    request.set_name(name);
    EXPECT_THAT(app_.GetSiteCapacity(request), StatusIs(absl::StatusCode::kNotFound)) << name;
  }
  EXPECT_THAT(app_.UpdateSiteCapacity(National(), SlotsRequest("sites/none", 1)),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
}

TEST_F(DirectoryAppTest, ASiteWithoutCapacityHasAnEmptyLedgerThatCanBeSet) {
  ASSERT_OK(app_.ApplyPack(National(), TinyPackRequest(/*sample=*/false)));
  const v1::SiteCapacity empty = CapacityOf("sites/cape-unit");
  EXPECT_EQ(empty.slots(), 0);
  EXPECT_EQ(empty.etag(), "0");
  auto request = SlotsRequest("sites/cape-unit", 2);
  request.mutable_capacity()->set_etag("0");
  EXPECT_OK(app_.UpdateSiteCapacity(National(), request));
}

TEST_F(DirectoryAppTest, AnOrganizationIsCreatedOnce) {
  v1::CreateOrganizationRequest request;
  request.set_organization_id("acme");
  request.mutable_organization()->set_display_name("Acme");
  request.mutable_organization()->set_type(v1::ORGANIZATION_TYPE_COMPANY);
  request.set_request_id(NextRequestId());
  ASSERT_OK_AND_ASSIGN(const auto created, app_.CreateOrganization(National(), request));
  EXPECT_EQ(created.name(), "organizations/acme");
  EXPECT_EQ(created.etag(), "1");
  ASSERT_OK_AND_ASSIGN(const auto again, app_.CreateOrganization(National(), request));
  EXPECT_EQ(again.SerializeAsString(), created.SerializeAsString());
  request.set_request_id(NextRequestId());
  EXPECT_THAT(app_.CreateOrganization(National(), request),
              HasReason(v1::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(DirectoryAppTest, EveryFaultOfAnOrganizationIsTold) {
  v1::CreateOrganizationRequest request;
  request.set_organization_id("A");
  request.mutable_organization()->set_name("organizations/a");
  request.mutable_organization()->set_size(v1::COMPANY_SIZE_LARGE);
  request.set_request_id(NextRequestId());
  const auto refused = app_.CreateOrganization(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("organization_id INVALID_FORMAT", "organization.name CONTRADICTION",
                          "organization.display_name REQUIRED", "organization.type REQUIRED",
                          "organization.size CONTRADICTION"));
}

TEST_F(DirectoryAppTest, ARequesterSeesItsOwnOrganizationOnly) {
  ApplyTinyPack();
  v1::GetOrganizationRequest request;
  request.set_name("organizations/bay-demo-pharma");
  EXPECT_OK(app_.GetOrganization(Requester("organizations/bay-demo-pharma"), request));
  EXPECT_OK(app_.GetOrganization(National(), request));
  const auto foreign = app_.GetOrganization(Requester("organizations/acme"), request);
  request.set_name("organizations/none");
  const auto none = app_.GetOrganization(Requester("organizations/acme"), request);
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DirectoryAppTest, PagesFollowEachOtherByName) {
  ApplyTinyPack();
  v1::ListDesksRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, app_.ListDesks(request));
    EXPECT_LE(page.desks_size(), 2);
    for (const v1::Desk& desk : page.desks()) names.push_back(desk.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("desks/cape", "desks/coast", "desks/heart-centre", "desks/lagoon",
                                 "desks/secretariat"));
}

TEST_F(DirectoryAppTest, AFullLastPageHasNoToken) {
  ApplyTinyPack();
  v1::ListSitesRequest request;
  request.set_page_size(3);
  ASSERT_OK_AND_ASSIGN(const auto page, app_.ListSites(request));
  EXPECT_EQ(page.sites_size(), 3);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(DirectoryAppTest, APageSizeOutOfRangeAndAForeignTokenAreRefused) {
  ApplyTinyPack();
  v1::ListSitesRequest sites;
  sites.set_page_size(1001);
  EXPECT_THAT(FieldsOf(app_.ListSites(sites).status()), ElementsAre("page_size OUT_OF_RANGE"));
  sites.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto page, app_.ListSites(sites));
  v1::ListRegionsRequest regions;
  regions.set_page_size(-1);
  EXPECT_THAT(FieldsOf(app_.ListRegions(regions).status()), ElementsAre("page_size OUT_OF_RANGE"));
  regions.set_page_size(1);
  regions.set_page_token(page.next_page_token());
  EXPECT_THAT(app_.ListRegions(regions), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
}

TEST_F(DirectoryAppTest, SitesOfARegionAreThoseThatStandForItToday) {
  ApplyTinyPack();
  v1::ListSitesRequest request;
  request.set_region("regions/coast");
  ASSERT_OK_AND_ASSIGN(const auto before, app_.ListSites(request));
  EXPECT_EQ(before.sites_size(), 0);
  clock_.Set(absl::FromCivil(absl::CivilDay(2027, 2, 1), absl::UTCTimeZone()));
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(const auto first, app_.ListSites(request));
  EXPECT_EQ(first.sites_size(), 2);
  request.set_page_token(first.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto second, app_.ListSites(request));
  EXPECT_EQ(second.sites_size(), 1);
}

TEST_F(DirectoryAppTest, ContactsAreListedByDesk) {
  ApplyTinyPack();
  v1::ListContactsRequest request;
  request.set_parent("desks/lagoon");
  ASSERT_OK_AND_ASSIGN(const auto page, app_.ListContacts(request));
  ASSERT_EQ(page.contacts_size(), 2);
  EXPECT_EQ(page.contacts(0).email(), "heart@lagoon.example");
  request.set_parent("desks/none");
  EXPECT_THAT(app_.ListContacts(request), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace trialgate::directory
