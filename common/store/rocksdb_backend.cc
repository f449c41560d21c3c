#include "common/store/rocksdb_backend.h"

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/store/rocksdb_copy.h"
#include "common/store/versioned_key.h"
#include "rocksdb/iterator.h"
#include "rocksdb/write_batch.h"

namespace trialgate::store {
namespace {

using storage::v1::CommitRecord;

// Older versions of a key that a scan steps over one by one before it seeks past them all.
constexpr int kStepsBeforeSeek = 4;

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
rocksdb::Slice Slice(absl::string_view view) { return {view.data(), view.size()}; }

class RocksDbBackend final : public Backend {
 public:
  explicit RocksDbBackend(std::unique_ptr<RocksDbFolder> folder) : folder_(std::move(folder)) {}

  absl::Status Apply(absl::Span<const SequencedCommit> batch) override {
    rocksdb::WriteBatch writes;
    for (const SequencedCommit& commit : batch) {
      const CommitNumber number = commit.record.number();
      for (const Write& write : commit.writes) {
        writes.Put(folder_->data, EncodeVersionedKey(write.key, number),
                   EncodeVersionedValue(write.value));
      }
      writes.Put(folder_->feed, EncodeNumber(number), commit.record.SerializeAsString());
      writes.Put(folder_->commit_ids, commit.record.id(), EncodeNumber(number));
    }
    storage::v1::Head head;
    head.set_number(batch.back().record.number());
    head.set_hash(batch.back().record.hash());
    writes.Put(folder_->meta, kHeadKey, head.SerializeAsString());
    const rocksdb::Status written = folder_->db->Write(SyncedWrite(), &writes);
    if (written.ok()) return absl::OkStatus();
    failed_ = true;
    return FromRocksDb(written, "write", folder_->path);
  }

  absl::StatusOr<storage::v1::Head> LoadHead() override {
    // After a failed sync nobody can tell what the disk holds before the log is read again.
    if (failed_) return absl::UnavailableError("a write failed; open the folder again");
    return HeadAnchor();
  }

  absl::StatusOr<std::vector<CommitNumber>> Versions(
      absl::Span<const absl::string_view> keys) const override {
    std::vector<CommitNumber> versions;
    const auto it = NewIterator(folder_->data);
    for (const absl::string_view key : keys) {
      ABSL_ASSIGN_OR_RETURN(const Found found, Find(it.get(), key, kNewest));
      versions.push_back(found.present ? found.version : 0);
    }
    return versions;
  }

  absl::StatusOr<std::optional<CommitNumber>> FindCommit(absl::string_view id) const override {
    std::string bytes;
    const rocksdb::Status read =
        folder_->db->Get(rocksdb::ReadOptions(), folder_->commit_ids, Slice(id), &bytes);
    if (read.IsNotFound()) return std::optional<CommitNumber>();
    if (!read.ok()) return FromRocksDb(read, "read", folder_->path);
    const std::optional<CommitNumber> number = DecodeNumber(bytes);
    if (!number.has_value()) return CorruptStore("the index of commit ids", folder_->path);
    return number;
  }

  absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                        CommitNumber as_of) const override {
    std::vector<std::optional<Entry>> entries;
    const auto it = NewIterator(folder_->data);
    for (const std::string& key : keys) {
      ABSL_ASSIGN_OR_RETURN(const Found found, Find(it.get(), key, as_of));
      entries.emplace_back();
      if (found.present) entries.back() = Entry{key, std::string(found.value), found.version};
    }
    return entries;
  }

  absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const override {
    ScanPage page;
    std::size_t bytes = 0;
    const auto it = NewIterator(folder_->data);
    const bool continued = !range.start_after.empty() && range.start_after >= range.start;
    it->Seek(continued ? AfterVersionsOf(range.start_after) : range.start);
    while (it->Valid()) {
      ABSL_ASSIGN_OR_RETURN(const VersionedKey at, KeyAt(*it));
      if (!range.end.empty() && at.key >= absl::string_view(range.end)) break;
      const std::string key(at.key);
      ABSL_ASSIGN_OR_RETURN(const Found found, FindFrom(it.get(), key, as_of));
      if (found.present) {
        if (page.entries.size() == static_cast<std::size_t>(range.limit) ||
            bytes >= kMaxPageBytes) {
          page.more = true;
          break;
        }
        bytes += key.size() + found.value.size();
        page.entries.push_back({key, std::string(found.value), found.version});
      }
      ABSL_RETURN_IF_ERROR(SkipKey(it.get(), key));
    }
    if (!it->status().ok()) return FromRocksDb(it->status(), "read", folder_->path);
    return page;
  }

  absl::StatusOr<std::vector<CommitRecord>> ReadFeed(CommitNumber from, CommitNumber head,
                                                     int limit) const override {
    std::vector<CommitRecord> records;
    std::size_t bytes = 0;
    const auto it = NewIterator(folder_->feed);
    for (it->Seek(EncodeNumber(from)); it->Valid(); it->Next()) {
      if (records.size() == static_cast<std::size_t>(limit) || bytes >= kMaxPageBytes) break;
      const auto number = DecodeNumber(View(it->key()));
      if (number.has_value() && *number > head) break;
      CommitRecord record;
      const auto size = static_cast<int>(it->value().size());
      if (!number.has_value() || !record.ParseFromArray(it->value().data(), size)) {
        // What comes before it can be read; who reads on from here learns of the damage.
        if (!records.empty()) break;
        return CorruptStore(absl::StrCat("the feed's record from ", from), folder_->path);
      }
      bytes += it->value().size();
      records.push_back(std::move(record));
    }
    if (!it->status().ok()) return FromRocksDb(it->status(), "read", folder_->path);
    return records;
  }

  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    std::vector<std::optional<Write>> writes;
    const auto it = NewIterator(folder_->data);
    for (const std::string& key : keys) {
      ABSL_ASSIGN_OR_RETURN(const Found found, Find(it.get(), key, number));
      writes.emplace_back();
      if (found.version != number) continue;
      writes.back() = Write{key, std::nullopt};
      if (found.present) writes.back()->value = std::string(found.value);
    }
    return writes;
  }

  absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const override {
    const auto it = NewIterator(folder_->data);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      ABSL_ASSIGN_OR_RETURN(const VersionedKey at, KeyAt(*it));
      visit(at.key, at.version);
    }
    return it->status().ok() ? absl::OkStatus() : FromRocksDb(it->status(), "read", folder_->path);
  }

  absl::StatusOr<storage::v1::Head> HeadAnchor() const override {
    std::string bytes;
    const rocksdb::Status read =
        folder_->db->Get(rocksdb::ReadOptions(), folder_->meta, kHeadKey, &bytes);
    if (!read.ok()) return FromRocksDb(read, "read", folder_->path);
    storage::v1::Head head;
    if (!head.ParseFromString(bytes)) return CorruptStore("its head", folder_->path);
    return head;
  }

  absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const override {
    return CopyRocksDb(*folder_, folder);
  }

 private:
  static constexpr CommitNumber kNewest = std::numeric_limits<CommitNumber>::max();

  // A version that was found; `value` is valid until the iterator moves.
  struct Found {
    CommitNumber version = 0;  // 0: none
    bool present = false;      // there is one and it is no deletion
    absl::string_view value;
  };

  std::unique_ptr<rocksdb::Iterator> NewIterator(rocksdb::ColumnFamilyHandle* family) const {
    return std::unique_ptr<rocksdb::Iterator>(
        folder_->db->NewIterator(rocksdb::ReadOptions(), family));
  }

  absl::StatusOr<VersionedKey> KeyAt(const rocksdb::Iterator& it) const {
    const auto key = DecodeVersionedKey(View(it.key()));
    if (!key.has_value()) return CorruptStore("a key without version", folder_->path);
    return *key;
  }

  // The newest version of `key` as of a commit.
  absl::StatusOr<Found> Find(rocksdb::Iterator* it, absl::string_view key,
                             CommitNumber as_of) const {
    it->Seek(EncodeVersionedKey(key, as_of));
    return At(*it, key);
  }

  // The same for an iterator that stands on the first version of `key`.
  absl::StatusOr<Found> FindFrom(rocksdb::Iterator* it, absl::string_view key,
                                 CommitNumber as_of) const {
    for (int step = 0; it->Valid() && step < kStepsBeforeSeek; ++step) {
      ABSL_ASSIGN_OR_RETURN(const VersionedKey at, KeyAt(*it));
      if (at.key != key || at.version <= as_of) return At(*it, key);
      it->Next();
    }
    return Find(it, key, as_of);
  }

  // What the iterator stands on, if that is a version of `key`.
  absl::StatusOr<Found> At(const rocksdb::Iterator& it, absl::string_view key) const {
    if (!it.Valid()) {
      if (!it.status().ok()) return FromRocksDb(it.status(), "read", folder_->path);
      return Found();
    }
    ABSL_ASSIGN_OR_RETURN(const VersionedKey at, KeyAt(it));
    if (at.key != key) return Found();
    const VersionedValue value = DecodeVersionedValue(View(it.value()));
    if (!value.valid) return CorruptStore("a value is unreadable", folder_->path);
    return Found{at.version, !value.deleted, value.value};
  }

  // Moves to the first version of the next key.
  absl::Status SkipKey(rocksdb::Iterator* it, absl::string_view key) const {
    for (int step = 0; it->Valid() && step < kStepsBeforeSeek; ++step) {
      ABSL_ASSIGN_OR_RETURN(const VersionedKey at, KeyAt(*it));
      if (at.key != key) return absl::OkStatus();
      it->Next();
    }
    if (it->Valid()) it->Seek(AfterVersionsOf(key));
    return absl::OkStatus();
  }

  const std::unique_ptr<RocksDbFolder> folder_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

std::unique_ptr<Backend> NewRocksDbBackend(std::unique_ptr<RocksDbFolder> folder) {
  return std::make_unique<RocksDbBackend>(std::move(folder));
}

}  // namespace trialgate::store
