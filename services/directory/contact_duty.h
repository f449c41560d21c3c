// When a contact can be asked, and who stands in.
#ifndef TRIALGATE_SERVICES_DIRECTORY_CONTACT_DUTY_H_
#define TRIALGATE_SERVICES_DIRECTORY_CONTACT_DUTY_H_

#include <string>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

// Whether `contact` left its desk before `day`.
bool HasLeft(const v1::Contact& contact, absl::CivilDay day);

// Whether no absence of `contact` contains `day`, and it has not left.
bool IsOnDuty(const v1::Contact& contact, absl::CivilDay day);

// The last day, "YYYY-MM-DD", of the absences of `contact` that follow on each other without a day
// between them, from the one that contains `day` on; empty: none does.
std::string AwayUntil(const v1::Contact& contact, absl::CivilDay day);

// The first of its deputies who is a person and on duty on `day`; nullptr where none is.
const v1::Contact* FirstDeputyOnDuty(const v1::Contact& contact, const DirectorySnapshot& directory,
                                     absl::CivilDay day);

// Who does on `day` what `contact` would do: the first deputy on duty, else its desk's lead, where
// that is another and on duty; nullptr where nobody at the desk does.
const v1::Contact* StandIn(const v1::Contact& contact, const DirectorySnapshot& directory,
                           absl::CivilDay day);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_CONTACT_DUTY_H_
