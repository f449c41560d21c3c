// The names of requests, and of what lies below them.
#ifndef TRIALGATE_SERVICES_ROUTING_RESOURCE_NAMES_H_
#define TRIALGATE_SERVICES_ROUTING_RESOURCE_NAMES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trialgate::routing {

// Whether `name` has the form `trialRequests/{id}`.
bool IsTrialRequestName(absl::string_view name);

// Whether it has the form `trialRequests/{id}/{collection}/{id}`.
bool IsNameBelowRequest(absl::string_view name, absl::string_view collection);

// `trialRequests/{id}` of a name at or below it.
std::string RequestOf(absl::string_view name);

// NOT_FOUND, in the same words whether there is no such resource or it may not be seen. `type` is
// such as "trialgate.v1.Referral".
absl::Status NotFoundError(absl::string_view type, absl::string_view name);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_RESOURCE_NAMES_H_
