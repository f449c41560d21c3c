#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/identity/jwk_set.h"
#include "common/identity/key_source.h"
#include "common/obs/log.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Seconds(1);

absl::Status Unusable(absl::string_view path, absl::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("the key file \"", path, "\": ", what))
      .WithMetadata("file", path);
}

// Another one means that the file has another content; a file that is not there has zeros.
using Look = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::int64_t,
                        std::int64_t, std::int64_t>;

Look LookOf(const struct stat& stat) {
  return {stat.st_dev,          stat.st_ino,         stat.st_size,        stat.st_mtim.tv_sec,
          stat.st_mtim.tv_nsec, stat.st_ctim.tv_sec, stat.st_ctim.tv_nsec};
}

Look LookAt(const std::string& path) {
  struct stat stat = {};
  return ::stat(path.c_str(), &stat) == 0 ? LookOf(stat) : Look{};
}

class File {
 public:
  // A file that is no regular one must not make the opening wait.
  explicit File(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

// One byte more than a key set may have is enough to see that it has too many.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const File file(path);
  struct stat stat = {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &stat) != 0) {
    return Unusable(path, std::strerror(errno));
  }
  if (!S_ISREG(stat.st_mode)) return Unusable(path, "is no file");
  std::string content(kMaxJwkSetBytes + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t count = ::read(file.descriptor(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unusable(path, std::strerror(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

absl::StatusOr<JwkSet> ReadKeys(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  absl::StatusOr<JwkSet> keys = JwkSet::Parse(content);
  if (!keys.ok()) return Unusable(path, keys.status().message());
  obs::LogLine(obs::Level::kInfo, "identity_keys_loaded")
      .With("source", "file")
      .With("keys", keys->size())
      .With("skipped", keys->skipped());
  return keys;
}

class FileKeySource final : public KeySource {
 public:
  FileKeySource(std::string path, const Clock* clock) : path_(std::move(path)), clock_(clock) {}

  // Reads the file for the first time.
  absl::Status Start() {
    MutexLock lock(&mu_);
    last_look_at_ = clock_->Now();
    look_ = LookAt(path_);
    ABSL_ASSIGN_OR_RETURN(keys_, ReadKeys(path_));
    if (keys_.size() == 0) {
      return Unusable(path_, "holds no key that tokens may be verified with");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<const Jwk>> FindKey(absl::string_view kid) override {
    MutexLock lock(&mu_);
    const absl::Duration since = clock_->Now() - last_look_at_;
    if (since >= kBetweenLooks || since < absl::ZeroDuration()) LookAgain();
    return keys_.Find(kid);
  }

 private:
  void LookAgain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    last_look_at_ = clock_->Now();
    // Looked at before it is read: a change in between is seen the next time.
    const Look look = LookAt(path_);
    if (look == look_) return;
    look_ = look;
    absl::StatusOr<JwkSet> keys = ReadKeys(path_);
    if (keys.ok()) {
      keys_ = *std::move(keys);
    } else {
      obs::LogLine(obs::Level::kError, "identity_keys_not_loaded")
          .With("source", "file")
          .With("cause", obs::Public(keys.status().message()));
    }
  }

  const std::string path_;
  const Clock* const clock_;
  Mutex mu_;
  absl::Time last_look_at_ ABSL_GUARDED_BY(mu_);
  Look look_ ABSL_GUARDED_BY(mu_);
  JwkSet keys_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<KeySource>> NewFileKeySource(std::string path, const Clock* clock) {
  auto source = std::make_unique<FileKeySource>(std::move(path), clock);
  ABSL_RETURN_IF_ERROR(source->Start());
  return source;
}

}  // namespace trialgate::identity
