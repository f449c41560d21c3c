#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_app.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::absl_testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ApplyPackTest : public DirectoryWorld {
 protected:
  static void Replace(const std::string& path, const std::string& from, const std::string& to,
                      v1::ApplyPackRequest* request) {
    for (v1::PackFile& file : *request->mutable_files()) {
      if (file.path() != path) continue;
      ASSERT_THAT(file.content(), HasSubstr(from));
      file.set_content(absl::StrReplaceAll(file.content(), {{from, to}}));
    }
  }
};

TEST_F(ApplyPackTest, APackIsAppliedInOneCommitAndSeenAtOnce) {
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

TEST_F(ApplyPackTest, ApplyingTheSamePackAgainWritesNoRecord) {
  ASSERT_OK_AND_ASSIGN(const auto first, app_.ApplyPack(National(), TinyPackRequest()));
  const auto before = cache_.Snapshot();
  ASSERT_OK_AND_ASSIGN(const auto second, app_.ApplyPack(National(), TinyPackRequest()));
  EXPECT_EQ(second.changed(), 0);
  EXPECT_EQ(second.unchanged(), first.changed());
  EXPECT_EQ(second.commit(), 0);
  EXPECT_EQ(cache_.Snapshot(), before);
}

TEST_F(ApplyPackTest, ARetryOfAnApplyGetsTheFirstAnswer) {
  const v1::ApplyPackRequest request = TinyPackRequest();
  ASSERT_OK_AND_ASSIGN(const auto first, app_.ApplyPack(National(), request));
  ASSERT_OK_AND_ASSIGN(const auto again, app_.ApplyPack(National(), request));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(store_->Head(), 1);
}

TEST_F(ApplyPackTest, OnlyWhatDiffersIsWritten) {
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

TEST_F(ApplyPackTest, WhatIsNotInTheNewPackIsLeftAndCounted) {
  ApplyTinyPack();
  v1::ApplyPackRequest request = TinyPackRequest(/*sample=*/false);
  Replace("sites.json", "sites/cape-unit", "sites/cape-trials", &request);
  ASSERT_OK_AND_ASSIGN(const auto response, app_.ApplyPack(National(), request));
  EXPECT_THAT(response.summary(),
              Contains("sites: 1 created, 1 changed, 1 unchanged, 1 not in the pack, left as they "
                       "are"));
  EXPECT_NE(cache_.Snapshot()->FindSite("sites/cape-unit"), nullptr);
}

TEST_F(ApplyPackTest, AFaultyPackStoresNothing) {
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("desks.json", "calendars/palmora", "calendars/none", &request);
  const auto response = app_.ApplyPack(National(), request);
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FieldsOf(response.status()),
              Contains("desks.json: desks[3].calendar DANGLING_REFERENCE"));
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(ApplyPackTest, AMissingRequestIdIsToldWithTheFaultsOfThePack) {
  v1::ApplyPackRequest request = TinyPackRequest();
  request.clear_request_id();
  EXPECT_THAT(FieldsOf(app_.ApplyPack(National(), request).status()),
              ElementsAre("request_id REQUIRED"));
  Replace("desks.json", "lead@cape.example", "lead", &request);
  EXPECT_THAT(FieldsOf(app_.ApplyPack(National(), request).status()),
              ElementsAre("desks.json: contacts[3].email INVALID_FORMAT", "request_id REQUIRED"));
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(ApplyPackTest, InventedValuesAreRefusedWithoutLeave) {
  v1::ApplyPackRequest request = TinyPackRequest();
  request.set_allow_sample(false);
  const auto response = app_.ApplyPack(National(), request);
  EXPECT_THAT(response, HasReason(v1::ERROR_REASON_SAMPLE_NOT_ALLOWED));
  EXPECT_THAT(FieldsOf(response.status()),
              ElementsAre("sample/values.json: capacities[0].source SAMPLE_NOT_ALLOWED"));
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(ApplyPackTest, OnlyValidatingStoresNothingAndNeedsNoRequestId) {
  v1::ApplyPackRequest request = TinyPackRequest();
  request.set_validate_only(true);
  request.clear_request_id();
  ASSERT_OK_AND_ASSIGN(const auto response, app_.ApplyPack(National(), request));
  EXPECT_EQ(response.changed(), 23);
  EXPECT_EQ(response.commit(), 0);
  EXPECT_EQ(store_->Head(), 0);
}

TEST_F(ApplyPackTest, AChangedPolicyNeedsAHigherVersion) {
  ApplyTinyPack();
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("country.json", "\"silenceDays\": 20", "\"silenceDays\": 21", &request);
  const auto refused = app_.ApplyPack(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("country.json: policy.version CONTRADICTION"));
  Replace("country.json", "\"version\": 1", "\"version\": 2", &request);
  EXPECT_OK(app_.ApplyPack(National(), request));
}

TEST_F(ApplyPackTest, AServerServesOneCountry) {
  ApplyTinyPack();
  v1::ApplyPackRequest request = TinyPackRequest();
  Replace("country.json", "\"country\": \"XP\"", "\"country\": \"XQ\"", &request);
  const auto refused = app_.ApplyPack(National(), request);
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("country.json: country CONTRADICTION"));
}

TEST_F(ApplyPackTest, APackNeverSetsFewerSlotsThanAreHeld) {
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

TEST_F(ApplyPackTest, APackKeepsTheHolds) {
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

TEST_F(ApplyPackTest, WhatASiteDeclaredIsNotReplacedByAnInventedCapacity) {
  ApplyTinyPack();
  v1::UpdateSiteCapacityRequest update;
  update.mutable_capacity()->set_name("sites/cape-unit/capacity");
  update.mutable_capacity()->set_slots(7);
  update.set_request_id(NextRequestId());
  ASSERT_OK(edits_.UpdateSiteCapacity(National(), update));
  const std::string declared = CapacityOf("sites/cape-unit").SerializeAsString();

  v1::ApplyPackRequest request = TinyPackRequest();
  ASSERT_OK_AND_ASSIGN(const auto again, app_.ApplyPack(National(), request));
  EXPECT_THAT(again.summary(),
              Contains("capacities: 2 unchanged, 1 declared since, left as they are"));
  EXPECT_EQ(again.changed(), 0);
  EXPECT_EQ(CapacityOf("sites/cape-unit").SerializeAsString(), declared);
}

TEST_F(ApplyPackTest, FaultsThatQuoteLongTextsOfOtherLettersAreAllTold) {
  v1::ApplyPackRequest request = TinyPackRequest();
  std::string odd = "x";
  while (odd.size() < 200) odd += "ø";
  std::string even = odd.substr(1);
  for (const std::string& text : {odd, even}) {
    v1::ApplyPackRequest faulty = request;
    Replace("sites.json", "\"regions/lagoon\"", "\"regions/" + text + "\"", &faulty);
    Replace("desks.json", "\"2027-01-01\"", "\"" + text + "\"", &faulty);
    Replace("desks.json", "calendars/palmora", "calendars/" + text, &faulty);
    Replace("desks.json", "\"phone\"", "\"" + text + "\"", &faulty);
    const auto refused = app_.ApplyPack(National(), faulty);
    EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_INVALID_FIELDS));
    const auto fields = FieldsOf(refused.status());
    EXPECT_THAT(fields, Contains("desks.json: desks[3].valid_from INVALID_FORMAT"));
    EXPECT_THAT(fields, Contains("desks.json: desks[3].calendar DANGLING_REFERENCE"));
    EXPECT_THAT(fields, Contains("sites.json: sites[0].region DANGLING_REFERENCE"));
    EXPECT_THAT(fields, Contains(StartsWith("desks.json: contacts[2].")));
  }
}

}  // namespace
}  // namespace trialgate::directory
