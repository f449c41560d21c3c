// Who has the open referrals of a desk once it, or what it answers for, has ended. Pure.
#ifndef TRIALGATE_SERVICES_DIRECTORY_SUCCESSION_H_
#define TRIALGATE_SERVICES_DIRECTORY_SUCCESSION_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

// The desk that has on `day` what `desk` has: the one that it stands for then
// (DirectorySnapshot::DeskOn); where that is a regional desk none of whose regions is valid any
// more, the regional desk of the first of them that stands for another. nullptr: there is no such
// desk, and its referrals stay where they are.
const v1::Desk* DeskInChargeOn(const DirectorySnapshot& directory, absl::string_view desk,
                               absl::CivilDay day);

// Every desk for which another is in charge on `day`, with that one.
std::map<std::string, const v1::Desk*> SucceededDesksOn(const DirectorySnapshot& directory,
                                                        absl::CivilDay day);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_SUCCESSION_H_
