#include "tests/support/rocksdb_power_cut.h"

#include <filesystem>
#include <random>
#include <utility>

namespace trialgate {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
              PowerCutFileSystem* power)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), power_(power) {}

  using FSWritableFileOwnerWrapper::Append;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus noted = power_->OnAppend(name_, data.size());
    return noted.ok() ? FSWritableFileOwnerWrapper::Append(data, options, debug) : noted;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    const IOStatus noted = power_->OnAppend(name_, data.size());
    if (!noted.ok()) return noted;
    return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
  }
  // The bytes need not reach the real disk: only what this file system notes as synced stays.
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return power_->OnSync(name_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return power_->OnSync(name_); }

 private:
  const std::string name_;
  PowerCutFileSystem* const power_;
};

class TrackedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  TrackedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, PowerCutFileSystem* power)
      : FSDirectoryWrapper(std::move(directory)), power_(power) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return power_->OnDirectorySync(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return power_->OnDirectorySync();
  }

 private:
  PowerCutFileSystem* const power_;
};

IOStatus PowerIsCut() { return IOStatus::IOError("the power is cut"); }

}  // namespace

PowerCutFileSystem::PowerCutFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

void PowerCutFileSystem::CutPowerAfter(int operations) {
  MutexLock lock(&mu_);
  operations_left_ = operations;
}

void PowerCutFileSystem::Restore(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  MutexLock lock(&mu_);
  for (const auto& [name, file] : files_) {
    std::error_code gone;
    if (created_.contains(name)) {
      std::filesystem::remove(name, gone);
      continue;
    }
    const std::uint64_t size = std::filesystem::file_size(name, gone);
    if (gone || size <= file.synced) continue;
    std::uniform_int_distribution<std::uint64_t> kept(file.synced, size);
    std::filesystem::resize_file(name, kept(random), gone);
  }
  files_.clear();
  created_.clear();
  cut_ = false;
  operations_left_ = -1;
}

IOStatus PowerCutFileSystem::NewWritableFile(const std::string& name,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                                             IODebugContext* debug) {
  if (const IOStatus power = CheckPower(); !power.ok()) return power;
  std::unique_ptr<rocksdb::FSWritableFile> real;
  const IOStatus made = FileSystemWrapper::NewWritableFile(name, options, &real, debug);
  if (!made.ok()) return made;
  *file = std::make_unique<TrackedFile>(std::move(real), name, this);
  MutexLock lock(&mu_);
  files_[name] = File();
  created_.insert(name);
  return made;
}

IOStatus PowerCutFileSystem::ReopenWritableFile(const std::string& name,
                                                const rocksdb::FileOptions& options,
                                                std::unique_ptr<rocksdb::FSWritableFile>* file,
                                                IODebugContext* debug) {
  if (const IOStatus power = CheckPower(); !power.ok()) return power;
  std::unique_ptr<rocksdb::FSWritableFile> real;
  const IOStatus opened = FileSystemWrapper::ReopenWritableFile(name, options, &real, debug);
  if (!opened.ok()) return opened;
  *file = std::make_unique<TrackedFile>(std::move(real), name, this);
  MutexLock lock(&mu_);
  if (!files_.contains(name)) {
    const std::uint64_t size = std::filesystem::file_size(name);
    files_[name] = File{size, size};
  }
  return opened;
}

IOStatus PowerCutFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                          std::unique_ptr<rocksdb::FSDirectory>* directory,
                                          IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> real;
  const IOStatus opened = FileSystemWrapper::NewDirectory(name, options, &real, debug);
  if (opened.ok()) *directory = std::make_unique<TrackedDirectory>(std::move(real), this);
  return opened;
}

IOStatus PowerCutFileSystem::RenameFile(const std::string& from, const std::string& to,
                                        const IOOptions& options, IODebugContext* debug) {
  if (const IOStatus power = CheckPower(); !power.ok()) return power;
  const IOStatus renamed = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!renamed.ok()) return renamed;
  MutexLock lock(&mu_);
  // A rename is taken to be durable, and with it what changed in the folder before: file systems
  // keep the order of such changes.
  created_.clear();
  if (const auto it = files_.find(from); it != files_.end()) {
    files_[to] = it->second;
    files_.erase(it);
  }
  return renamed;
}

IOStatus PowerCutFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                        IODebugContext* debug) {
  if (const IOStatus power = CheckPower(); !power.ok()) return power;
  const IOStatus deleted = FileSystemWrapper::DeleteFile(name, options, debug);
  MutexLock lock(&mu_);
  files_.erase(name);
  created_.erase(name);
  return deleted;
}

IOStatus PowerCutFileSystem::OnAppend(const std::string& name, std::uint64_t bytes) {
  MutexLock lock(&mu_);
  const IOStatus power = Step();
  if (power.ok()) files_[name].size += bytes;
  return power;
}

IOStatus PowerCutFileSystem::OnSync(const std::string& name) {
  MutexLock lock(&mu_);
  const IOStatus power = Step();
  if (power.ok()) files_[name].synced = files_[name].size;
  return power;
}

IOStatus PowerCutFileSystem::OnDirectorySync() {
  MutexLock lock(&mu_);
  const IOStatus power = Step();
  if (power.ok()) created_.clear();
  return power;
}

IOStatus PowerCutFileSystem::CheckPower() const {
  MutexLock lock(&mu_);
  return cut_ ? PowerIsCut() : IOStatus::OK();
}

IOStatus PowerCutFileSystem::Step() {
  if (operations_left_ > 0) --operations_left_;
  if (operations_left_ == 0) cut_ = true;
  return cut_ ? PowerIsCut() : IOStatus::OK();
}

}  // namespace trialgate
