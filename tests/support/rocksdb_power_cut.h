// A file system whose power can be cut: what was not synced is then lost.
#ifndef TRIALGATE_TESTS_SUPPORT_ROCKSDB_POWER_CUT_H_
#define TRIALGATE_TESTS_SUPPORT_ROCKSDB_POWER_CUT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/base/mutex.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace trialgate {

// Over the machine's file system. Thread-safe.
//
//   auto fs = std::make_shared<PowerCutFileSystem>();
//   const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
//   ... open a store with env, CutPowerAfter(100), commit until it fails, close the store ...
//   fs->Restore(seed);   // now the files are as a machine finds them that starts again
class PowerCutFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  PowerCutFileSystem();

  // The power fails at the `operations`-th append or sync from now on. From then on, every change
  // of a file fails.
  void CutPowerAfter(int operations);

  // Takes from every file what was not synced, but for a part of it that happens to have reached
  // the disk, as `seed` has it; takes new files away whose folder was not synced. The power is back
  // on. No file is open any more.
  void Restore(std::uint64_t seed);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  const char* Name() const override { return "PowerCutFileSystem"; }

  // For the files of this file system: notes what happened to file `name`. An error once the power
  // is cut.
  rocksdb::IOStatus OnAppend(const std::string& name, std::uint64_t bytes);
  rocksdb::IOStatus OnSync(const std::string& name);
  rocksdb::IOStatus OnDirectorySync();

 private:
  struct File {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };

  rocksdb::IOStatus CheckPower() const;
  rocksdb::IOStatus Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  bool cut_ ABSL_GUARDED_BY(mu_) = false;
  int operations_left_ ABSL_GUARDED_BY(mu_) = -1;  // negative: the power stays
  std::map<std::string, File> files_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> created_ ABSL_GUARDED_BY(mu_);  // since the folder's last sync
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_ROCKSDB_POWER_CUT_H_
