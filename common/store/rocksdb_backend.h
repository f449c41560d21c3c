// The backend of the RocksDB store, over an open database; FORMAT.md describes its column families.
#ifndef TRIALGATE_COMMON_STORE_ROCKSDB_BACKEND_H_
#define TRIALGATE_COMMON_STORE_ROCKSDB_BACKEND_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/store/backend.h"
#include "common/store/rocksdb_folder.h"

namespace trialgate::store {

std::unique_ptr<Backend> NewRocksDbBackend(std::unique_ptr<RocksDbFolder> folder);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_ROCKSDB_BACKEND_H_
