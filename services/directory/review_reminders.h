// What of the directory somebody should look over again.
#ifndef TRIALGATE_SERVICES_DIRECTORY_REVIEW_REMINDERS_H_
#define TRIALGATE_SERVICES_DIRECTORY_REVIEW_REMINDERS_H_

#include <vector>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

// Whether the principal keeps the site's profile and capacity on `today`: a national coordinator,
// or one of the desk that answers for the site's region then.
bool KeepsSite(const v1::Principal& principal, const DirectorySnapshot& directory,
               const v1::Site& site, absl::CivilDay today);

// Whether the principal keeps the region's texts: a national coordinator, or one of a desk of kind
// REGION that names it, also before the region is valid.
bool KeepsRegion(const v1::Principal& principal, const DirectorySnapshot& directory,
                 const v1::Region& region);

// The profiles, capacities and texts of regions that the principal keeps, of all that has not ended
// by `today`; a site without a capacity has none to review. In no order.
std::vector<v1::ReviewReminder> ReviewRemindersOf(const v1::Principal& principal,
                                                  const DirectorySnapshot& directory,
                                                  absl::CivilDay today);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_REVIEW_REMINDERS_H_
