#include "services/directory/pack_record_repository.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "services/directory/capacity.h"

namespace trialgate::directory {
namespace {

FieldNames NamesOf(const storage::v1::PackRecord& note) {
  return {note.edited_fields().begin(), note.edited_fields().end()};
}

storage::v1::PackRecord NoteOf(const FieldNames& fields) {
  storage::v1::PackRecord note;
  for (const std::string& field : fields) note.add_edited_fields(field);
  return note;
}

}  // namespace

const store::Table<storage::v1::PackRecord>& PackRecords() {
  static const auto& table =
      *new store::Table<storage::v1::PackRecord>(store::TableId::TABLE_ID_PACK_RECORD);
  return table;
}

template <>
v1::Organization AsInPack(v1::Organization record) {
  record.clear_state();
  return record;
}

template <>
v1::SiteCapacity AsInPack(v1::SiteCapacity record) {
  record.clear_holds();
  record.clear_overbooked_reason();
  return Canonical(record);
}

absl::Status NoteFields(const std::string& name, const FieldNames& fields,
                        store::UnitOfWork* work) {
  if (fields.empty()) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const auto noted, work->Get(PackRecords(), name));
  FieldNames all = fields;
  if (noted.has_value()) {
    const FieldNames known = NamesOf(noted->value);
    // Of the older form: it means more than these.
    if (known.empty()) return absl::OkStatus();
    all.insert(known.begin(), known.end());
    if (all == known) return absl::OkStatus();
  }
  return work->Put(PackRecords(), name, NoteOf(all));
}

absl::StatusOr<FieldNames> EditedSince(const std::string& name,
                                       const google::protobuf::Message& stored,
                                       const google::protobuf::Message& in_pack,
                                       store::UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto noted, work->Get(PackRecords(), name));
  if (!noted.has_value()) return FieldNames();
  FieldNames fields = NamesOf(noted->value);
  if (!fields.empty()) return fields;
  fields = EditedFields(stored, in_pack);
  if (fields.empty()) {
    ABSL_RETURN_IF_ERROR(work->Delete(PackRecords(), name));
  } else {
    ABSL_RETURN_IF_ERROR(work->Put(PackRecords(), name, NoteOf(fields)));
  }
  return fields;
}

}  // namespace trialgate::directory
