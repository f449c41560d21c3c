// FastMatch gives the bytes of Match: random directories and requests, with updates in between. The
// seed is printed, and TRIALGATE_TEST_SEED repeats a run.
#include "services/feasibility/index/fast_match.h"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "tests/unit/feasibility/random_world.h"

namespace trialgate::feasibility {
namespace {

constexpr int kWorlds = 2000;
constexpr int kChangesOfEach = 5;

using Directory = std::shared_ptr<const directory::DirectorySnapshot>;

unsigned Seed() {
  const char* text = std::getenv("TRIALGATE_TEST_SEED");
  const unsigned seed = text != nullptr ? std::strtoul(text, nullptr, 10) : std::random_device()();
  std::cout << "TRIALGATE_TEST_SEED=" << seed << std::endl;
  return seed;
}

void ExpectTheSame(const v1::TrialRequest& request, const Directory& directory,
                   const SiteIndex& index, absl::CivilDay today, RandomWorld* draw) {
  const v1::FeasibilityReport plain = Match(request, 3, *directory, today);
  const v1::FeasibilityReport fast = FastMatch(request, 3, *directory, index, today, {});
  ASSERT_EQ(SerializeReport(plain), SerializeReport(fast))
      << request.DebugString() << "plain: " << plain.DebugString()
      << "fast: " << fast.DebugString();

  const MatchPage page{draw->Int(0, 4), draw->Int(0, 4), draw->Maybe(0.5)};
  v1::FeasibilityReport cut = plain;
  v1::FeasibilityReport paged = FastMatch(request, 3, *directory, index, today, page);
  if (page.rank_without_headroom) HideCapacity(&cut);
  if (page.rank_without_headroom) HideCapacity(&paged);
  KeepPage(page.eligible, page.near_misses, &cut);
  ASSERT_EQ(SerializeReport(cut), SerializeReport(paged)) << request.DebugString();
}

TEST(FastMatchTest, GivesTheBytesOfThePlainMatchWhateverChangesInBetween) {
  RandomWorld draw(Seed());
  for (int world = 0; world < kWorlds; ++world) {
    Directory directory = draw.Directory(draw.Int(0, 20));
    std::shared_ptr<const SiteIndex> index = SiteIndex::Of(*directory, nullptr);
    for (int change = 0; change < kChangesOfEach; ++change) {
      const absl::CivilDay today = kToday + draw.Int(0, 300);
      ASSERT_NO_FATAL_FAILURE(ExpectTheSame(draw.Request(today), directory, *index, today, &draw));
      directory = draw.Changed(*directory);
      index = SiteIndex::Of(*directory, index.get());
    }
  }
}

TEST(FastMatchTest, GivesTheBytesOfThePlainMatchAcrossBlocks) {
  RandomWorld draw(Seed());
  Directory directory = draw.Directory(2500);
  std::shared_ptr<const SiteIndex> index = SiteIndex::Of(*directory, nullptr);
  for (int change = 0; change < 20; ++change) {
    ASSERT_NO_FATAL_FAILURE(ExpectTheSame(draw.Request(kToday), directory, *index, kToday, &draw));
    directory = draw.Changed(*directory);
    index = SiteIndex::Of(*directory, index.get());
  }
}

TEST(FastMatchTest, AChangeOfOneSiteBuildsOneBlock) {
  RandomWorld draw(Seed());
  const Directory directory = draw.Directory(8000);
  const auto index = SiteIndex::Of(*directory, nullptr);
  ASSERT_GE(index->blocks().size(), 3U);
  directory::DirectorySnapshotBuilder builder(*directory);
  v1::Site site = directory->sites()[1500]->site;
  site.set_display_name("Another");
  builder.Put(site);
  const Directory changed = builder.Build(10);
  const auto later = SiteIndex::Of(*changed, index.get());
  ASSERT_EQ(later->blocks().size(), index->blocks().size());
  int built = 0;
  for (std::size_t i = 0; i < index->blocks().size(); ++i) {
    if (later->blocks()[i] != index->blocks()[i]) ++built;
  }
  EXPECT_EQ(built, 1);
}

TEST(FastMatchTest, FallsBackWhereStartUpDaysLieTooFarApartForTables) {
  v1::Site site = FittingSite();
  site.mutable_start_up()->set_median_days(1000000);
  const Directory directory = CountryWith(site);
  const auto index = SiteIndex::Of(*directory, nullptr);
  const v1::TrialRequest request = FittingRequest();
  EXPECT_EQ(SerializeReport(FastMatch(request, 0, *directory, *index, kToday, {})),
            SerializeReport(Match(request, 0, *directory, kToday)));
}

}  // namespace
}  // namespace trialgate::feasibility
