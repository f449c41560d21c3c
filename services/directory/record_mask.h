// Updates by mask: whole top-level fields of a record are taken from a message.
//
//   EditableFields fields{{"display_name", "city"}, {{"valid_to", "is changed by EndSite"}}};
//   ABSL_ASSIGN_OR_RETURN(const auto changed, MergeEdit(mask, wanted, fields, "site", &site,
//                                                       &faults));
#ifndef TRIALGATE_SERVICES_DIRECTORY_RECORD_MASK_H_
#define TRIALGATE_SERVICES_DIRECTORY_RECORD_MASK_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "services/directory/fault.h"

namespace trialgate::directory {

// What a caller may change of a record by an update. Fields that are in none of these exist, and
// others than this caller may change them.
struct EditableFields {
  std::set<std::string> editable;
  // Fields that no update changes, each with what is said: "is changed by EndSite".
  std::map<std::string, std::string> fixed;
  // Fields that the server sets, besides etag: they are passed over where no mask names them. So
  // is the name, which tells of which record is spoken.
  std::set<std::string> set_by_server = {};
};

// Takes from `wanted` into `record`, which is of the same type, the fields that `mask` names: whole
// top-level fields; those that are given, for an empty mask; for `*` all that are editable, absent
// ones cleared. Returns the fields that differ now.
//   faults: UNKNOWN_FIELD for a path that is no field; FIELD_NOT_EDITABLE for one that the server
//   sets
//     and that is named, and for a fixed one that is named, or given with another value than the
//     record's; `field` is where `wanted` stands in the
//     request;
//   PERMISSION_DENIED (ROLE_NOT_PERMITTED), naming all fields that the caller may not change and
//     that are named, or given with another value.
absl::StatusOr<std::set<std::string>> MergeEdit(const google::protobuf::FieldMask& mask,
                                                const google::protobuf::Message& wanted,
                                                const EditableFields& fields,
                                                absl::string_view field,
                                                google::protobuf::Message* record, Faults* faults);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_RECORD_MASK_H_
