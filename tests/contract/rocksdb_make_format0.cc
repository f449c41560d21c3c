// Makes the store of format 0 that lies in testdata/format0: `rocksdb_make_format0 FOLDER`.
//
// Format 0 had no index of commit ids. The store holds three commits, of a fixed time:
//   first   a=1, b=1      second  a=2      third  b deleted
#include <filesystem>
#include <iostream>
#include <string>

#include "absl/strings/match.h"
#include "common/store/rocksdb_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/rocksdb_raw.h"
#include "trialgate/storage/v1/meta.pb.h"

namespace trialgate::store {
namespace {

absl::Status Fill(const std::string& folder) {
  FakeClock clock;
  RocksDbStoreOptions options;
  options.folder = folder;
  options.store.clock = &clock;
  auto store = OpenRocksDbStore(options);
  if (!store.ok()) return store.status();
  for (CommitRequest request : {CommitRequest{"first", {}, {{"a", "1"}, {"b", "1"}}, "event 1"},
                                CommitRequest{"second", {}, {{"a", "2"}}, "event 2"},
                                CommitRequest{"third", {}, {{"b", std::nullopt}}, "event 3"}}) {
    const auto outcome = (*store)->Commit(std::move(request));
    if (!outcome.ok()) return outcome.status();
  }
  return absl::OkStatus();
}

void TurnIntoFormat0(const std::string& folder) {
  RawDatabase raw(folder);
  raw.DropFamily("commit_ids");
  storage::v1::StoreMeta meta;
  meta.ParseFromString(raw.Contents("default")["meta"]);
  meta.set_format(0);
  raw.db().Put(rocksdb::WriteOptions(), "meta", meta.SerializeAsString());
}

// Leaves what a store needs, without logs for people and options of the moment.
void Tidy(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (absl::StartsWith(name, "LOG") || absl::StartsWith(name, "OPTIONS") || name == "LOCK") {
      std::filesystem::remove(entry.path());
    }
  }
}

}  // namespace
}  // namespace trialgate::store

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const absl::Status filled = trialgate::store::Fill(argv[1]);
  if (!filled.ok()) {
    std::cerr << filled << std::endl;
    return 1;
  }
  trialgate::store::TurnIntoFormat0(argv[1]);
  trialgate::store::Tidy(argv[1]);
  return 0;
}
