#include "common/store/rocksdb_migrations.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/store/versioned_key.h"
#include "rocksdb/iterator.h"
#include "rocksdb/write_batch.h"
#include "trialgate/storage/v1/commit.pb.h"

namespace trialgate::store {
namespace {

// Entries that one synced write of a migration holds at most.
constexpr int kBatch = 10'000;

absl::Status WriteSynced(const RocksDbFolder& folder, rocksdb::WriteBatch* batch) {
  const rocksdb::Status written = folder.db->Write(SyncedWrite(), batch);
  batch->Clear();
  return written.ok() ? absl::OkStatus() : FromRocksDb(written, "migrate", folder.path);
}

// 0 to 1: the ids of commits get an index.
absl::Status IndexCommitIds(const RocksDbFolder& folder) {
  const std::unique_ptr<rocksdb::Iterator> it(
      folder.db->NewIterator(rocksdb::ReadOptions(), folder.feed));
  rocksdb::WriteBatch batch;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    storage::v1::CommitRecord record;
    if (!record.ParseFromArray(it->value().data(), static_cast<int>(it->value().size()))) {
      return CorruptStore("a record of the feed is unreadable", folder.path);
    }
    batch.Put(folder.commit_ids, record.id(), EncodeNumber(record.number()));
    if (batch.Count() >= kBatch) ABSL_RETURN_IF_ERROR(WriteSynced(folder, &batch));
  }
  if (!it->status().ok()) return FromRocksDb(it->status(), "read", folder.path);
  return WriteSynced(folder, &batch);
}

}  // namespace

absl::Status Migrate(const RocksDbFolder& folder, storage::v1::StoreMeta meta) {
  while (meta.format() < kStoreFormat) {
    switch (meta.format()) {
      case 0:
        ABSL_RETURN_IF_ERROR(IndexCommitIds(folder));
        break;
      default:
        return CorruptStore(absl::StrCat("there is no format ", meta.format()), folder.path);
    }
    meta.set_format(meta.format() + 1);
    rocksdb::WriteBatch batch;
    batch.Put(folder.meta, kMetaKey, meta.SerializeAsString());
    ABSL_RETURN_IF_ERROR(WriteSynced(folder, &batch));
  }
  return absl::OkStatus();
}

}  // namespace trialgate::store
