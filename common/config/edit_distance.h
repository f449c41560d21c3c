// Which known name was meant by a name that is not known.
#ifndef TRIALGATE_COMMON_CONFIG_EDIT_DISTANCE_H_
#define TRIALGATE_COMMON_CONFIG_EDIT_DISTANCE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace trialgate::config {

// Insertions, deletions and replacements of bytes that turn one text into the other, at least.
int EditDistance(absl::string_view from, absl::string_view to);

// The first of `known` at the least distance; empty where there is none.
std::string NearestOf(absl::string_view name, const std::vector<std::string>& known);

}  // namespace trialgate::config

#endif  // TRIALGATE_COMMON_CONFIG_EDIT_DISTANCE_H_
