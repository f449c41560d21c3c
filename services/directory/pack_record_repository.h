// Which records people changed since a pack set them, so that the same pack, applied again, does
// not undo it.
//
// Of such a record the hash is kept of how the pack last had it. A later pack whose record has that
// hash has nothing new to say of it, and the record stays; any other is newer than the change, and
// replaces it. Fields of persons are no part of it: no hash is kept that could be guessed from.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_RECORD_REPOSITORY_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_RECORD_REPOSITORY_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/organization.pb.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

// By the record's name.
const store::Table<storage::v1::PackRecord>& PackRecords();

// `record` as a pack may have it: without what the server or other verbs keep in it.
template <typename P>
P AsInPack(P record) {
  return record;
}
template <>
v1::Organization AsInPack(v1::Organization record);
template <>
v1::Contact AsInPack(v1::Contact record);
template <>
v1::SiteCapacity AsInPack(v1::SiteCapacity record);

// SHA-256 of a record that AsInPack returned.
std::string PackHash(const google::protobuf::MessageLite& record);

// Notes in `work` that somebody changes the record `name`, which is `before` now (nullopt: it is
// created).
template <typename P>
absl::Status NoteEdit(const std::string& name, const std::optional<store::Row<P>>& before,
                      store::UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto noted, work->Get(PackRecords(), name));
  if (noted.has_value()) return absl::OkStatus();
  storage::v1::PackRecord record;
  if (before.has_value()) record.set_sha256(PackHash(AsInPack(before->value)));
  return work->Put(PackRecords(), name, record);
}

// Whether the record `name`, which differs from the pack's, was changed since the pack last had it
// as it has it now. Where the pack's is newer, the note is removed: the pack's record is to be put.
template <typename P>
absl::StatusOr<bool> KeepsEdit(const std::string& name, const P& in_pack, store::UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto noted, work->Get(PackRecords(), name));
  if (!noted.has_value()) return false;
  if (noted->value.sha256() == PackHash(AsInPack(in_pack))) return true;
  ABSL_RETURN_IF_ERROR(work->Delete(PackRecords(), name));
  return false;
}

// Takes out of `pack`, a loaded one, the records of which KeepsEdit holds as of a commit: applying
// the pack leaves them as they are.
absl::Status RemoveEdited(const store::Store& store, store::CommitNumber as_of, v1::Pack* pack);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_RECORD_REPOSITORY_H_
