#include "common/store/rocksdb_migrations.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/table.h"
#include "common/store/versioned_key.h"
#include "rocksdb/iterator.h"
#include "rocksdb/write_batch.h"
#include "trialgate/storage/v1/commit.pb.h"
#include "trialgate/v1/errors.pb.h"

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

// Whether any version of a row of `table` was ever written.
absl::StatusOr<bool> HasRows(const RocksDbFolder& folder, TableId table) {
  const std::string prefix = internal::TablePrefix(table);
  const std::unique_ptr<rocksdb::Iterator> it(
      folder.db->NewIterator(rocksdb::ReadOptions(), folder.data));
  it->Seek(prefix);
  if (!it->status().ok()) return FromRocksDb(it->status(), "read", folder.path);
  return it->Valid() && it->key().starts_with(prefix);
}

// 1 to 2: nothing to change, but fields of persons that are not encrypted could never be erased.
absl::Status RefusePlainPersons(const RocksDbFolder& folder) {
  for (const TableId table : {TableId::TABLE_ID_CONTACT_PERSON, TableId::TABLE_ID_TRIAL_REQUEST}) {
    ABSL_ASSIGN_OR_RETURN(const bool has_rows, HasRows(folder, table));
    if (!has_rows) continue;
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STORE_FORMAT,
                 absl::StrCat("the data folder ", folder.path,
                              " has format 1 and holds persons' fields that are not encrypted, in "
                              "versions that are never removed, so that they could not be erased: "
                              "begin with a new folder, and remove this one and its copies"))
        .WithMetadata("folder", folder.path)
        .WithMetadata("format", "1");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(const RocksDbFolder& folder, storage::v1::StoreMeta meta) {
  while (meta.format() < kStoreFormat) {
    switch (meta.format()) {
      case 0:
        ABSL_RETURN_IF_ERROR(IndexCommitIds(folder));
        break;
      case 1:
        ABSL_RETURN_IF_ERROR(RefusePlainPersons(folder));
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
