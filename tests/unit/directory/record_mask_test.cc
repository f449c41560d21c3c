#include "services/directory/record_mask.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EditableFields Fields() {
  return {{"display_name", "city", "specialities", "start_up"},
          {{"valid_to", "is changed by EndSite"}}};
}

v1::Site StoredSite() {
  v1::Site site;
  site.set_name("sites/a");
  site.set_display_name("A");
  site.set_city("Havn");
  site.set_region("regions/north");
  site.set_valid_to("2030-01-01");
  site.add_specialities("heart");
  site.mutable_start_up()->set_median_days(40);
  return site;
}

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

std::vector<std::string> Told(const Faults& faults) {
  std::vector<std::string> told;
  for (const Fault& fault : faults.kept()) {
    told.push_back(absl::StrCat(fault.place.at, " ", ReasonName(fault.reason)));
  }
  return told;
}

TEST(RecordMaskTest, NamedFieldsAreTakenWholeAndAbsentOnesCleared) {
  v1::Site wanted;
  wanted.add_specialities("lungs");
  wanted.set_display_name("not named");
  v1::Site site = StoredSite();
  Faults faults;
  ASSERT_OK_AND_ASSIGN(const auto changed, MergeEdit(Mask({"specialities", "city", "start_up"}),
                                                     wanted, Fields(), "site", &site, &faults));
  EXPECT_THAT(changed, ElementsAre("city", "specialities", "start_up"));
  EXPECT_THAT(site.specialities(), ElementsAre("lungs"));
  EXPECT_EQ(site.city(), "");
  EXPECT_FALSE(site.has_start_up());
  EXPECT_EQ(site.display_name(), "A");
  EXPECT_THAT(Told(faults), IsEmpty());
}

TEST(RecordMaskTest, WithoutAMaskTheFieldsThatAreGivenAreTaken) {
  v1::Site wanted = StoredSite();
  wanted.set_city("Bugt");
  wanted.clear_display_name();
  wanted.set_etag("17");
  v1::Site site = StoredSite();
  Faults faults;
  // Those that are as they were are no change, whoever may not change them.
  ASSERT_OK_AND_ASSIGN(const auto changed, MergeEdit({}, wanted, Fields(), "site", &site, &faults));
  EXPECT_THAT(changed, ElementsAre("city"));
  EXPECT_EQ(site.display_name(), "A");
  EXPECT_EQ(site.etag(), "");
  EXPECT_THAT(Told(faults), IsEmpty());
}

TEST(RecordMaskTest, AStarTakesAllThatIsEditableAndLeavesTheRest) {
  v1::Site wanted;
  wanted.set_display_name("B");
  v1::Site site = StoredSite();
  Faults faults;
  ASSERT_OK(MergeEdit(Mask({"*"}), wanted, Fields(), "site", &site, &faults).status());
  v1::Site expected;
  expected.set_name("sites/a");
  expected.set_display_name("B");
  expected.set_region("regions/north");
  expected.set_valid_to("2030-01-01");
  EXPECT_EQ(site.SerializeAsString(), expected.SerializeAsString());
  EXPECT_THAT(Told(faults), IsEmpty());
}

TEST(RecordMaskTest, EveryPathThatCannotBeChangedIsTold) {
  v1::Site wanted = StoredSite();
  v1::Site site = StoredSite();
  Faults faults;
  ASSERT_OK(MergeEdit(Mask({"city", "shoes", "valid_to", "start_up.median_days", "*"}), wanted,
                      Fields(), "site", &site, &faults)
                .status());
  EXPECT_THAT(
      Told(faults),
      ElementsAre("update_mask.paths[1] UNKNOWN_FIELD", "update_mask.paths[2] FIELD_NOT_EDITABLE",
                  "update_mask.paths[3] UNKNOWN_FIELD", "update_mask.paths[4] UNKNOWN_FIELD"));
  Faults given;
  wanted.set_valid_to("2031-01-01");
  ASSERT_OK(MergeEdit({}, wanted, Fields(), "site", &site, &given).status());
  EXPECT_THAT(Told(given), ElementsAre("site.valid_to FIELD_NOT_EDITABLE"));
}

TEST(RecordMaskTest, FieldsOfOthersAreDeniedAllAtOnce) {
  v1::Site wanted = StoredSite();
  wanted.set_region("regions/south");
  wanted.set_hospital("H");
  v1::Site site = StoredSite();
  Faults faults;
  const auto denied = MergeEdit({}, wanted, Fields(), "site", &site, &faults).status();
  EXPECT_EQ(denied.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(MetadataOf(denied)["fields"], "hospital,region");
  // Named, they are denied even where nothing would change.
  const auto named = MergeEdit(Mask({"region"}), StoredSite(), Fields(), "site", &site, &faults);
  EXPECT_EQ(named.status().code(), absl::StatusCode::kPermissionDenied);
}

TEST(RecordMaskTest, AMaskOfManyPathsIsRefusedBeforeItIsRead) {
  v1::Site site = StoredSite();
  Faults faults;
  ASSERT_OK(MergeEdit(Mask(std::vector<std::string>(101, "shoes")), StoredSite(), Fields(), "site",
                      &site, &faults)
                .status());
  EXPECT_THAT(Told(faults), ElementsAre("update_mask.paths TOO_MANY"));
}

}  // namespace
}  // namespace trialgate::directory
