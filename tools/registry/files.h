// Reads packs and registry files from disk.
#ifndef TRIALGATE_TOOLS_REGISTRY_FILES_H_
#define TRIALGATE_TOOLS_REGISTRY_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/registry/places.h"
#include "tools/registry/registered_trial.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::registry {

// Below a pack's folder: what `trialgate pack experience` writes, and the hospitals' names.
inline constexpr char kExperienceFile[] = "experience.json";
inline constexpr char kPlacesFile[] = "registry/places.yaml";

// The pack in `folder` without its counted trials and without the values of sample/, checked as a
// server would. Errors name what is at fault.
absl::StatusOr<v1::Pack> ReadPackWithoutExperience(const std::string& folder);

absl::StatusOr<Places> ReadPlacesOf(const std::string& folder);

// The trials at each path: a folder of study records (every .json in it, by name), a study record,
// or a list of trials. `country` is its English name.
absl::StatusOr<std::vector<RegisteredTrial>> ReadTrials(const std::vector<std::string>& paths,
                                                        absl::string_view country);

}  // namespace trialgate::registry

#endif  // TRIALGATE_TOOLS_REGISTRY_FILES_H_
