// Draws directories and requests whose values meet often, with everything that matching reads.
#ifndef TRIALGATE_TESTS_UNIT_FEASIBILITY_RANDOM_WORLD_H_
#define TRIALGATE_TESTS_UNIT_FEASIBILITY_RANDOM_WORLD_H_

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "tests/unit/feasibility/fixture.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

class RandomWorld {
 public:
  explicit RandomWorld(unsigned seed) : random_(seed) {}

  int Int(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Maybe(double probability) { return std::bernoulli_distribution(probability)(random_); }

  // Of the country of the fixture, with so many sites.
  std::shared_ptr<const directory::DirectorySnapshot> Directory(int sites);

  // With some sites changed, added or erased, or a region or the policy changed.
  std::shared_ptr<const directory::DirectorySnapshot> Changed(
      const directory::DirectorySnapshot& directory);

  v1::TrialRequest Request(absl::CivilDay today);

 private:
  v1::Site Site(int number);
  v1::SiteCapacity Capacity(int number);
  void AddHistory(v1::Site* site);
  void SetTiming(absl::CivilDay today, v1::TrialRequest* request);
  void MaybeSample(v1::Source* source);

  template <typename Value, typename Add>
  void Some(const std::vector<Value>& values, double probability, Add add) {
    for (const Value& value : values) {
      if (Maybe(probability)) add(value);
    }
  }

  std::mt19937 random_;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_TESTS_UNIT_FEASIBILITY_RANDOM_WORLD_H_
