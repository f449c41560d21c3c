// The rules of CDAs: when one is in force, and what is wrong with one.
#ifndef TRIALGATE_SERVICES_ACCESS_CDA_H_
#define TRIALGATE_SERVICES_ACCESS_CDA_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "trialgate/v1/cda.pb.h"

namespace trialgate::access {

// Whether it is in force on `day`: from its effective to its expiry date, both included, unless it
// was revoked.
bool IsInForce(const v1::Cda& cda, absl::CivilDay day);

// Whether `name` has the form `cdas/{id}`.
bool IsCdaName(absl::string_view name);

}  // namespace trialgate::access

#endif  // TRIALGATE_SERVICES_ACCESS_CDA_H_
