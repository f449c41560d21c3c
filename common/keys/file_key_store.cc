#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/keys/key_store.h"
#include "common/keys/seal.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::keys {
namespace {

namespace fs = std::filesystem;

constexpr char kKeySuffix[] = ".key";
constexpr char kRetiredSuffix[] = ".retired";
constexpr char kDestroyedSuffix[] = ".destroyed";
constexpr char kUnfinishedSuffix[] = ".unfinished";
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kOwnerBytes = 32;
constexpr std::size_t kMaxTimeBytes = 64;

std::string WhyNow() { return std::error_code(errno, std::generic_category()).message(); }

absl::Status Unusable(const std::string& folder, absl::string_view why) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("the folder of keys ", folder, " cannot be used: ", why))
      .WithMetadata("folder", folder);
}

absl::Status Unavailable(absl::string_view what) {
  return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEYS_UNAVAILABLE, what);
}

// Ids are parts of file names.
bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
  });
}

// A file that is open; closed at the end.
class File {
 public:
  File(const std::string& path, int flags)
      : fd_(open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return fd_ >= 0; }
  bool Sync() const { return fsync(fd_) == 0; }

  bool Write(absl::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  // As many bytes as there are, at most `bytes->size()`; false: an error.
  bool Read(std::string* bytes) const {
    std::size_t filled = 0;
    while (filled < bytes->size()) {
      const ssize_t count = read(fd_, bytes->data() + filled, bytes->size() - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      if (count == 0) break;
      filled += static_cast<std::size_t>(count);
    }
    bytes->resize(filled);
    return true;
  }

 private:
  const int fd_;
};

class FileKeyStore final : public KeyStore {
 public:
  FileKeyStore(std::string folder, IdGenerator* ids) : folder_(std::move(folder)), ids_(ids) {}

  absl::Status Prepare() {
    std::error_code error;
    if (fs::create_directory(folder_, error)) {
      fs::permissions(folder_, fs::perms::owner_all, error);
      if (!error) SyncFolder(fs::absolute(folder_).parent_path());
    }
    if (error) return Unusable(folder_, error.message());
    struct stat info = {};
    if (stat(folder_.c_str(), &info) != 0) return Unusable(folder_, WhyNow());
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
      return Unusable(folder_, "others may look into it; it must be of mode 0700");
    }
    if (access(folder_.c_str(), R_OK | W_OK | X_OK) != 0) return Unusable(folder_, WhyNow());
    return FinishInterrupted();
  }

  absl::StatusOr<std::string> Create(absl::string_view owner) override {
    const std::string id = ids_->NewId();
    if (!IsId(id)) return Unavailable("an id was drawn that is no file's name");
    const std::string unfinished = Path(id, kUnfinishedSuffix);
    std::string bytes = RandomBytes(kKeyBytes);
    {
      const File file(unfinished, O_WRONLY | O_CREAT | O_EXCL);
      const bool written =
          file.ok() && file.Write(bytes) && file.Write(Sha256(owner)) && file.Sync();
      OPENSSL_cleanse(bytes.data(), bytes.size());
      if (!written) return Failed("write a key into");
    }
    // A key of this id, were there one, would not be replaced.
    if (link(unfinished.c_str(), Path(id, kKeySuffix).c_str()) != 0 ||
        unlink(unfinished.c_str()) != 0 || !SyncFolder(folder_)) {
      return Failed("write a key into");
    }
    return id;
  }

  absl::StatusOr<std::optional<SecretKey>> Get(absl::string_view id) const override {
    if (!IsId(id)) return Unavailable("what is stored names a key that cannot be one");
    if (Exists(Path(id, kDestroyedSuffix))) return std::optional<SecretKey>();
    const File file(Path(id, kKeySuffix), O_RDONLY);
    std::string bytes(kKeyBytes + kOwnerBytes + 1, '\0');
    if (!file.ok() || !file.Read(&bytes)) {
      // It may have been destroyed in this moment.
      if (Exists(Path(id, kDestroyedSuffix))) return std::optional<SecretKey>();
      return Failed(absl::StrCat("read key ", id, " from"));
    }
    if (bytes.size() != kKeyBytes && bytes.size() != kKeyBytes + kOwnerBytes) {
      if (Exists(Path(id, kDestroyedSuffix))) return std::optional<SecretKey>();
      return Unavailable(absl::StrCat("key ", id, " in ", folder_, " is damaged"));
    }
    std::optional<SecretKey> key(std::in_place, absl::string_view(bytes).substr(0, kKeyBytes));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    // Bytes that were being overwritten are not taken for a key.
    if (Exists(Path(id, kDestroyedSuffix))) key.reset();
    return key;
  }

  absl::StatusOr<std::set<std::string>> OwnedBy(absl::string_view owner) const override {
    ABSL_ASSIGN_OR_RETURN(const KeyIds ids, List());
    const std::string hash = Sha256(owner);
    std::set<std::string> owned;
    MutexLock lock(&mu_);
    // A key's owner never changes: only files that were not seen before are read.
    std::map<std::string, std::string> owners;
    for (const std::string& id : ids.present) {
      const auto known = owners_.find(id);
      std::string of = known != owners_.end() ? known->second : ReadOwner(id);
      if (of == hash) owned.insert(id);
      if (!of.empty()) owners.emplace(id, std::move(of));
    }
    owners_ = std::move(owners);
    return owned;
  }

  absl::Status Retire(absl::string_view id, absl::Time since) override {
    if (!IsId(id)) return Unavailable("a key is to be retired that cannot be one");
    if (!Exists(Path(id, kKeySuffix))) return absl::OkStatus();
    const std::string unfinished = Path(id, kUnfinishedSuffix);
    {
      const File file(unfinished, O_WRONLY | O_CREAT | O_TRUNC);
      if (!file.ok() ||
          !file.Write(absl::FormatTime(absl::RFC3339_full, since, absl::UTCTimeZone()))) {
        return Failed("retire a key in");
      }
    }
    if (rename(unfinished.c_str(), Path(id, kRetiredSuffix).c_str()) != 0) {
      return Failed("retire a key in");
    }
    return absl::OkStatus();
  }

  absl::Status Reinstate(absl::string_view id) override {
    if (!IsId(id)) return Unavailable("a key is to be reinstated that cannot be one");
    return Unlink(Path(id, kRetiredSuffix));
  }

  // First the notes that they are destroyed, then the keys: whatever interrupts it, the keys are
  // not given out any more, and opening the folder finishes the rest. The folder is synced once for
  // all notes, and once for all keys.
  absl::Status DestroyAll(absl::Span<const std::string> ids) override {
    absl::Status first;
    std::vector<std::string> noted;
    bool is_new = false;
    for (const std::string& id : ids) {
      if (!IsId(id)) {
        first.Update(Unavailable("a key is to be destroyed that cannot be one"));
      } else if (Exists(Path(id, kDestroyedSuffix))) {
        noted.push_back(id);
      } else {
        const File note(Path(id, kDestroyedSuffix), O_WRONLY | O_CREAT);
        if (!note.ok() || !note.Sync()) {
          first.Update(Failed("note that in"));
          continue;
        }
        is_new = true;
        noted.push_back(id);
      }
    }
    if (is_new && !SyncFolder(folder_)) return Failed("note that in");
    std::vector<std::string> paths;
    for (const std::string& id : noted) {
      first.Update(Unlink(Path(id, kRetiredSuffix)));
      paths.push_back(Path(id, kKeySuffix));
    }
    first.Update(Remove(paths));
    return first;
  }

  absl::StatusOr<KeyIds> List() const override {
    KeyIds ids;
    std::vector<std::string> retired;
    std::error_code error;
    for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      absl::string_view id = name;
      if (absl::ConsumeSuffix(&id, kDestroyedSuffix)) {
        ids.destroyed.emplace(id);
      } else if (absl::ConsumeSuffix(&id, kRetiredSuffix)) {
        retired.emplace_back(id);
      } else if (absl::ConsumeSuffix(&id, kKeySuffix)) {
        ids.present.emplace(id);
      }
    }
    if (error) return Unavailable(absl::StrCat("cannot list ", folder_, ": ", error.message()));
    for (const std::string& id : ids.destroyed) ids.present.erase(id);
    for (const std::string& id : retired) {
      const std::optional<absl::Time> since = ReadRetired(id);
      if (since.has_value() && ids.present.count(id) > 0) ids.retired.emplace(id, *since);
    }
    return ids;
  }

 private:
  std::string Path(absl::string_view id, absl::string_view suffix) const {
    return absl::StrCat(folder_, "/", id, suffix);
  }

  absl::Status Failed(absl::string_view what) const {
    return Unavailable(absl::StrCat("cannot ", what, " ", folder_, ": ", WhyNow()));
  }

  static bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

  static bool SyncFolder(const std::string& folder) {
    const File file(folder, O_RDONLY | O_DIRECTORY);
    return file.ok() && file.Sync();
  }

  // The hash that a key's file has of its owner; empty: it has none, or is not there any more.
  std::string ReadOwner(absl::string_view id) const {
    const File file(Path(id, kKeySuffix), O_RDONLY);
    std::string bytes(kKeyBytes + kOwnerBytes + 1, '\0');
    std::string owner;
    if (file.ok() && file.Read(&bytes) && bytes.size() == kKeyBytes + kOwnerBytes) {
      owner = bytes.substr(kKeyBytes);
    }
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return owner;
  }

  // nullopt: the note is gone or damaged, as after a crash; it is written anew.
  std::optional<absl::Time> ReadRetired(absl::string_view id) const {
    const File file(Path(id, kRetiredSuffix), O_RDONLY);
    std::string text(kMaxTimeBytes, '\0');
    absl::Time since;
    if (!file.ok() || !file.Read(&text) ||
        !absl::ParseTime(absl::RFC3339_full, text, &since, nullptr)) {
      return std::nullopt;
    }
    return since;
  }

  absl::Status Unlink(const std::string& path) const {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return Failed("remove a file of");
    return absl::OkStatus();
  }

  // Overwrites and removes files; nothing for those that are not there.
  absl::Status Remove(const std::vector<std::string>& paths) const {
    absl::Status first;
    bool removed = false;
    for (const std::string& path : paths) {
      {
        const File file(path, O_WRONLY);
        if (!file.ok()) {
          if (errno != ENOENT) first.Update(Failed("destroy a key in"));
          continue;
        }
        if (!file.Write(std::string(kKeyBytes + kOwnerBytes, '\0')) || !file.Sync()) {
          first.Update(Failed("destroy a key in"));
          continue;
        }
      }
      first.Update(Unlink(path));
      removed = true;
    }
    if (removed && !SyncFolder(folder_)) first.Update(Failed("destroy a key in"));
    return first;
  }

  // Removes keys that were never given out, and those that are noted as destroyed: an older copy of
  // the folder may have brought them back.
  absl::Status FinishInterrupted() {
    std::vector<std::string> removed;
    std::error_code error;
    for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      absl::string_view id = name;
      if (absl::EndsWith(name, kUnfinishedSuffix) ||
          (absl::ConsumeSuffix(&id, kKeySuffix) && Exists(Path(id, kDestroyedSuffix)))) {
        removed.push_back(it->path().string());
      }
    }
    if (error) return Unusable(folder_, error.message());
    return Remove(removed);
  }

  const std::string folder_;
  IdGenerator* const ids_;
  mutable Mutex mu_;
  // Hashes of owners by the ids of keys that were there when last looked for.
  mutable std::map<std::string, std::string> owners_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<KeyStore>> OpenFileKeyStore(const std::string& folder,
                                                           IdGenerator* ids) {
  auto store = std::make_unique<FileKeyStore>(folder, ids);
  ABSL_RETURN_IF_ERROR(store->Prepare());
  return store;
}

}  // namespace trialgate::keys
