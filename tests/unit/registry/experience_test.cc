// Counts invented trials at sites of the Danish pack; and those of the data, where they are.
#include "tools/registry/experience.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "services/directory/pack.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/pack/danish_pack.h"
#include "tools/registry/files.h"

namespace trialgate::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr char kFolder[] = "deploy/packs/denmark";
// What the pack's experience was counted as of.
const absl::CivilDay kAsOf(2019, 12, 31);

// A trial of a list, led from Odense.
RegisteredTrial Trial(const std::string& id, const std::string& title, const std::string& phase,
                      const std::string& affiliation = "Odense University Hospital") {
  const auto trials = ReadTrialList(absl::StrCat(
      R"([{"main_id": ")", id, R"(", "trial_title": ")", title, R"(", "phase": ")", phase,
      R"(", "registration_date": "2016-03-01", "start_date": "2016-04-01",
          "completion_date": "2017-12-31", "PI_affiliation": ")",
      affiliation, R"(", "lead_region_iso": "DK-83"}])"));
  EXPECT_OK(trials);
  return trials->front();
}

class ExperienceTest : public testing::Test {
 protected:
  ExperienceTest() {
    const auto pack = ReadPackWithoutExperience(kFolder);
    const auto places = ReadPlacesOf(kFolder);
    EXPECT_OK(pack);
    EXPECT_OK(places);
    pack_ = *pack;
    places_ = std::make_unique<Places>(*places);
  }

  Placing Place(const std::vector<RegisteredTrial>& trials) {
    return PlaceTrials(trials, pack_, *places_);
  }

  v1::Pack pack_;
  std::unique_ptr<Places> places_;
};

TEST_F(ExperienceTest, ATrialIsCountedWhereItsConditionIsTreated) {
  const std::vector<RegisteredTrial> trials = {Trial("1", "Psoriasis", "Phase 3")};
  const Placing placing = Place(trials);
  EXPECT_THAT(placing.unplaced, IsEmpty());
  EXPECT_THAT(
      CountExperience(placing.trials, kAsOf),
      ElementsAre(Pair("sites/ouh-dermato-allergology", ElementsAre(Pair(v1::PHASE_PHASE3, 1)))));
}

TEST_F(ExperienceTest, TheDepartmentThatIsNamedGoesBeforeTheCondition) {
  const std::vector<RegisteredTrial> trials = {
      Trial("1", "Psoriasis", "4", "Department of Ophthalmology, OUH")};
  EXPECT_THAT(Place(trials).trials[0].sites, ElementsAre("sites/ouh-ophthalmology"));
}

TEST_F(ExperienceTest, ACombinedPhaseCountsForBothAndNoneForNoPhase) {
  const std::vector<RegisteredTrial> trials = {Trial("1", "Psoriasis", "Phase 1/Phase 2"),
                                               Trial("2", "Psoriasis", "Not Applicable")};
  const Experience experience = CountExperience(Place(trials).trials, kAsOf);
  EXPECT_THAT(experience.at("sites/ouh-dermato-allergology"),
              ElementsAre(Pair(v1::PHASE_NOT_APPLICABLE, 1), Pair(v1::PHASE_PHASE1, 1),
                          Pair(v1::PHASE_PHASE2, 1)));
  const std::string file = ExperienceFile(experience, kAsOf);
  EXPECT_THAT(file, HasSubstr("\"phase\": \"PHASE_PHASE1\""));
  EXPECT_THAT(file, HasSubstr("SOURCE_KIND_IMPORTED"));
  EXPECT_THAT(file, HasSubstr("\"asOf\": \"2019-12-31\""));
  EXPECT_THAT(file, testing::Not(HasSubstr("NOT_APPLICABLE")));
}

TEST_F(ExperienceTest, TwoRecordsOfOneTrialAreOneTrial) {
  RegisteredTrial other = Trial("1", "Psoriasis", "4");
  other.ids.push_back("NCT90000001");
  other.places[0].texts = {"Department of Urology, Esbjerg Hospital"};
  const std::vector<RegisteredTrial> trials = {Trial("1", "Psoriasis", "4"), other};
  const Placing placing = Place(trials);
  ASSERT_THAT(placing.trials, SizeIs(1));
  EXPECT_THAT(placing.trials[0].sites,
              ElementsAre("sites/esbjerg-urology", "sites/ouh-dermato-allergology"));
  EXPECT_THAT(CountExperience(placing.trials, kAsOf, {"NCT90000001"}), IsEmpty())
      << "left out by any of its numbers";
}

TEST_F(ExperienceTest, WhatCannotBePlacedIsListedWithTheReason) {
  const std::vector<RegisteredTrial> trials = {
      Trial("1", "Something that nobody has heard of", "4"),
      Trial("2", "Psoriasis", "4", "A clinic"), Trial("3", "Forensic autopsy", "4"),
      Trial("4", "Psoriasis", "4", "Aarhus University Hospital")};
  const Placing placing = Place(trials);
  ASSERT_THAT(placing.unplaced, SizeIs(4));
  EXPECT_THAT(placing.unplaced[0].reason, HasSubstr("no speciality is told"));
  EXPECT_THAT(placing.unplaced[1].reason, HasSubstr("no hospital of the pack is known by"));
  EXPECT_THAT(placing.unplaced[2].reason, HasSubstr("has no site for retsmedicin"));
  EXPECT_THAT(placing.unplaced[3].reason, HasSubstr("no hospital")) << "it lies in another region";
  EXPECT_THAT(placing.trials, SizeIs(4));
}

TEST_F(ExperienceTest, OnlyTheFiveYearsBeforeTheDateCount) {
  RegisteredTrial trial = Trial("1", "Psoriasis", "4");
  EXPECT_FALSE(RanBefore(trial, absl::CivilDay(2016, 2, 29))) << "not yet known";
  EXPECT_TRUE(RanBefore(trial, absl::CivilDay(2016, 3, 1)));
  EXPECT_TRUE(RanBefore(trial, absl::CivilDay(2022, 12, 30)));
  EXPECT_FALSE(RanBefore(trial, absl::CivilDay(2022, 12, 31))) << "completed five years before";
  trial.completed.reset();
  EXPECT_TRUE(RanBefore(trial, absl::CivilDay(2021, 3, 31)));
  EXPECT_FALSE(RanBefore(trial, absl::CivilDay(2021, 4, 1)));
  trial.registered.reset();
  trial.started.reset();
  EXPECT_FALSE(RanBefore(trial, absl::CivilDay(2017, 1, 1)));
}

TEST_F(ExperienceTest, ThePacksExperienceIsWhatTheRegistriesYield) {
  const char* set = std::getenv("TRIALGATE_DATA_DIR");
  const std::filesystem::path data = set != nullptr ? set : "../shared/data";
  if (!std::filesystem::exists(data / "danish_led_trials.json")) {
    GTEST_SKIP() << "no registry data at " << data << ": set TRIALGATE_DATA_DIR";
  }
  const auto trials =
      ReadTrials({(data / "danish_led_trials.json").string(), (data / "ctgov").string()},
                 pack_.display_name());
  ASSERT_OK(trials);
  const Placing placing = Place(*trials);
  const std::string counted = ExperienceFile(CountExperience(placing.trials, kAsOf), kAsOf);
  std::ifstream file(absl::StrCat(kFolder, "/", kExperienceFile), std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_TRUE(content.str() == counted)
      << "run: trialgate pack experience " << kFolder << " --trials " << data.string()
      << "/danish_led_trials.json " << data.string() << "/ctgov --as-of 2019-12-31 --write";
  // Few are lost: what the command cannot place does not go unseen.
  EXPECT_LE(placing.unplaced.size(), trials->size() / 5);
}

}  // namespace
}  // namespace trialgate::registry
