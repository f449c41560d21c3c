// Which fields of which records people set by verbs, so that no pack undoes it (pack_merge.h).
//
// Noted are names of fields, never values: of persons nothing that could be guessed from. A note of
// an older form names none, since only a hash was kept; it means all in which the record differs
// from the next pack's, which makes it one of the present form.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_RECORD_REPOSITORY_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_RECORD_REPOSITORY_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "services/directory/pack_merge.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/organization.pb.h"

namespace trialgate::directory {

// By the record's name.
const store::Table<storage::v1::PackRecord>& PackRecords();

// `record` as a pack may have it: without what the server or other verbs keep in it. Of a contact
// with its person's fields, where they are given.
template <typename P>
P AsInPack(P record) {
  return record;
}
template <>
v1::Organization AsInPack(v1::Organization record);
template <>
v1::SiteCapacity AsInPack(v1::SiteCapacity record);

// Notes in `work` that somebody sets fields of the record `name`, besides those that are noted.
absl::Status NoteFields(const std::string& name, const FieldNames& fields, store::UnitOfWork* work);

// Notes in `work` what somebody sets by making `after` of the record `name`, which is `before` now
// (nullopt: it is created).
template <typename P>
absl::Status NoteEdit(const std::string& name, const std::optional<store::Row<P>>& before,
                      const P& after, store::UnitOfWork* work) {
  const P was = before.has_value() ? before->value : P();
  return NoteFields(name, EditedFields(AsInPack(was), AsInPack(after)), work);
}

// The fields of the record `name` that people set; `stored` is the record, `in_pack` the one of a
// pack that is applied in `work`, which rewrites a note of the older form.
absl::StatusOr<FieldNames> EditedSince(const std::string& name,
                                       const google::protobuf::Message& stored,
                                       const google::protobuf::Message& in_pack,
                                       store::UnitOfWork* work);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_RECORD_REPOSITORY_H_
