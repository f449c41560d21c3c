// Whose it is to change which part of the directory.
#ifndef TRIALGATE_SERVICES_DIRECTORY_EDIT_RIGHTS_H_
#define TRIALGATE_SERVICES_DIRECTORY_EDIT_RIGHTS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::directory {

// Each: PERMISSION_DENIED (ROLE_NOT_PERMITTED) unless `principal` is national or, as `what` is to
// be changed, such as "this site",
//   coordinates at the desk that answers today for `region`, where the site stands;
absl::Status MayEditSite(const v1::Principal& principal, const DirectorySnapshot& directory,
                         absl::string_view region, absl::CivilDay today, absl::string_view what);
//   coordinates at `desk`;
absl::Status MayEditDesk(const v1::Principal& principal, absl::string_view desk,
                         absl::string_view what);
//   coordinates at a desk that answers for `region`, and has not ended.
absl::Status MayEditRegion(const v1::Principal& principal, const DirectorySnapshot& directory,
                           absl::string_view region, absl::CivilDay today);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_EDIT_RIGHTS_H_
