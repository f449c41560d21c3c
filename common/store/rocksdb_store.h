// The embedded store: a folder that one process at a time holds open.
#ifndef TRIALGATE_COMMON_STORE_ROCKSDB_STORE_H_
#define TRIALGATE_COMMON_STORE_ROCKSDB_STORE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/store/store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace trialgate::store {

struct RocksDbStoreOptions {
  // Created if absent; its parent must exist.
  std::string folder;
  StoreOptions store;
  // Memory for blocks read from disk.
  std::size_t block_cache_bytes = std::size_t{64} << 20;
  // The files' system; null is the machine's. Not owned, outlives the store.
  rocksdb::Env* env = nullptr;
};

// Opens the store in a folder, and creates or migrates it first where needed.
//   FAILED_PRECONDITION (STORE_LOCKED)  another process, or this one, holds the folder;
//   FAILED_PRECONDITION (STORE_FORMAT)  the store is newer than this program reads;
//   FAILED_PRECONDITION (CONFIGURATION) the folder cannot be created, read or written;
//   DATA_LOSS (STORE_CORRUPT)           what lies there is damaged or no store.
// All name the folder, in the message and in the metadata "folder".
//
// A commit is in the synced write-ahead log before it answers. When a write fails, its outcome is
// unknown and the store takes no further commit until it is opened again; reads go on.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksDbStore(const RocksDbStoreOptions& options);

// Opens what lies in a folder without changing it: a backup, or a folder whose server has ended.
// Not one that a server holds, which may remove files meanwhile. FAILED_PRECONDITION
// (STORE_FORMAT): it has another format than this program's, also an older one; the others as
// above, but STORE_LOCKED.
absl::StatusOr<std::unique_ptr<const Store>> OpenRocksDbStoreReadOnly(const std::string& folder);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_ROCKSDB_STORE_H_
