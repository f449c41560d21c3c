#include "services/directory/directory_app.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::absl_testing::StatusIs;
using ::testing::ElementsAre;

// The resource type and name of an error, or what is wrong with its details.
std::string ResourceOf(const absl::Status& status) {
  google::rpc::ResourceInfo info;
  const auto payload = status.GetPayload(kResourceInfoType);
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) return "unreadable";
  return info.resource_type() + " " + info.resource_name();
}

class DirectoryAppTest : public DirectoryWorld {
 protected:
  v1::UpdateSiteCapacityRequest SlotsRequest(const std::string& site, int slots) {
    v1::UpdateSiteCapacityRequest request;
    request.mutable_capacity()->set_name(site + "/capacity");
    request.mutable_capacity()->set_slots(slots);
    request.set_request_id(NextRequestId());
    return request;
  }
};

TEST_F(DirectoryAppTest, SlotsAreSetByACoordinatorOfTheDeskThatAnswersToday) {
  ApplyTinyPack();
  const auto request = SlotsRequest("sites/cape-unit", 5);
  EXPECT_THAT(edits_.UpdateSiteCapacity(Coordinator({"desks/lagoon", "desks/coast"}), request),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const auto capacity,
                       edits_.UpdateSiteCapacity(Coordinator({"desks/cape"}), request));
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
      edits_.UpdateSiteCapacity(Coordinator({"desks/cape"}), SlotsRequest("sites/cape-unit", 5)),
      StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(
      edits_.UpdateSiteCapacity(Coordinator({"desks/coast"}), SlotsRequest("sites/cape-unit", 5)));
}

TEST_F(DirectoryAppTest, FewerSlotsThanAreHeldAreRefusedWithTheMonths) {
  ApplyTinyPack();
  Hold("sites/cape-unit", 2);
  const auto refused = edits_.UpdateSiteCapacity(National(), SlotsRequest("sites/cape-unit", 1));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_CAPACITY_IN_USE));
  EXPECT_EQ(MetadataOf(refused.status()).at("months"), "2026-09,2026-10");
}

TEST_F(DirectoryAppTest, AStaleEtagIsAborted) {
  ApplyTinyPack();
  auto request = SlotsRequest("sites/cape-unit", 5);
  request.mutable_capacity()->set_etag("1");
  ASSERT_OK(edits_.UpdateSiteCapacity(National(), request));
  request.set_request_id(NextRequestId());
  const auto stale = edits_.UpdateSiteCapacity(National(), request);
  EXPECT_THAT(stale, StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(stale, HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
}

TEST_F(DirectoryAppTest, WhatWasReadCanBeSentBack) {
  ApplyTinyPack();
  Hold("sites/lagoon-heart", 1);
  v1::UpdateSiteCapacityRequest request;
  *request.mutable_capacity() = CapacityOf("sites/lagoon-heart");
  request.set_request_id(NextRequestId());
  ASSERT_OK_AND_ASSIGN(const auto capacity, edits_.UpdateSiteCapacity(National(), request));
  EXPECT_EQ(capacity.months_size(), request.capacity().months_size());
  EXPECT_EQ(capacity.holds_size(), 1);
  EXPECT_EQ(capacity.source().kind(), v1::SOURCE_KIND_SAMPLE);
}

TEST_F(DirectoryAppTest, EveryFaultOfACapacityIsTold) {
  ApplyTinyPack();
  auto request = SlotsRequest("sites/cape-unit", -1);
  request.mutable_capacity()->add_months()->set_month("2026-1");
  request.mutable_capacity()->mutable_source()->set_as_of("2026-02-30");
  const auto refused = edits_.UpdateSiteCapacity(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("capacity.slots OUT_OF_RANGE", "capacity.months[0].month INVALID_FORMAT",
                          "capacity.source.as_of INVALID_FORMAT"));
}

TEST_F(DirectoryAppTest, ABadRequestIdIsToldWithTheFaultsOfTheCapacity) {
  ApplyTinyPack();
  auto request = SlotsRequest("sites/cape-unit", -1);
  request.clear_request_id();
  EXPECT_THAT(FieldsOf(edits_.UpdateSiteCapacity(National(), request).status()),
              ElementsAre("capacity.slots OUT_OF_RANGE", "request_id REQUIRED"));
  request.set_request_id("a\tb");
  EXPECT_THAT(FieldsOf(edits_.UpdateSiteCapacity(National(), request).status()),
              ElementsAre("capacity.slots OUT_OF_RANGE", "request_id INVALID_FORMAT"));
  request.mutable_capacity()->set_slots(5);
  EXPECT_THAT(FieldsOf(edits_.UpdateSiteCapacity(National(), request).status()),
              ElementsAre("request_id INVALID_FORMAT"));
}

TEST_F(DirectoryAppTest, OnlyValidatingACapacityStoresNothingAndNeedsNoRequestId) {
  ApplyTinyPack();
  auto request = SlotsRequest("sites/cape-unit", 5);
  request.set_validate_only(true);
  request.clear_request_id();
  ASSERT_OK_AND_ASSIGN(const auto capacity, edits_.UpdateSiteCapacity(National(), request));
  EXPECT_EQ(capacity.slots(), 5);
  EXPECT_EQ(CapacityOf("sites/cape-unit").slots(), 2);
}

TEST_F(DirectoryAppTest, ACapacityOfNoSiteIsNotFound) {
  ApplyTinyPack();
  v1::GetSiteCapacityRequest request;
  for (const char* name : {"", "sites/cape-unit", "sites/none/capacity", "capacity"}) {
    request.set_name(name);
    EXPECT_THAT(app_.GetSiteCapacity(National(), request), StatusIs(absl::StatusCode::kNotFound))
        << name;
  }
  EXPECT_THAT(edits_.UpdateSiteCapacity(National(), SlotsRequest("sites/none", 1)),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
}

TEST_F(DirectoryAppTest, ASiteWithoutCapacityHasAnEmptyLedgerThatCanBeSet) {
  ASSERT_OK(app_.ApplyPack(National(), TinyPackRequest(/*sample=*/false)));
  const v1::SiteCapacity empty = CapacityOf("sites/cape-unit");
  EXPECT_EQ(empty.slots(), 0);
  EXPECT_EQ(empty.etag(), "0");
  auto request = SlotsRequest("sites/cape-unit", 2);
  request.mutable_capacity()->set_etag("0");
  EXPECT_OK(edits_.UpdateSiteCapacity(National(), request));
}

TEST_F(DirectoryAppTest, AnOrganizationIsCreatedOnce) {
  v1::CreateOrganizationRequest request;
  request.set_organization_id("acme");
  request.mutable_organization()->set_display_name("Acme");
  request.mutable_organization()->set_type(v1::ORGANIZATION_TYPE_COMPANY);
  request.set_request_id(NextRequestId());
  ASSERT_OK_AND_ASSIGN(const auto created, edits_.CreateOrganization(National(), request));
  EXPECT_EQ(created.name(), "organizations/acme");
  EXPECT_EQ(created.etag(), "1");
  ASSERT_OK_AND_ASSIGN(const auto again, edits_.CreateOrganization(National(), request));
  EXPECT_EQ(again.SerializeAsString(), created.SerializeAsString());
  request.set_request_id(NextRequestId());
  const auto second = edits_.CreateOrganization(National(), request);
  EXPECT_THAT(second, HasReason(v1::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_EQ(ResourceOf(second.status()), "trialgate.v1.Organization organizations/acme");
}

TEST_F(DirectoryAppTest, EveryFaultOfAnOrganizationIsTold) {
  v1::CreateOrganizationRequest request;
  request.set_organization_id("A");
  request.mutable_organization()->set_name("organizations/a");
  request.mutable_organization()->set_size(v1::COMPANY_SIZE_LARGE);
  request.set_request_id(NextRequestId());
  const auto refused = edits_.CreateOrganization(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("organization_id INVALID_FORMAT", "organization.name CONTRADICTION",
                          "organization.display_name REQUIRED", "organization.type REQUIRED",
                          "organization.size CONTRADICTION"));
}

TEST_F(DirectoryAppTest, AnEnumThatTheApiDoesNotListIsRefused) {
  v1::CreateOrganizationRequest create;
  create.set_organization_id("acme");
  create.mutable_organization()->set_display_name("Acme");
  create.mutable_organization()->set_type(static_cast<v1::OrganizationType>(99));
  create.mutable_organization()->mutable_source()->set_kind(static_cast<v1::SourceKind>(-1));
  create.set_request_id(NextRequestId());
  EXPECT_THAT(
      FieldsOf(edits_.CreateOrganization(National(), create).status()),
      ElementsAre("organization.type UNKNOWN_VALUE", "organization.source.kind UNKNOWN_VALUE"));

  ApplyTinyPack();
  auto update = SlotsRequest("sites/cape-unit", 2);
  update.mutable_capacity()->mutable_source()->set_kind(static_cast<v1::SourceKind>(99));
  update.mutable_capacity()->mutable_source()->set_origin("a\x01b");
  EXPECT_THAT(
      FieldsOf(edits_.UpdateSiteCapacity(National(), update).status()),
      ElementsAre("capacity.source.origin INVALID_FORMAT", "capacity.source.kind UNKNOWN_VALUE"));
}

TEST_F(DirectoryAppTest, ABadRequestIdIsToldWithTheFaultsOfTheOrganization) {
  v1::CreateOrganizationRequest request;
  request.set_organization_id("acme");
  request.mutable_organization()->set_display_name("Acme");
  request.set_request_id(std::string(129, 'x'));
  EXPECT_THAT(FieldsOf(edits_.CreateOrganization(National(), request).status()),
              ElementsAre("organization.type REQUIRED", "request_id INVALID_FORMAT"));
  request.mutable_organization()->set_type(v1::ORGANIZATION_TYPE_COMPANY);
  request.clear_request_id();
  EXPECT_THAT(FieldsOf(edits_.CreateOrganization(National(), request).status()),
              ElementsAre("request_id REQUIRED"));
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

TEST_F(DirectoryAppTest, AnUnknownNameIsShownUpToAWholeCharacter) {
  for (int odd = 0; odd < 2; ++odd) {
    std::string name = "sites/" + std::string(odd, 'x');
    while (name.size() < 199) name += "æ";
    const std::string shown = name;  // 199 or 200 bytes
    name += "ææ";
    v1::GetSiteRequest site;
    site.set_name(name);
    v1::GetRegionRequest region;
    region.set_name(name);
    const auto no_site = app_.GetSite(site).status();
    const auto no_region = app_.GetRegion(region).status();
    EXPECT_THAT(no_site, HasReason(v1::ERROR_REASON_NOT_FOUND));
    EXPECT_THAT(no_region, HasReason(v1::ERROR_REASON_NOT_FOUND));
    EXPECT_EQ(ResourceOf(no_site), "trialgate.v1.Site " + shown);
    EXPECT_EQ(ResourceOf(no_region), "trialgate.v1.Region " + shown);
  }
}

}  // namespace
}  // namespace trialgate::directory
