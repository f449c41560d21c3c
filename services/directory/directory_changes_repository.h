// Which records of the directory have changed.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_CHANGES_REPOSITORY_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_CHANGES_REPOSITORY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/store/store.h"
#include "services/directory/directory_snapshot.h"

namespace trialgate::directory {

// The names of records that came, changed or went from one snapshot to the other, which was made of
// it; ledgers of slots by the name of the capacity, those that were never set not among them.
std::vector<std::string> ChangedNames(const DirectorySnapshot& before,
                                      const DirectorySnapshot& now);

// The names of the records behind the store's keys `written`, each once; a person's is the
// contact's.
std::vector<std::string> DirectoryNames(absl::Span<const std::string> written);

// The names of the records that commits after `since` up to `as_of` have written. Errors are those
// of Store::ReadFeed.
absl::StatusOr<std::vector<std::string>> DirectoryNamesWritten(const store::Store& store,
                                                               store::CommitNumber since,
                                                               store::CommitNumber as_of);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_CHANGES_REPOSITORY_H_
