// What the directory answers where it has no record of a name.
#ifndef TRIALGATE_SERVICES_DIRECTORY_NOT_FOUND_H_
#define TRIALGATE_SERVICES_DIRECTORY_NOT_FOUND_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trialgate::directory {

// NOT_FOUND of the resource `name` of `type`, a message of trialgate.v1 ("Site"). Shows the first
// 200 bytes of the name.
absl::Status NotFoundError(absl::string_view type, absl::string_view name);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_NOT_FOUND_H_
