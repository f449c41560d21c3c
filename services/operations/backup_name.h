// Names of backups.
#ifndef TRIALGATE_SERVICES_OPERATIONS_BACKUP_NAME_H_
#define TRIALGATE_SERVICES_OPERATIONS_BACKUP_NAME_H_

#include "absl/strings/string_view.h"

namespace trialgate::operations {

// Whether `name` is 1 to 63 lower-case letters, digits and hyphens, not a hyphen first: a folder of
// this name lies below that in which it is made, and nowhere else.
bool IsBackupName(absl::string_view name);

}  // namespace trialgate::operations

#endif  // TRIALGATE_SERVICES_OPERATIONS_BACKUP_NAME_H_
