// A folder opened as a RocksDB database with the store's column families, in the current format.
#ifndef TRIALGATE_COMMON_STORE_ROCKSDB_FOLDER_H_
#define TRIALGATE_COMMON_STORE_ROCKSDB_FOLDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/rocksdb_store.h"
#include "rocksdb/db.h"

namespace trialgate::store {

// The format that this program writes; see FORMAT.md.
inline constexpr int kStoreFormat = 2;

// Keys in the column family "default".
inline constexpr char kMetaKey[] = "meta";
inline constexpr char kHeadKey[] = "head";

// Names of the other column families.
inline constexpr char kDataFamily[] = "data";
inline constexpr char kFeedFamily[] = "feed";
inline constexpr char kCommitIdsFamily[] = "commit_ids";

// An open database. Immutable after opening, so its members may be used from any thread.
struct RocksDbFolder {
  RocksDbFolder() = default;
  ~RocksDbFolder();
  RocksDbFolder(const RocksDbFolder&) = delete;
  RocksDbFolder& operator=(const RocksDbFolder&) = delete;

  std::string path;
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* meta = nullptr;
  rocksdb::ColumnFamilyHandle* data = nullptr;
  rocksdb::ColumnFamilyHandle* feed = nullptr;
  rocksdb::ColumnFamilyHandle* commit_ids = nullptr;
  // Every handle of the database, those of unknown families too.
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
};

// Opens, creating or migrating as needed; errors as for OpenRocksDbStore.
absl::StatusOr<std::unique_ptr<RocksDbFolder>> OpenRocksDbFolder(
    const RocksDbStoreOptions& options);

// Opens what is there to be read; errors as for OpenRocksDbStoreReadOnly.
absl::StatusOr<std::unique_ptr<RocksDbFolder>> OpenRocksDbFolderReadOnly(const std::string& folder);

// How every commit is written: synced before it returns.
rocksdb::WriteOptions SyncedWrite();

// `status` of an operation on `folder` as an error of ours. `doing` goes on after "cannot".
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view doing,
                         absl::string_view folder);
// DATA_LOSS (STORE_CORRUPT).
absl::Status CorruptStore(absl::string_view what, absl::string_view folder);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_ROCKSDB_FOLDER_H_
