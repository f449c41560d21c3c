#include "tests/support/rocksdb_raw.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace trialgate {
namespace {

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "raw database: %s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace

RawDatabase::RawDatabase(const std::string& folder) {
  std::vector<std::string> names;
  Check(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), folder, &names));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) {
    descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  Check(rocksdb::DB::Open(rocksdb::DBOptions(), folder, descriptors, &handles, &db));
  db_.reset(db);
  for (rocksdb::ColumnFamilyHandle* handle : handles) families_[handle->GetName()] = handle;
}

RawDatabase::~RawDatabase() {
  for (const auto& [name, handle] : families_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

rocksdb::ColumnFamilyHandle* RawDatabase::family(const std::string& name) {
  const auto it = families_.find(name);
  return it == families_.end() ? nullptr : it->second;
}

void RawDatabase::DropFamily(const std::string& name) {
  rocksdb::ColumnFamilyHandle* const handle = family(name);
  Check(db_->DropColumnFamily(handle));
  db_->DestroyColumnFamilyHandle(handle);
  families_.erase(name);
}

std::map<std::string, std::string> RawDatabase::Contents(const std::string& name) {
  std::map<std::string, std::string> contents;
  const std::unique_ptr<rocksdb::Iterator> it(
      db_->NewIterator(rocksdb::ReadOptions(), family(name)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    contents[it->key().ToString()] = it->value().ToString();
  }
  Check(it->status());
  return contents;
}

}  // namespace trialgate
