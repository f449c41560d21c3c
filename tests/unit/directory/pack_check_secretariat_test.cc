#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/pack.h"
#include "tests/unit/directory/pack_faults.h"

namespace trialgate::directory {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PackCheckTest, ThereIsExactlyOneSecretariat) {
  EXPECT_THAT(FaultsAfter("desks.json",
                          [](v1::Pack* pack) {
                            pack->mutable_desks(4)->set_kind(v1::DESK_KIND_SECRETARIAT);
                          }),
              ElementsAre("desks.json: desks[4].kind DUPLICATE"));
  EXPECT_THAT(FaultsAfter("desks.json",
                          [](v1::Pack* pack) {
                            pack->mutable_desks(0)->set_kind(v1::DESK_KIND_IDEA_CLINIC);
                          }),
              ElementsAre("desks.json: desks[0].kind CONTRADICTION"));
  EXPECT_THAT(FaultsAfter("country.json", [](v1::Pack* pack) { pack->clear_secretariat(); }),
              ElementsAre(": secretariat REQUIRED"));
  EXPECT_THAT(
      FaultsAfter("country.json", [](v1::Pack* pack) { pack->set_secretariat("desks/none"); }),
      Contains("country.json: secretariat DANGLING_REFERENCE"));
}

TEST(PackCheckTest, TheSecretariatIsThereOnEveryDay) {
  EXPECT_THAT(
      FaultsAfter("desks.json",
                  [](v1::Pack* pack) { pack->mutable_desks(0)->set_valid_to("2026-12-31"); }),
      ElementsAre("desks.json: desks[0].valid_to CONTRADICTION"));
  EXPECT_THAT(
      FaultsAfter("desks.json",
                  [](v1::Pack* pack) { pack->mutable_desks(0)->set_valid_from("2027-01-01"); }),
      ElementsAre("desks.json: desks[0].valid_from CONTRADICTION"));
  EXPECT_THAT(FaultsAfter("desks.json",
                          [](v1::Pack* pack) {
                            pack->mutable_desks(0)->set_valid_to("2026-12-31");
                            pack->mutable_desks(0)->set_successor("desks/heart-centre");
                          }),
              ElementsAre("desks.json: desks[4].kind CONTRADICTION"));
}

TEST(PackCheckTest, TheSecretariatMayBeSucceededWithoutAGap) {
  const auto succeeded = [](absl::string_view from, absl::string_view to) {
    return FaultsAfter("desks.json", [from, to](v1::Pack* pack) {
      v1::Desk* before = pack->mutable_desks(0);
      before->set_valid_to("2026-12-31");
      before->set_successor("desks/heart-centre");
      v1::Desk* after = pack->mutable_desks(4);
      after->set_kind(v1::DESK_KIND_SECRETARIAT);
      after->set_valid_from(std::string(from));
      after->set_valid_to(std::string(to));
    });
  };
  EXPECT_THAT(succeeded("2027-01-01", ""), IsEmpty());
  EXPECT_THAT(succeeded("2027-01-02", ""),
              ElementsAre("desks.json: desks[0].successor DANGLING_REFERENCE"));
  EXPECT_THAT(succeeded("2027-01-01", "2027-12-31"),
              ElementsAre("desks.json: desks[4].valid_to CONTRADICTION"));
}

TEST(PackCheckTest, SecretariatsThatSucceedEachOtherAreACycle) {
  EXPECT_THAT(FaultsAfter("desks.json",
                          [](v1::Pack* pack) {
                            pack->mutable_desks(0)->set_valid_to("2026-12-31");
                            pack->mutable_desks(0)->set_successor("desks/secretariat");
                          }),
              ElementsAre("desks.json: desks[0].successor SUCCESSOR_CYCLE"));
}

}  // namespace
}  // namespace trialgate::directory
