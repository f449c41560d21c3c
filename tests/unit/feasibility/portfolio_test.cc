// Portfolios: what is asked, and the general method against all sets of random candidates. The seed
// is printed, and TRIALGATE_TEST_SEED repeats a run.
#include "services/feasibility/portfolio.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace trialgate::feasibility {
namespace {

using Sites = std::vector<std::size_t>;

PortfolioCandidate Candidate(double mean, int region = 0) { return {region, {mean, mean / 100}}; }

PortfolioGoal Goal(std::int64_t wanted, double probability = 0.8) {
  PortfolioGoal goal;
  goal.patients_wanted = wanted;
  goal.probability = probability;
  return goal;
}

// Both methods, which small cases must agree on.
PortfolioChoice Choose(const std::vector<PortfolioCandidate>& candidates,
                       const PortfolioGoal& goal) {
  const PortfolioChoice choice = ChoosePortfolio(candidates, goal);
  EXPECT_TRUE(choice.optimal);
  const PortfolioChoice other = ChooseByExchange(candidates, goal);
  EXPECT_FALSE(other.optimal);
  EXPECT_EQ(choice.sites, other.sites);
  EXPECT_EQ(choice.reached, other.reached);
  EXPECT_EQ(choice.probability, other.probability);
  return choice;
}

TEST(PortfolioTest, TheFewestSitesAreChosen) {
  const PortfolioChoice choice =
      Choose({Candidate(10), Candidate(10), Candidate(10), Candidate(40)}, Goal(30));
  EXPECT_EQ(choice.sites, Sites{3});
  EXPECT_TRUE(choice.reached);
}

TEST(PortfolioTest, OfEquallyFewTheHighestProbabilityThenTheFirstNames) {
  EXPECT_EQ(Choose({Candidate(40), Candidate(41), Candidate(40)}, Goal(30)).sites, Sites{1});
  EXPECT_EQ(Choose({Candidate(40), Candidate(40), Candidate(40)}, Goal(30)).sites, Sites{0});
  EXPECT_EQ(Choose({Candidate(9), Candidate(20), Candidate(20), Candidate(20)}, Goal(30)).sites,
            (Sites{1, 2}));
}

TEST(PortfolioTest, ARegionHasNoMoreThanItMay) {
  PortfolioGoal goal = Goal(50);
  goal.most_per_region = 1;
  const PortfolioChoice choice =
      Choose({Candidate(40, 1), Candidate(39, 1), Candidate(20, 2), Candidate(21, 3)}, goal);
  EXPECT_EQ(choice.sites, (Sites{0, 3}));
}

TEST(PortfolioTest, ANeededRegionHasASite) {
  PortfolioGoal goal = Goal(30);
  goal.regions_needed = {2};
  const PortfolioChoice choice = Choose({Candidate(40, 1), Candidate(2, 2), Candidate(3, 2)}, goal);
  EXPECT_EQ(choice.sites, (Sites{0, 2}));
  EXPECT_TRUE(choice.reached);
}

TEST(PortfolioTest, ANeededRegionWithoutCandidatesIsNotReached) {
  PortfolioGoal goal = Goal(30);
  goal.regions_needed = {7};
  const PortfolioChoice choice = Choose({Candidate(40, 1)}, goal);
  EXPECT_EQ(choice.sites, Sites{0});
  EXPECT_FALSE(choice.reached);
}

TEST(PortfolioTest, WhatCannotBeReachedIsApproachedAsFarAsItGoes) {
  const PortfolioChoice choice = Choose({Candidate(10), Candidate(5), Candidate(0)}, Goal(30));
  EXPECT_EQ(choice.sites, (Sites{0, 1}));
  EXPECT_FALSE(choice.reached);
  EXPECT_FALSE(Choose({}, Goal(1)).reached);
}

TEST(PortfolioTest, NobodyWantedNeedsNoSite) {
  const PortfolioChoice choice = Choose({Candidate(10)}, Goal(0));
  EXPECT_TRUE(choice.sites.empty());
  EXPECT_TRUE(choice.reached);
}

TEST(PortfolioTest, ManyCandidatesAreChosenFromInTime) {
  std::vector<PortfolioCandidate> candidates;
  for (int i = 0; i < 500; ++i) candidates.push_back(Candidate(1 + i % 17, i % 9));
  PortfolioGoal goal = Goal(1000);
  goal.most_per_region = 12;
  goal.regions_needed = {3};
  const PortfolioChoice choice = ChoosePortfolio(candidates, goal);
  EXPECT_TRUE(choice.reached);
  EXPECT_FALSE(choice.optimal);
  EXPECT_LE(choice.sites.size(), 108u);
  std::map<int, int> of_region;
  for (const std::size_t site : choice.sites) ++of_region[candidates[site].region];
  for (const auto& [region, count] : of_region) EXPECT_LE(count, 12) << region;
  EXPECT_EQ(choice.probability, PortfolioProbability(candidates, choice.sites, 1000));
}

TEST(PortfolioTest, MoreThanTwoHundredSitesAreNeverChosen) {
  const std::vector<PortfolioCandidate> candidates(300, Candidate(1));
  const PortfolioChoice choice = ChoosePortfolio(candidates, Goal(1000000));
  EXPECT_EQ(choice.sites.size(), kMaxPortfolioSites);
  EXPECT_FALSE(choice.reached);
}

unsigned Seed() {
  const char* text = std::getenv("TRIALGATE_TEST_SEED");
  const unsigned seed = text != nullptr ? std::strtoul(text, nullptr, 10) : std::random_device()();
  std::cout << "TRIALGATE_TEST_SEED=" << seed << std::endl;
  return seed;
}

// Sites as the directory has them: rates about the observed ones, more or less known.
std::vector<PortfolioCandidate> DrawCandidates(std::mt19937* random) {
  std::vector<PortfolioCandidate> candidates;
  const int count = std::uniform_int_distribution<int>(1, 15)(*random);
  std::gamma_distribution<double> rate(0.86, 1 / 0.607);
  for (int i = 0; i < count; ++i) {
    const double known = 0.607 + std::uniform_real_distribution<double>(0, 60)(*random);
    const double open = std::uniform_real_distribution<double>(0.5, 24)(*random);
    const double mean = (0.05 + rate(*random)) * open;
    const int region = std::uniform_int_distribution<int>(0, 4)(*random);
    candidates.push_back({region, {mean, mean * open / known}});
  }
  return candidates;
}

PortfolioGoal DrawGoal(const std::vector<PortfolioCandidate>& candidates, std::mt19937* random) {
  double mean = 0;
  for (const auto& candidate : candidates) mean += candidate.contribution.expected_patients;
  std::uniform_real_distribution<double> share(0.1, 1.1);
  PortfolioGoal goal = Goal(1 + static_cast<std::int64_t>(mean * share(*random)));
  goal.probability = std::uniform_real_distribution<double>(0.5, 0.95)(*random);
  goal.most_per_region = std::uniform_int_distribution<int>(0, 4)(*random);
  if (std::bernoulli_distribution(0.4)(*random)) {
    goal.regions_needed = {std::uniform_int_distribution<int>(0, 4)(*random)};
  }
  return goal;
}

TEST(PortfolioTest, TheGeneralMethodIsOptimalAlmostAlwaysAndNeverMoreThanASiteAbove) {
  std::mt19937 random(Seed());
  constexpr int kRounds = 1000;
  int optimal = 0;
  int reached = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<PortfolioCandidate> candidates = DrawCandidates(&random);
    const PortfolioGoal goal = DrawGoal(candidates, &random);
    const PortfolioChoice exact = ChooseExhaustively(candidates, goal);
    const PortfolioChoice found = ChooseByExchange(candidates, goal);
    if (exact.reached) {
      ++reached;
      EXPECT_TRUE(found.reached) << "round " << round;
      EXPECT_LE(found.sites.size(), exact.sites.size() + 1) << "round " << round;
    } else {
      EXPECT_FALSE(found.reached) << "round " << round;
    }
    if (found.sites == exact.sites) ++optimal;
  }
  std::cout << optimal << " of " << kRounds << " optimal, " << reached << " reached" << std::endl;
  EXPECT_GE(optimal, kRounds * 99 / 100);
  EXPECT_GT(reached, kRounds / 4) << "the cases drawn show nothing";
}

}  // namespace
}  // namespace trialgate::feasibility
