#include "tools/registry/backtest.h"

#include <gmock/gmock.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tools/registry/files.h"

namespace trialgate::registry {
namespace {

using absl_testing::StatusIs;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::SizeIs;

constexpr char kFolder[] = "deploy/packs/denmark";

RegisteredTrial Trial(int id, const std::string& title, const std::string& institution,
                      const std::string& region, const std::string& registered) {
  const auto trials = ReadTrialList(
      absl::StrCat(R"([{"main_id": "T)", id, R"(", "trial_title": ")", title,
                   R"(", "phase": "Not Applicable", "registration_date": ")", registered,
                   R"(", "completion_date": "2018-12-31", "lead_institution": ")", institution,
                   R"(", "lead_region_iso": ")", region, R"("}])"));
  EXPECT_OK(trials);
  return trials->front();
}

class BacktestTest : public testing::Test {
 protected:
  BacktestTest() {
    const auto pack = ReadPackWithoutExperience(kFolder);
    const auto places = ReadPlacesOf(kFolder);
    EXPECT_OK(pack);
    EXPECT_OK(places);
    pack_ = *pack;
    places_ = std::make_unique<Places>(*places);
    // Odense does psoriasis, and Aalborg hearts.
    for (int i = 0; i < 20; ++i) {
      const bool odense = i % 2 == 0;
      known_.push_back(odense
                           ? Trial(i, "Psoriasis", "OUH", "DK-83", "2015-01-01")
                           : Trial(i, "Heart failure", "Aalborg Hospital", "DK-81", "2015-01-01"));
    }
  }

  v1::Pack pack_;
  std::unique_ptr<Places> places_;
  std::vector<RegisteredTrial> known_;
};

TEST_F(BacktestTest, TheRegionThatDoesThisIsNamedFirst) {
  const Backtest backtest(pack_, *places_, known_);
  const auto outcome = backtest.Ask(Trial(99, "Psoriasis", "OUH", "DK-83", "2016-01-01"));
  ASSERT_OK(outcome);
  EXPECT_THAT(outcome->specialities, ElementsAre("dermato-venerologi"));
  ASSERT_THAT(outcome->named, SizeIs(3));
  EXPECT_EQ(outcome->named[0], "regions/southern-denmark");
  EXPECT_EQ(outcome->lead, "regions/southern-denmark");
  EXPECT_THAT(outcome->real, ElementsAre("regions/southern-denmark"));
  EXPECT_GE(outcome->referrals, 1);
}

TEST_F(BacktestTest, WhatWasRegisteredLaterAndTheTrialItselfCountForNothing) {
  const Backtest without(pack_, *places_, {});
  const auto before = without.Ask(Trial(0, "Psoriasis", "OUH", "DK-83", "2014-12-31"));
  ASSERT_OK(before);
  const Backtest with(pack_, *places_, known_);
  const auto early = with.Ask(Trial(99, "Psoriasis", "OUH", "DK-83", "2014-12-31"));
  ASSERT_OK(early);
  EXPECT_EQ(early->named, before->named) << "none was known yet";
  const std::vector<RegisteredTrial> itself = {Trial(7, "Psoriasis", "OUH", "DK-83", "2014-12-31")};
  const Backtest alone(pack_, *places_, itself);
  const auto asked = alone.Ask(itself[0]);
  ASSERT_OK(asked);
  EXPECT_EQ(asked->named, before->named);
}

TEST_F(BacktestTest, ATrialWithoutADateIsNotAsked) {
  const Backtest backtest(pack_, *places_, known_);
  EXPECT_THAT(backtest.Ask(Trial(99, "Psoriasis", "OUH", "DK-83", "")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ScoreTest, SharesAreOverAllAndTheMeanOfTheRegions) {
  Score score;
  score.Add({"a"}, {"a", "b"});
  score.Add({"a"}, {"b", "a"});
  score.Add({"a"}, {"c"});
  score.Add({"b"}, {"c", "d", "b"});
  EXPECT_THAT(score.Overall(&Score::Counts::first), DoubleEq(1.0 / 4));
  EXPECT_THAT(score.Overall(&Score::Counts::first_two), DoubleEq(2.0 / 4));
  EXPECT_THAT(score.Overall(&Score::Counts::named), DoubleEq(3.0 / 4));
  EXPECT_THAT(score.Macro(&Score::Counts::first), DoubleEq((1.0 / 3 + 0) / 2));
  EXPECT_THAT(score.Macro(&Score::Counts::named), DoubleEq((2.0 / 3 + 1) / 2));
  EXPECT_THAT(score.NamedOnAverage(), DoubleEq(2.0));
  EXPECT_EQ(Score().Macro(&Score::Counts::named), 0);
}

}  // namespace
}  // namespace trialgate::registry
