// Steps from each older format of the store to the next; FORMAT.md tells the formats apart.
#ifndef TRIALGATE_COMMON_STORE_ROCKSDB_MIGRATIONS_H_
#define TRIALGATE_COMMON_STORE_ROCKSDB_MIGRATIONS_H_

#include "absl/status/status.h"
#include "common/store/rocksdb_folder.h"
#include "trialgate/storage/v1/meta.pb.h"

namespace trialgate::store {

// Takes every step from `meta.format()` to kStoreFormat. Each step is durable before the next and
// may be taken again when it was interrupted. Errors as for OpenRocksDbStore.
absl::Status Migrate(const RocksDbFolder& folder, storage::v1::StoreMeta meta);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_ROCKSDB_MIGRATIONS_H_
