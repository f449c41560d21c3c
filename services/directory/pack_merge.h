// What a pack changes of a record that people changed, field by field: what a verb set stays until
// a verb changes it, and the pack gives the rest. Pure.
//
//   const FieldNames edited = EditedFields(before, after);   // when a verb changes a record
//   ...
//   v1::Site site = in_pack;                                 // when a pack has it again
//   KeepFields(stored, edited, &site);
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_MERGE_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_MERGE_H_

#include <set>
#include <string>

#include "google/protobuf/message.h"
#include "services/directory/directory_snapshot.h"
#include "services/directory/fault.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

// Names of top-level fields.
using FieldNames = std::set<std::string>;

// display_name, email and phone.
const FieldNames& PersonFieldNames();

// The fields in which two versions of a record of one type differ, name and etag aside, and what
// belongs to them: to valid_to the successor, and the other way round; to a contact's display_name,
// which makes it another person, email and phone; to any field of a capacity all of it, since its
// source speaks of slots and months.
FieldNames EditedFields(const google::protobuf::Message& before,
                        const google::protobuf::Message& after);

// Sets the fields `names` of `record` as `stored`, of the same type, has them; unknown names are
// passed over.
void KeepFields(const google::protobuf::Message& stored, const FieldNames& names,
                google::protobuf::Message* record);

// As KeepFields for a contact of which `stored` has the person's fields, absent where there is
// nobody. The person stays as a whole where `erased`, or where people set any of its fields and the
// pack names nobody.
void KeepContact(const v1::Contact& stored, const FieldNames& edited, bool erased,
                 v1::Contact* contact);

// What the records of `after` are to each other and in themselves, by the rules of a pack, and
// those of `before` are not: two records that are right alone can be wrong together. The place of a
// fault begins with the record's name.
void CheckMerged(const DirectorySnapshot& before, const DirectorySnapshot& after, Faults* faults);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_MERGE_H_
