#include "services/directory/pack_record_repository.h"

#include <utility>

#include "common/base/sha256.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_repository.h"

namespace trialgate::directory {

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

}  // namespace trialgate::directory
