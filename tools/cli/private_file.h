// Files that hold secrets, or that decide where secrets are sent: read only where nobody else can
// get at them, written whole or not at all.
#ifndef TRIALGATE_TOOLS_CLI_PRIVATE_FILE_H_
#define TRIALGATE_TOOLS_CLI_PRIVATE_FILE_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace trialgate::cli {

// What must hold of a file, besides that it belongs to this user or to root.
enum class Guard {
  kNone,
  // Nobody else may write it: who could would choose where secrets go.
  kOthersMayNotWrite,
  // Besides, those outside of its group may not read it: secrets that other programs put there.
  kOthersMayNotRead,
  // Nobody else may read or write it: secrets of our own.
  kOwnerOnly,
};

// The content of the file `path`. NOT_FOUND where there is none; a fault of usage where it cannot
// be read, is not guarded as it must be, or has more than `limit` bytes. What is read is what was
// tested. The messages go on after the file's name, which the caller puts before them.
absl::StatusOr<std::string> ReadGuarded(const std::string& path, std::size_t limit, Guard guard);

// Puts `content` in the place of the file `path`, for this user only (mode 0600): others see the
// old content or the new, never a part. Folders that are missing are made (mode 0700). A fault of
// usage, which names the file, if that fails; what was there is kept then.
absl::Status WritePrivate(const std::string& path, absl::string_view content);

// Excludes other processes as long as it lives. The file stays: removing it would let two in.
class FileLock {
 public:
  // Locks the file `path`, which is made where it is missing. `wait` pauses between attempts; where
  // it answers false, or `longest` has passed, UNAVAILABLE. A fault of usage if there can be no
  // such file.
  static absl::StatusOr<FileLock> Take(const std::string& path, absl::Duration longest,
                                       const std::function<bool(absl::Duration)>& wait);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_PRIVATE_FILE_H_
