// A copy of an open RocksDB store in a folder of its own.
#ifndef TRIALGATE_COMMON_STORE_ROCKSDB_COPY_H_
#define TRIALGATE_COMMON_STORE_ROCKSDB_COPY_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/store/rocksdb_folder.h"
#include "trialgate/storage/v1/commit.pb.h"

namespace trialgate::store {

// As Store::CopyTo. The copy was opened once, as it would be to serve from it. Files that RocksDB
// never changes are shared with the source by hard links where both lie on one disk: keep copies on
// another. May be called from any thread, not for one folder at the same time.
absl::StatusOr<storage::v1::Head> CopyRocksDb(const RocksDbFolder& source,
                                              const std::string& folder);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_ROCKSDB_COPY_H_
