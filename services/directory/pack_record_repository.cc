#include "services/directory/pack_record_repository.h"

#include <string>
#include <utility>
#include <vector>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"

namespace trialgate::directory {
namespace {

template <typename P>
absl::Status RemoveEditedOf(const store::Store& store, store::CommitNumber as_of,
                            google::protobuf::RepeatedPtrField<P>* records) {
  std::vector<std::string> names;
  for (const P& record : *records) names.push_back(record.name());
  ABSL_ASSIGN_OR_RETURN(const auto noted, store::ReadRows(store, PackRecords(), names, as_of));
  google::protobuf::RepeatedPtrField<P> rest;
  for (int i = 0; i < records->size(); ++i) {
    P& record = *records->Mutable(i);
    if (noted[i].has_value() && noted[i]->value.sha256() == PackHash(AsInPack(record))) continue;
    *rest.Add() = std::move(record);
  }
  records->Swap(&rest);
  return absl::OkStatus();
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
v1::Contact AsInPack(v1::Contact record) {
  return WithoutPerson(std::move(record));
}

template <>
v1::SiteCapacity AsInPack(v1::SiteCapacity record) {
  record.clear_holds();
  record.clear_overbooked_reason();
  return Canonical(record);
}

std::string PackHash(const google::protobuf::MessageLite& record) {
  return Sha256(store::internal::SerializePayload(record));
}

absl::Status RemoveEdited(const store::Store& store, store::CommitNumber as_of, v1::Pack* pack) {
  ABSL_RETURN_IF_ERROR(RemoveEditedOf(store, as_of, pack->mutable_regions()));
  ABSL_RETURN_IF_ERROR(RemoveEditedOf(store, as_of, pack->mutable_desks()));
  ABSL_RETURN_IF_ERROR(RemoveEditedOf(store, as_of, pack->mutable_contacts()));
  ABSL_RETURN_IF_ERROR(RemoveEditedOf(store, as_of, pack->mutable_sites()));
  ABSL_RETURN_IF_ERROR(RemoveEditedOf(store, as_of, pack->mutable_capacities()));
  return RemoveEditedOf(store, as_of, pack->mutable_organizations());
}

}  // namespace trialgate::directory
