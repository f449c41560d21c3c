#include "services/directory/pack.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/directory/pack_faults.h"
#include "tests/unit/directory/tiny_pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

TEST(PackTest, ThePackOfAnInventedCountryHasNoFault) {
  Faults faults;
  const JoinedPack joined = LoadPack(TinyPackFiles(true), /*allow_sample=*/true, &faults);
  EXPECT_THAT(Told(faults), IsEmpty());
  EXPECT_EQ(joined.pack.country(), "XP");
  EXPECT_EQ(joined.pack.sites_size(), 3);
}

TEST(PackTest, ThePackThatIsShippedHasNoFault) {
  for (const bool sample : {false, true}) {
    Faults faults;
    PackFiles files;
    for (const v1::PackFile& file : ReadPackFolder("deploy/packs/denmark")) {
      if (sample || !absl::StartsWith(file.path(), "sample/")) *files.Add() = file;
    }
    LoadPack(files, sample, &faults);
    EXPECT_THAT(Told(faults), IsEmpty()) << "sample: " << sample;
  }
}

TEST(PackTest, InventedValuesAreRefusedUnlessTheyAreAllowed) {
  Faults faults;
  LoadPack(TinyPackFiles(true), /*allow_sample=*/false, &faults);
  EXPECT_THAT(Told(faults),
              ElementsAre("sample/values.json: capacities[0].source SAMPLE_NOT_ALLOWED"));
  EXPECT_THAT(faults.kept()[0].description, HasSubstr("8 invented values"));
  EXPECT_EQ(ReasonOf(FaultsError(faults)), v1::ERROR_REASON_SAMPLE_NOT_ALLOWED);
  Faults none;
  LoadPack(TinyPackFiles(false), /*allow_sample=*/false, &none);
  EXPECT_THAT(Told(none), IsEmpty());
}

TEST(PackTest, ValuesAreLaidOverTheirSites) {
  const v1::Pack pack = TinyPack();
  EXPECT_EQ(pack.site_values_size(), 0);
  const v1::Site& heart = pack.sites(0);
  ASSERT_EQ(heart.name(), "sites/lagoon-heart");
  EXPECT_EQ(heart.start_up().median_days(), 45);
  EXPECT_EQ(heart.history_size(), 1);
  ASSERT_EQ(heart.phases_size(), 2);
  EXPECT_EQ(heart.phases(0).trials_five_years(), 0);
  EXPECT_EQ(heart.phases(1).phase(), v1::PHASE_PHASE3);
  EXPECT_EQ(heart.phases(1).trials_five_years(), 4);
}

TEST(PackTest, EveryFaultIsToldWithItsFileAndPlaceAndNoneHidesAnother) {
  PackFiles files = TinyPackFiles(true);
  for (v1::PackFile& file : files) {
    std::string& content = *file.mutable_content();
    if (file.path() == "desks.json") {
      content = absl::StrReplaceAll(content, {{"lead@cape.example", "nobody"}});
    } else if (file.path() == "sites.json") {
      content =
          absl::StrReplaceAll(content, {{"\"freezer\"", "\"fridge\""}, {"\"city\"", "\"town\""}});
    } else if (file.path() == "country.json") {
      content = absl::StrReplaceAll(content,
                                    {{"\"month\": 2, \"day\": 29", "\"month\": 2, \"day\": 30"}});
    }
  }
  Faults faults;
  LoadPack(files, true, &faults);
  EXPECT_THAT(Told(faults),
              IsSupersetOf({"desks.json: contacts[3].email INVALID_FORMAT",
                            "sites.json: sites[0].town UNKNOWN_FIELD",
                            "sites.json: sites[2].town UNKNOWN_FIELD",
                            "sites.json: sites[1].capabilities[0] UNKNOWN_VALUE",
                            "country.json: calendars[0].fixed_holidays[1] OUT_OF_RANGE"}));
  const absl::Status status = FaultsError(faults);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_EQ(FieldViolationsOf(status).size(), faults.count());
}

TEST(PackTest, ASingleFieldStandsInOneFileOnly) {
  PackFiles files = TinyPackFiles(true);
  v1::PackFile* second = files.Add();
  second->set_path("second.json");
  second->set_content(R"({"timeZone": "Europe/Paris"})");
  Faults faults;
  LoadPack(files, true, &faults);
  EXPECT_THAT(Told(faults), ElementsAre("second.json: time_zone DUPLICATE"));
}

TEST(PackTest, WhatMayLieInAFileThatCannotBeReadIsNotCalledMissing) {
  PackFiles files = TinyPackFiles(true);
  for (v1::PackFile& file : files) {
    if (file.path() == "regions.json") file.set_content("{\"regions\": [");
  }
  Faults faults;
  LoadPack(files, true, &faults);
  EXPECT_THAT(Told(faults), ElementsAre("regions.json: line 1, column 14 MALFORMED_JSON"));
}

TEST(PackTest, LimitsOfFilesAreChecked) {
  PackFiles files;
  for (int i = 0; i <= kMaxPackFiles; ++i) files.Add()->set_path(absl::StrCat(i));
  files.Mutable(0)->clear_path();
  files.Mutable(1)->set_content(std::string(kMaxPackFileBytes + 1, ' '));
  Faults faults;
  LoadPack(files, true, &faults);
  EXPECT_THAT(Told(faults), IsSupersetOf({": files TOO_MANY", ": files[0].path INVALID_FORMAT",
                                          "1: files[1] TOO_LONG"}));
  Faults empty;
  LoadPack({}, true, &empty);
  EXPECT_THAT(Told(empty), Contains(": files REQUIRED"));
}

}  // namespace
}  // namespace trialgate::directory
