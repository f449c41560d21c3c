// What stands for a record on a day: itself while it is valid, afterwards its successor.
#ifndef TRIALGATE_SERVICES_DIRECTORY_VALIDITY_H_
#define TRIALGATE_SERVICES_DIRECTORY_VALIDITY_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace trialgate::directory {

enum class Validity { kNotYet, kValid, kEnded };

// Where `day` lies to the days from `valid_from` to `valid_to`, both inclusive ISO dates; an empty
// one is unbounded.
Validity ValidityOn(absl::string_view valid_from, absl::string_view valid_to, absl::CivilDay day);

// The record that `name` stands for on `day`: itself while valid; once ended its successor, and so
// on. nullptr where there is no record of a name on the way, one is not yet valid, or the last has
// no successor; and where successors form a cycle.
template <typename Record>
const Record* StandsFor(
    const std::map<std::string, std::shared_ptr<const Record>, std::less<>>& records,
    absl::string_view name, absl::CivilDay day) {
  std::string at(name);
  // No chain without a cycle is longer than there are records.
  for (std::size_t step = 0; step < records.size(); ++step) {
    const auto found = records.find(at);
    if (found == records.end()) return nullptr;
    const Record& record = *found->second;
    switch (ValidityOn(record.valid_from(), record.valid_to(), day)) {
      case Validity::kValid:
        return &record;
      case Validity::kNotYet:
        return nullptr;
      case Validity::kEnded:
        at = record.successor();
    }
  }
  return nullptr;
}

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_VALIDITY_H_
