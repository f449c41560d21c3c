#include "common/store/rocksdb_copy.h"

#include <filesystem>
#include <limits>
#include <memory>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "rocksdb/env.h"
#include "rocksdb/utilities/checkpoint.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

namespace fs = std::filesystem;

// What is not finished bears this name, so that nobody takes it for a copy.
constexpr char kUnfinished[] = ".unfinished";

absl::Status Unusable(const std::string& folder, absl::string_view why) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("cannot copy to ", folder, ": ", why))
      .WithMetadata("folder", folder);
}

absl::Status PrepareParent(const fs::path& folder) {
  std::error_code error;
  // Also a link that leads nowhere is something.
  if (fs::symlink_status(folder, error).type() != fs::file_type::not_found) {
    return Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_ALREADY_EXISTS,
                 absl::StrCat("there is ", folder.string(), " already; choose another name"))
        .WithMetadata("folder", folder.string());
  }
  if (fs::create_directory(folder.parent_path(), error)) {
    fs::permissions(folder.parent_path(), fs::perms::owner_all, error);
  }
  if (error) return Unusable(folder, error.message());
  return absl::OkStatus();
}

absl::Status MakeCheckpoint(rocksdb::DB* db, const std::string& folder) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db, &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // With the log, however long it is: a store that cannot write any more can be copied, too.
  constexpr auto kNeverFlush = std::numeric_limits<std::uint64_t>::max();
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder, kNeverFlush);
  return status.ok() ? absl::OkStatus() : Unusable(folder, status.ToString());
}

// The last commit of the copy, which thereby is opened, its log replayed, and closed.
absl::StatusOr<storage::v1::Head> OpenOnce(const RocksDbFolder& source, const std::string& folder) {
  RocksDbStoreOptions options;
  options.folder = folder;
  options.env = source.db->GetEnv();
  ABSL_ASSIGN_OR_RETURN(const std::unique_ptr<RocksDbFolder> copy, OpenRocksDbFolder(options));
  std::string bytes;
  const rocksdb::Status read = copy->db->Get(rocksdb::ReadOptions(), copy->meta, kHeadKey, &bytes);
  if (!read.ok()) return FromRocksDb(read, "read", folder);
  storage::v1::Head head;
  if (!head.ParseFromString(bytes)) return CorruptStore("its head", folder);
  return head;
}

absl::Status PutInPlace(rocksdb::Env* env, const std::string& from, const fs::path& to) {
  std::unique_ptr<rocksdb::Directory> parent;
  rocksdb::Status status = env->NewDirectory(to.parent_path().string(), &parent);
  if (status.ok()) status = env->RenameFile(from, to.string());
  if (status.ok()) status = parent->Fsync();
  return status.ok() ? absl::OkStatus() : Unusable(to, status.ToString());
}

}  // namespace

absl::StatusOr<storage::v1::Head> CopyRocksDb(const RocksDbFolder& source,
                                              const std::string& folder) {
  const fs::path target = fs::absolute(folder);
  ABSL_RETURN_IF_ERROR(PrepareParent(target));
  const std::string unfinished = absl::StrCat(target.string(), kUnfinished);
  const auto remove = [&unfinished] {
    std::error_code ignored;
    fs::remove_all(unfinished, ignored);
  };
  remove();  // one that a crash left
  const absl::Cleanup tidy = remove;
  ABSL_RETURN_IF_ERROR(MakeCheckpoint(source.db.get(), unfinished));
  ABSL_ASSIGN_OR_RETURN(storage::v1::Head head, OpenOnce(source, unfinished));
  ABSL_RETURN_IF_ERROR(PutInPlace(source.db->GetEnv(), unfinished, target));
  return head;
}

}  // namespace trialgate::store
