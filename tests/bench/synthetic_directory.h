// Invented directories of any size for benchmarks, with requests that match known shares of them.
#ifndef TRIALGATE_TESTS_BENCH_SYNTHETIC_DIRECTORY_H_
#define TRIALGATE_TESTS_BENCH_SYNTHETIC_DIRECTORY_H_

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::bench {

inline constexpr absl::CivilDay kSyntheticToday(2026, 3, 5);
inline constexpr int kSyntheticSpecialities = 40;
inline constexpr int kSyntheticCapabilities = 300;
inline constexpr int kSyntheticMonths = 60;

// Regions of a directory of so many sites: 5 for 1,000, 50 for 1,000,000.
int SyntheticRegions(int sites);

// Vocabularies, policy and time zone, as a pack's settings.
v1::Pack SyntheticSettings();
std::vector<v1::Region> SyntheticRegionList(int sites);

// Draws sites one by one with a fixed seed: every run draws the same. Each has 1 to 6 specialities,
// up to 20 capabilities, and 60 months of use from the month of kSyntheticToday on.
class SyntheticSites {
 public:
  explicit SyntheticSites(int sites) : regions_(SyntheticRegions(sites)) {}

  struct SiteWithCapacity {
    v1::Site site;
    v1::SiteCapacity capacity;
  };
  // The next one; names ascend.
  SiteWithCapacity Next();

 private:
  int Int(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Maybe(double probability) { return std::bernoulli_distribution(probability)(random_); }
  void AddProfile(v1::Site* site);
  void AddRecord(v1::Site* site);

  const int regions_;
  int number_ = 0;
  std::mt19937 random_{20260305};
};

std::shared_ptr<const directory::DirectorySnapshot> SyntheticDirectory(int sites);

struct SyntheticRequest {
  std::string name;  // "0.2 %"
  v1::TrialRequest request;
};

// Requests that match about 0.2 %, 7 % and 50 % of the sites.
std::vector<SyntheticRequest> SyntheticRequests();

}  // namespace trialgate::bench

#endif  // TRIALGATE_TESTS_BENCH_SYNTHETIC_DIRECTORY_H_
