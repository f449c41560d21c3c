// A store's folder opened beneath the store: to look at it, or to do it harm.
#ifndef TRIALGATE_TESTS_SUPPORT_ROCKSDB_RAW_H_
#define TRIALGATE_TESTS_SUPPORT_ROCKSDB_RAW_H_

#include <map>
#include <memory>
#include <string>

#include "rocksdb/db.h"

namespace trialgate {

// Opens the folder with all its column families; ends the process if that fails.
class RawDatabase {
 public:
  explicit RawDatabase(const std::string& folder);
  // Closes.
  ~RawDatabase();
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  rocksdb::DB& db() { return *db_; }
  // Null: there is no such family.
  rocksdb::ColumnFamilyHandle* family(const std::string& name);
  void DropFamily(const std::string& name);

  // All keys and values of a family.
  std::map<std::string, std::string> Contents(const std::string& name);

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::map<std::string, rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_ROCKSDB_RAW_H_
