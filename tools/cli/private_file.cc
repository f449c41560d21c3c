#include "tools/cli/private_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

namespace fs = std::filesystem;

absl::Status CheckGuard(int fd, Guard guard) {
  struct stat info;
  if (fstat(fd, &info) != 0) return UsageError(std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return UsageError("is a folder");
  if (guard == Guard::kNone) return absl::OkStatus();
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return UsageError("belongs to another user");
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return UsageError("may be written by others: chmod go-w");
  }
  if (guard == Guard::kOthersMayNotWrite) return absl::OkStatus();
  if ((info.st_mode & S_IROTH) != 0) {
    return UsageError("holds a secret and may be read by others: chmod o-r");
  }
  if (guard == Guard::kOwnerOnly && (info.st_mode & S_IRGRP) != 0) {
    return UsageError("holds a secret and may be read by its group: chmod go-r");
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return UsageError(std::strerror(errno));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(fd) != 0) return UsageError(std::strerror(errno));
  return absl::OkStatus();
}

absl::Status MakeFolders(const fs::path& folder) {
  if (folder.empty()) return absl::OkStatus();
  std::error_code error;
  if (fs::is_directory(folder, error)) return absl::OkStatus();
  ABSL_RETURN_IF_ERROR(MakeFolders(folder.parent_path()));
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return UsageError(absl::StrCat(folder.string(), ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

// So that the new name outlives a power cut. Not every file system can.
void SyncFolder(const fs::path& folder) {
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

absl::StatusOr<std::string> ReadGuarded(const std::string& path, std::size_t limit, Guard guard) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return absl::NotFoundError(std::strerror(errno));
  if (fd < 0) return UsageError(std::strerror(errno));
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  ABSL_RETURN_IF_ERROR(CheckGuard(fd, guard));
  std::string content;
  char buffer[1 << 14];
  while (true) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return UsageError(std::strerror(errno));
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > limit) return UsageError(absl::StrCat("has more than ", limit, " bytes"));
  }
}

absl::Status WritePrivate(const std::string& path, absl::string_view content) {
  const fs::path folder = fs::path(path).parent_path();
  ABSL_RETURN_IF_ERROR(MakeFolders(folder));
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return UsageError(absl::StrCat(path, ": ", std::strerror(errno)));
  absl::Status status = WriteAll(fd, content);
  close(fd);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = UsageError(std::strerror(errno));
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return UsageError(absl::StrCat(path, ": ", status.message()));
  }
  SyncFolder(folder);
  return absl::OkStatus();
}

absl::StatusOr<FileLock> FileLock::Take(const std::string& path, absl::Duration longest,
                                        const std::function<bool(absl::Duration)>& wait) {
  constexpr absl::Duration kPause = absl::Milliseconds(20);
  ABSL_RETURN_IF_ERROR(MakeFolders(fs::path(path).parent_path()));
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return UsageError(absl::StrCat(path, ": ", std::strerror(errno)));
  FileLock lock(fd);
  for (absl::Duration waited; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += kPause) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return UsageError(absl::StrCat(path, ": ", std::strerror(errno)));
    }
    if (waited >= longest || !wait(kPause)) {
      return absl::UnavailableError(absl::StrCat("another trialgate holds ", path));
    }
  }
  return lock;
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

}  // namespace trialgate::cli
