#include "common/store/rocksdb_store.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/store/rocksdb_backend.h"
#include "common/store/rocksdb_folder.h"
#include "common/store/sequenced_store.h"

namespace trialgate::store {

absl::StatusOr<std::unique_ptr<Store>> OpenRocksDbStore(const RocksDbStoreOptions& options) {
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<RocksDbFolder> folder, OpenRocksDbFolder(options));
  return NewSequencedStore(NewRocksDbBackend(std::move(folder)), options.store);
}

absl::StatusOr<std::unique_ptr<const Store>> OpenRocksDbStoreReadOnly(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<RocksDbFolder> folder, OpenRocksDbFolderReadOnly(path));
  return NewSequencedStore(NewRocksDbBackend(std::move(folder)), {});
}

}  // namespace trialgate::store
