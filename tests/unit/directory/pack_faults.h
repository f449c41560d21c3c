// What a test asks of packs: their faults, as short texts.
#ifndef TRIALGATE_TESTS_UNIT_DIRECTORY_PACK_FAULTS_H_
#define TRIALGATE_TESTS_UNIT_DIRECTORY_PACK_FAULTS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/directory/fault.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

// Each fault as "file: place REASON".
std::vector<std::string> Told(const Faults& faults);

// The faults of the tiny pack after `change` was made to the message of the file `path`.
std::vector<std::string> FaultsAfter(absl::string_view path,
                                     const std::function<void(v1::Pack*)>& change);

}  // namespace trialgate::directory

#endif  // TRIALGATE_TESTS_UNIT_DIRECTORY_PACK_FAULTS_H_
