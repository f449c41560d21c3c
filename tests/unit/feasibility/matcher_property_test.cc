// Random directories and requests; the seed is printed, and TRIALGATE_TEST_SEED repeats a run.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "services/feasibility/criteria.h"
#include "services/feasibility/forecast.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "tests/unit/feasibility/fixture.h"

namespace trialgate::feasibility {
namespace {

constexpr int kRounds = 60;

// Draws requests and sites whose values meet often.
class Drawer {
 public:
  explicit Drawer(unsigned seed) : random_(seed) {}

  int Int(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Maybe(double probability) { return std::bernoulli_distribution(probability)(random_); }

  template <typename List>
  void Shuffle(List* list) {
    std::shuffle(list->begin(), list->end(), random_);
  }

  // Each of `values` with a probability.
  template <typename Value, typename Add>
  void Some(const std::vector<Value>& values, double probability, Add add) {
    for (const Value& value : values) {
      if (Maybe(probability)) add(value);
    }
  }

  v1::TrialRequest Request();
  v1::Site Site(int number);
  v1::SiteCapacity Capacity(int number);

 private:
  std::mt19937 random_;
};

const std::vector<std::string> kSpecialities = {"heart", "brain", "skin"};
const std::vector<std::string> kCapabilities = {"mri", "freezer", "robot"};
const std::vector<std::string> kRegions = {"regions/hills", "regions/coast", "regions/shore",
                                           "regions/marsh"};
const std::vector<v1::AgeGroup> kAges = {v1::AGE_GROUP_CHILD, v1::AGE_GROUP_ADULT,
                                         v1::AGE_GROUP_OLDER_ADULT};

v1::TrialRequest Drawer::Request() {
  v1::TrialRequest request = FittingRequest();
  request.set_phase(static_cast<v1::Phase>(Int(1, 8)));
  request.clear_specialities();
  Some(kSpecialities, 0.4, [&](const std::string& id) { request.add_specialities(id); });
  request.set_speciality_mode(static_cast<v1::SpecialityMode>(Int(0, 2)));
  request.mutable_population()->clear_age_groups();
  Some(kAges, 0.4, [&](v1::AgeGroup g) { request.mutable_population()->add_age_groups(g); });
  request.clear_required_capabilities();
  Some(kCapabilities, 0.4, [&](const auto& id) { request.add_required_capabilities(id); });
  Some(kCapabilities, 0.4, [&](const auto& id) { request.add_preferred_capabilities(id); });
  if (Maybe(0.3)) {
    Some(kRegions, 0.6, [&](const auto& name) { request.add_regions_wanted(name); });
  }
  Some(kRegions, 0.2, [&](const auto& name) { request.add_regions_preferred(name); });
  if (Maybe(0.5)) request.set_first_patient_in_earliest("2027-01-31");
  if (Maybe(0.5)) request.clear_first_patient_in_latest();
  request.set_recruitment_months(Int(1, 60));
  request.set_patients_wanted(Int(0, 3) * 20);
  request.set_sites_wanted(Int(0, 4));
  for (int i = 0; i < 3; ++i) {
    request.add_sites_already_contacted(absl::StrFormat("sites/s%03d", Int(0, 99)));
  }
  return request;
}

v1::Site Drawer::Site(int number) {
  v1::Site site;
  site.set_name(absl::StrFormat("sites/s%03d", number));
  site.set_region(kRegions[Maybe(0.8) ? 0 : Int(0, 3)]);
  if (Maybe(0.1)) site.set_valid_to("2026-12-31");
  if (Maybe(0.9)) site.add_kinds(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  for (const int phase : {2, 3, 5, 7, 8}) {
    if (!Maybe(0.9)) continue;
    v1::PhaseExperience* run = site.add_phases();
    run->set_phase(static_cast<v1::Phase>(phase));
    run->set_trials_five_years(Int(0, 8));
  }
  Some(kSpecialities, 0.8, [&](const auto& id) { site.add_specialities(id); });
  Some(kAges, 0.9, [&](v1::AgeGroup group) { site.add_age_groups(group); });
  Some(kCapabilities, 0.8, [&](const auto& id) { site.add_capabilities(id); });
  if (Maybe(0.8)) site.mutable_start_up()->set_median_days(Int(0, 200));
  for (int i = Int(0, 5); i > 0; --i) {
    v1::RecruitmentHistory* row = site.add_history();
    row->set_speciality(kSpecialities[Int(0, 2)]);
    row->set_claimed(Int(0, 40));
    row->set_actual(Int(0, 40));
    row->set_site_months(Int(0, 240) / 10.0);
    if (Maybe(0.1)) row->mutable_source()->set_kind(v1::SOURCE_KIND_SAMPLE);
  }
  if (Maybe(0.7)) site.mutable_review()->set_date("2025-10-01");
  return site;
}

v1::SiteCapacity Drawer::Capacity(int number) {
  v1::SiteCapacity capacity;
  capacity.set_name(absl::StrFormat("sites/s%03d/capacity", number));
  capacity.set_slots(Int(0, 9));
  for (int month = 1; month <= 12; ++month) {
    if (Maybe(0.1)) Use(&capacity, absl::StrFormat("2026-%02d", month), Int(0, 3), 0, Int(0, 1));
  }
  return capacity;
}

struct World {
  v1::TrialRequest request;
  std::vector<v1::Site> sites;
  std::vector<v1::SiteCapacity> capacities;
};

World DrawWorld(Drawer* draw) {
  World world{draw->Request(), {}, {}};
  for (int number = draw->Int(0, 100); number > 0; --number) {
    world.sites.push_back(draw->Site(number));
    world.capacities.push_back(draw->Capacity(number));
  }
  return world;
}

std::shared_ptr<const directory::DirectorySnapshot> Build(const World& world) {
  directory::DirectorySnapshotBuilder builder = Country();
  for (const v1::Site& site : world.sites) builder.Put(site);
  for (const v1::SiteCapacity& capacity : world.capacities) builder.Put(capacity);
  return builder.Build(9);
}

// The same world with every list in another order.
World Shuffled(World world, Drawer* draw) {
  draw->Shuffle(&world.sites);
  draw->Shuffle(&world.capacities);
  for (v1::Site& site : world.sites) {
    draw->Shuffle(site.mutable_phases());
    draw->Shuffle(site.mutable_specialities());
    draw->Shuffle(site.mutable_capabilities());
    draw->Shuffle(site.mutable_history());
  }
  draw->Shuffle(world.request.mutable_specialities());
  draw->Shuffle(world.request.mutable_required_capabilities());
  draw->Shuffle(world.request.mutable_preferred_capabilities());
  draw->Shuffle(world.request.mutable_regions_wanted());
  draw->Shuffle(world.request.mutable_sites_already_contacted());
  return world;
}

unsigned Seed() {
  const char* text = std::getenv("TRIALGATE_TEST_SEED");
  const unsigned seed = text != nullptr ? std::strtoul(text, nullptr, 10) : std::random_device()();
  std::cout << "TRIALGATE_TEST_SEED=" << seed << std::endl;
  return seed;
}

TEST(MatcherPropertyTest, EverySiteIsEligibleANearMissOrFailsTwice) {
  Drawer draw(Seed());
  for (int round = 0; round < kRounds; ++round) {
    const World world = DrawWorld(&draw);
    const v1::FeasibilityReport report = Match(world.request, 0, *Build(world), kToday);
    std::map<std::string, int> told;
    std::map<v1::Criterion, int> near;
    for (const v1::EligibleSite& site : report.eligible()) ++told[site.site()];
    for (const v1::NearMiss& miss : report.near_misses()) {
      ++told[miss.site()];
      ++near[miss.criterion()];
    }
    for (const auto& [name, times] : told) EXPECT_EQ(times, 1) << name;
    int failures = 0;
    for (const v1::CriterionCount& count : report.failed()) {
      EXPECT_GE(count.sites(), near[count.criterion()]);
      failures += count.sites();
    }
    const int untold = report.sites_considered() - static_cast<int>(told.size());
    EXPECT_EQ(report.sites_considered(), static_cast<int>(world.sites.size()));
    EXPECT_GE(failures, report.near_misses_size() + 2 * untold);
    EXPECT_LE(failures, report.near_misses_size() + 10 * untold);
  }
}

TEST(MatcherPropertyTest, ScoresAndSumsStayInRangeAndOrder) {
  Drawer draw(Seed());
  for (int round = 0; round < kRounds; ++round) {
    const World world = DrawWorld(&draw);
    const v1::FeasibilityReport report = Match(world.request, 0, *Build(world), kToday);
    double previous = 100;
    double patients = 0;
    for (const v1::EligibleSite& site : report.eligible()) {
      EXPECT_TRUE(site.score() >= 0 && site.score() <= previous) << site.ShortDebugString();
      previous = site.score();
      patients += site.expected_patients();
    }
    int in_regions = 0;
    double in_regions_patients = 0;
    for (const v1::RegionSummary& region : report.regions()) {
      in_regions += region.eligible_sites();
      in_regions_patients += region.expected_patients();
    }
    EXPECT_EQ(in_regions, report.eligible_size());
    EXPECT_NEAR(in_regions_patients, patients, 1e-6);
    EXPECT_NEAR(report.forecast().mean(), patients, 1e-6);
    EXPECT_TRUE(std::isfinite(report.forecast().probability()));
  }
}

template <typename Value, typename List>
void Erase(const Value& value, List* list) {
  list->erase(std::remove(list->begin(), list->end(), value), list->end());
}

// The request as a lever changes it, read from what the lever says alone.
v1::TrialRequest Changed(v1::TrialRequest request, const v1::Lever& lever) {
  const std::string& value = lever.value();
  switch (lever.kind()) {
    case v1::LEVER_KIND_DROP_CAPABILITY:
      Erase(value, request.mutable_required_capabilities());
      break;
    case v1::LEVER_KIND_DROP_AGE_GROUP:
      Erase(value == "CHILD" ? 1 : (value == "ADULT" ? 2 : 3),
            request.mutable_population()->mutable_age_groups());
      break;
    case v1::LEVER_KIND_ANY_SPECIALITY:
      request.clear_speciality_mode();
      break;
    case v1::LEVER_KIND_NARROW_PHASE:
      request.set_phase(value == "PHASE1"
                            ? v1::PHASE_PHASE1
                            : (value == "PHASE2" ? v1::PHASE_PHASE2 : v1::PHASE_PHASE3));
      break;
    case v1::LEVER_KIND_ADD_REGION:
      request.add_regions_wanted(value);
      break;
    case v1::LEVER_KIND_LATER_LATEST_FIRST_PATIENT_IN:
      request.set_first_patient_in_latest(value);
      break;
    default: {
      // 2026-06-01 and 2027-01-31 are the dates that are drawn.
      static const std::map<std::string, std::string> kLater = {
          {"2026-06-01+1", "2026-07-01"}, {"2026-06-01+2", "2026-08-01"},
          {"2026-06-01+3", "2026-09-01"}, {"2027-01-31+1", "2027-02-28"},
          {"2027-01-31+2", "2027-03-31"}, {"2027-01-31+3", "2027-04-30"}};
      const std::string earliest = kLater.at(request.first_patient_in_earliest() + "+" + value);
      request.set_first_patient_in_earliest(earliest);
      std::string* latest = request.mutable_first_patient_in_latest();
      if (!latest->empty()) *latest = std::max(*latest, earliest);
    }
  }
  return request;
}

std::set<std::string> EligibleSites(const v1::FeasibilityReport& report) {
  std::set<std::string> sites;
  for (const v1::EligibleSite& site : report.eligible()) sites.insert(site.site());
  return sites;
}

TEST(MatcherPropertyTest, ALeverBringsWhatMatchingTheChangedRequestBrings) {
  Drawer draw(Seed());
  std::map<v1::LeverKind, int> levers;
  for (int round = 0; round < 4 * kRounds; ++round) {
    const World world = DrawWorld(&draw);
    const auto directory = Build(world);
    const v1::FeasibilityReport report = Match(world.request, 0, *directory, kToday);
    const std::set<std::string> before = EligibleSites(report);
    for (const v1::Lever& lever : report.levers()) {
      const v1::FeasibilityReport changed =
          Match(Changed(world.request, lever), 0, *directory, kToday);
      const std::set<std::string> after = EligibleSites(changed);
      int gained = 0;
      for (const std::string& site : after) gained += before.count(site) == 0 ? 1 : 0;
      EXPECT_EQ(lever.sites_gained(), gained) << lever.ShortDebugString();
      EXPECT_EQ(lever.sites_gained() - lever.sites_lost(),
                static_cast<int>(after.size()) - static_cast<int>(before.size()));
      EXPECT_NEAR(lever.expected_patients_gained(),
                  changed.forecast().mean() - report.forecast().mean(), 1e-6);
      ++levers[lever.kind()];
    }
  }
  EXPECT_EQ(levers.size(), 7u) << "the worlds drawn do not show every kind";
}

TEST(MatcherPropertyTest, CountsAreThoseOfWhatIsListed) {
  Drawer draw(Seed());
  for (int round = 0; round < kRounds; ++round) {
    const World world = DrawWorld(&draw);
    const v1::FeasibilityReport report = Match(world.request, 0, *Build(world), kToday);
    EXPECT_EQ(report.eligible_count(), report.eligible_size());
    EXPECT_EQ(report.near_miss_count(), report.near_misses_size());
    for (const v1::CriterionCount& count : report.failed()) {
      int sites = 0;
      double patients = 0;
      for (const v1::NearMiss& miss : report.near_misses()) {
        if (miss.criterion() != count.criterion()) continue;
        ++sites;
        patients += miss.expected_patients();
      }
      EXPECT_EQ(count.near_misses(), sites);
      EXPECT_NEAR(count.near_miss_patients(), patients, 1e-6);
    }
  }
}

TEST(MatcherPropertyTest, TheSameInputsGiveTheSameBytesInAnyOrder) {
  Drawer draw(Seed());
  for (int round = 0; round < kRounds; ++round) {
    const World world = DrawWorld(&draw);
    const std::string bytes = SerializeReport(Match(world.request, 1, *Build(world), kToday));
    EXPECT_EQ(bytes, SerializeReport(Match(world.request, 1, *Build(world), kToday)));
    const World other = Shuffled(world, &draw);
    EXPECT_EQ(bytes, SerializeReport(Match(other.request, 1, *Build(other), kToday)));
  }
}

TEST(MatcherPropertyTest, EachOfTheFiveInputsIsInTheReport) {
  Drawer draw(Seed());
  const World world = DrawWorld(&draw);
  const auto directory = Build(world);
  const std::string bytes = SerializeReport(Match(world.request, 1, *directory, kToday));
  EXPECT_NE(bytes, SerializeReport(Match(world.request, 2, *directory, kToday)));
  EXPECT_NE(bytes, SerializeReport(Match(world.request, 1, *directory, kToday + 1)));
}

}  // namespace
}  // namespace trialgate::feasibility
