#include "common/store/rocksdb_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/chain.h"
#include "common/store/rocksdb_migrations.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "trialgate/storage/v1/commit.pb.h"
#include "trialgate/storage/v1/meta.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

namespace fs = std::filesystem;

Error FolderError(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message,
                  absl::string_view folder) {
  return Error(code, reason, message).WithMetadata("folder", folder);
}

absl::Status Unusable(absl::string_view folder, absl::string_view why) {
  return FolderError(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
                     absl::StrCat("the data folder ", folder, " cannot be used: ", why), folder);
}

// Whether RocksDB left this file when the making of a database broke off before it had a CURRENT.
bool IsLeftover(absl::string_view name) {
  return name == "LOCK" || name == "IDENTITY" || absl::StartsWith(name, "LOG") ||
         absl::StartsWith(name, "MANIFEST-") || absl::StartsWith(name, "OPTIONS-") ||
         absl::EndsWith(name, ".dbtmp") || absl::EndsWith(name, ".log");
}

// Makes the entry of a new folder in its parent durable.
void SyncParent(const fs::path& folder) {
  const fs::path parent = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  const int fd = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

// Makes sure that there is a folder that may be written, and that holds a database or nothing.
// Returns whether it holds one.
absl::StatusOr<bool> PrepareFolder(const std::string& folder) {
  if (folder.empty()) return Unusable(folder, "no folder is named");
  std::error_code error;
  if (fs::create_directory(folder, error)) {
    fs::permissions(folder, fs::perms::owner_all, error);
    SyncParent(folder);
  }
  if (error) return Unusable(folder, error.message());
  if (access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return Unusable(folder, std::error_code(errno, std::generic_category()).message());
  }
  if (fs::exists(fs::path(folder) / "CURRENT", error)) return true;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (IsLeftover(name)) continue;
    return Unusable(folder, absl::StrCat("it holds no store, but other files (", name, ")"));
  }
  if (error) return Unusable(folder, error.message());
  return false;
}

rocksdb::Options DatabaseOptions(const RocksDbStoreOptions& options) {
  rocksdb::Options db;
  if (options.env != nullptr) db.env = options.env;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // Neither recycled logs nor pipelined writes: a commit that was answered must be found again, and
  // one that failed must not come to light behind later ones.
  db.recycle_log_file_num = 0;
  db.enable_pipelined_write = false;
  db.max_total_wal_size = std::uint64_t{256} << 20;
  db.keep_log_file_num = 5;
  db.max_log_file_size = std::size_t{8} << 20;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_open_files = 1000;
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const rocksdb::Options& db,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions family(db);
  family.write_buffer_size = std::size_t{32} << 20;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

// What there is to be opened, with all families that it has; with `make` also those that it should
// have.
absl::StatusOr<std::vector<std::string>> FamilyNames(const rocksdb::Options& db,
                                                     const std::string& folder, bool exists,
                                                     bool make) {
  std::vector<std::string> names;
  if (exists) {
    const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(db, folder, &names);
    if (!listed.ok()) return FromRocksDb(listed, "read", folder);
  }
  for (const char* name : {"default", kDataFamily, kFeedFamily, kCommitIdsFamily}) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (!make) return CorruptStore(absl::StrCat("it has no family ", name), folder);
    names.push_back(name);
  }
  return names;
}

// Opens the database with all families that it has or should have.
absl::StatusOr<std::unique_ptr<RocksDbFolder>> OpenDatabase(const RocksDbStoreOptions& options,
                                                            bool exists, bool read_only) {
  const rocksdb::Options db_options = DatabaseOptions(options);
  ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                        FamilyNames(db_options, options.folder, exists, !read_only));
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) {
    families.emplace_back(name, FamilyOptions(db_options, cache));
  }
  auto folder = std::make_unique<RocksDbFolder>();
  folder->path = options.folder;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      read_only ? rocksdb::DB::OpenForReadOnly(db_options, options.folder, families,
                                               &folder->handles, &db)
                : rocksdb::DB::Open(db_options, options.folder, families, &folder->handles, &db);
  if (!opened.ok()) return FromRocksDb(opened, "open", options.folder);
  folder->db.reset(db);
  for (rocksdb::ColumnFamilyHandle* handle : folder->handles) {
    if (handle->GetName() == "default") folder->meta = handle;
    if (handle->GetName() == kDataFamily) folder->data = handle;
    if (handle->GetName() == kFeedFamily) folder->feed = handle;
    if (handle->GetName() == kCommitIdsFamily) folder->commit_ids = handle;
  }
  return folder;
}

// Writes meta and head of a new store.
absl::Status Initialize(const RocksDbFolder& folder, const Clock* clock) {
  const std::unique_ptr<rocksdb::Iterator> feed(
      folder.db->NewIterator(rocksdb::ReadOptions(), folder.feed));
  feed->SeekToFirst();
  if (feed->Valid()) return CorruptStore("it has a feed but no format number", folder.path);
  storage::v1::StoreMeta meta;
  meta.set_format(kStoreFormat);
  meta.set_created_unix_nanos(absl::ToUnixNanos(clock != nullptr ? clock->Now() : absl::Now()));
  storage::v1::Head head;
  head.set_hash(GenesisHash());
  rocksdb::WriteBatch batch;
  batch.Put(folder.meta, kMetaKey, meta.SerializeAsString());
  batch.Put(folder.meta, kHeadKey, head.SerializeAsString());
  const rocksdb::Status written = folder.db->Write(SyncedWrite(), &batch);
  return written.ok() ? absl::OkStatus() : FromRocksDb(written, "write", folder.path);
}

absl::Status OtherFormat(int format, absl::string_view what_to_do, absl::string_view folder) {
  return FolderError(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STORE_FORMAT,
                     absl::StrCat("the data folder ", folder, " has format ", format,
                                  "; this program reads up to ", kStoreFormat, ": ", what_to_do),
                     folder)
      .WithMetadata("format", absl::StrCat(format))
      .WithMetadata("supported", absl::StrCat(kStoreFormat));
}

// Brings what is stored to the current format.
absl::Status BringUpToDate(const RocksDbFolder& folder, const Clock* clock) {
  std::string bytes;
  const rocksdb::Status read =
      folder.db->Get(rocksdb::ReadOptions(), folder.meta, kMetaKey, &bytes);
  if (read.IsNotFound()) return Initialize(folder, clock);
  if (!read.ok()) return FromRocksDb(read, "read", folder.path);
  storage::v1::StoreMeta meta;
  if (!meta.ParseFromString(bytes)) return CorruptStore("its format is unreadable", folder.path);
  if (meta.format() > kStoreFormat) {
    return OtherFormat(meta.format(), "use the newer program that wrote it", folder.path);
  }
  return Migrate(folder, std::move(meta));
}

}  // namespace

RocksDbFolder::~RocksDbFolder() {
  if (db == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  db->Close();
}

rocksdb::WriteOptions SyncedWrite() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

absl::Status CorruptStore(absl::string_view what, absl::string_view folder) {
  return FolderError(absl::StatusCode::kDataLoss, v1::ERROR_REASON_STORE_CORRUPT,
                     absl::StrCat("the data folder ", folder, " is damaged: ", what), folder);
}

absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view doing,
                         absl::string_view folder) {
  const std::string text = status.ToString();
  if (status.IsCorruption() || status.IsNotFound()) return CorruptStore(text, folder);
  // RocksDB has no code of its own for a lock that is held.
  if (status.IsIOError() && (absl::StrContains(text, "lock hold by current process") ||
                             absl::StrContains(text, "While lock file"))) {
    return FolderError(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STORE_LOCKED,
                       absl::StrCat("the data folder ", folder,
                                    " is held by another process: stop "
                                    "it, or take another folder"),
                       folder);
  }
  if (doing == "open") return Unusable(folder, text);
  return FolderError(absl::StatusCode::kUnavailable, v1::ERROR_REASON_STORE_UNAVAILABLE,
                     absl::StrCat("cannot ", doing, " the data folder ", folder, ": ", text),
                     folder);
}

absl::StatusOr<std::unique_ptr<RocksDbFolder>> OpenRocksDbFolder(
    const RocksDbStoreOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const bool exists, PrepareFolder(options.folder));
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<RocksDbFolder> folder,
                        OpenDatabase(options, exists, /*read_only=*/false));
  ABSL_RETURN_IF_ERROR(BringUpToDate(*folder, options.store.clock));
  return folder;
}

absl::StatusOr<std::unique_ptr<RocksDbFolder>> OpenRocksDbFolderReadOnly(const std::string& path) {
  std::error_code error;
  if (!fs::exists(fs::path(path) / "CURRENT", error)) {
    return Unusable(path, error ? error.message() : "it holds no store");
  }
  RocksDbStoreOptions options;
  options.folder = path;
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<RocksDbFolder> folder,
                        OpenDatabase(options, /*exists=*/true, /*read_only=*/true));
  std::string bytes;
  const rocksdb::Status read =
      folder->db->Get(rocksdb::ReadOptions(), folder->meta, kMetaKey, &bytes);
  if (!read.ok()) return FromRocksDb(read, "read", path);
  storage::v1::StoreMeta meta;
  if (!meta.ParseFromString(bytes)) return CorruptStore("its format is unreadable", path);
  if (meta.format() != kStoreFormat) {
    return OtherFormat(meta.format(),
                       meta.format() > kStoreFormat ? "use the newer program that wrote it"
                                                    : "let the server bring a copy up to date",
                       path);
  }
  return folder;
}

}  // namespace trialgate::store
