// Maps a matching or forecast case to the program's messages.
#ifndef TRIALGATE_TESTS_CONFORMANCE_MATCH_CASE_H_
#define TRIALGATE_TESTS_CONFORMANCE_MATCH_CASE_H_

#include <memory>

#include "absl/time/civil_time.h"
#include "nlohmann/json.hpp"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::conformance {

struct MatchCase {
  v1::TrialRequest request;
  std::shared_ptr<const directory::DirectorySnapshot> directory;
  absl::CivilDay today;
};

// An absent field is empty, none, or never. Ends the test program where a value has another type or
// an enumeration does not know it.
MatchCase ToMatchCase(const nlohmann::json& json);

}  // namespace trialgate::conformance

#endif  // TRIALGATE_TESTS_CONFORMANCE_MATCH_CASE_H_
