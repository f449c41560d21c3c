#include "tests/contract/store_fixture.h"

#include <utility>

#include "common/store/memory_backend.h"
#include "common/store/memory_store.h"
#include "common/store/rocksdb_store.h"
#include "common/store/sequenced_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/unkind_backend.h"

namespace trialgate::store {
namespace {

absl::StatusOr<std::unique_ptr<Store>> MakeStore(StoreKind kind, const std::string& folder,
                                                 const StoreOptions& options) {
  switch (kind) {
    case StoreKind::kMemory:
      return NewMemoryStore(options);
    case StoreKind::kRocksDb: {
      RocksDbStoreOptions rocksdb_options;
      rocksdb_options.folder = folder;
      rocksdb_options.store = options;
      return OpenRocksDbStore(rocksdb_options);
    }
    case StoreKind::kUnkind: {
      Unkindness unkindness;
      unkindness.fail_not_applied = 20;
      unkindness.fail_applied = 20;
      unkindness.delay = 10;
      return NewSequencedStore(NewUnkindBackend(NewMemoryBackend(), unkindness), options);
    }
  }
  return absl::InternalError("no such kind");
}

}  // namespace

StoreTest::StoreTest() { NewStore({}); }

void StoreTest::NewStore(StoreOptions options) {
  options.clock = &clock_;
  store_.reset();
  folders_.push_back(std::make_unique<TempDir>());
  auto made = MakeStore(GetParam(), folders_.back()->Sub("store"), options);
  EXPECT_OK(made);
  store_ = *std::move(made);
}

CommitRequest StoreTest::Request(std::vector<Write> writes,
                                 std::vector<Precondition> preconditions) {
  CommitRequest request;
  request.id = ids_.NewId();
  request.writes = std::move(writes);
  request.preconditions = std::move(preconditions);
  request.event = "event of " + request.id;
  return request;
}

CommitOutcome StoreTest::Settled(const CommitRequest& request) {
  while (true) {
    const auto outcome = store().Commit(request);
    EXPECT_OK(outcome);
    if (!outcome.ok()) return {};
    if (outcome->kind != CommitOutcome::Kind::kUnknown) return *outcome;
  }
}

CommitNumber StoreTest::MustCommit(const CommitRequest& request) {
  const CommitOutcome outcome = Settled(request);
  EXPECT_EQ(outcome.kind, CommitOutcome::Kind::kCommitted);
  return outcome.number;
}

CommitNumber StoreTest::MustPut(const std::string& key, const std::string& value) {
  return MustCommit(Request({{key, value}}));
}

CommitNumber StoreTest::MustDelete(const std::string& key) {
  return MustCommit(Request({{key, std::nullopt}}));
}

std::optional<std::string> StoreTest::ValueOf(const std::string& key, CommitNumber as_of) {
  const auto entries = store().Get({key}, as_of);
  EXPECT_OK(entries);
  if (!entries.ok() || !entries->front().has_value()) return std::nullopt;
  EXPECT_EQ(entries->front()->key, key);
  return entries->front()->value;
}

std::vector<std::string> StoreTest::Scanned(const ScanRange& range, CommitNumber as_of) {
  std::vector<std::string> found;
  const auto page = store().Scan(range, as_of);
  EXPECT_OK(page);
  if (!page.ok()) return found;
  for (const Entry& entry : page->entries) found.push_back(entry.key + "=" + entry.value);
  return found;
}

std::vector<StoreKind> AllStores() {
#ifdef TRIALGATE_THREAD_SANITIZER
  return {StoreKind::kMemory, StoreKind::kUnkind};
#else
  return {StoreKind::kMemory, StoreKind::kRocksDb, StoreKind::kUnkind};
#endif
}

std::string StoreKindName(const testing::TestParamInfo<StoreKind>& info) {
  switch (info.param) {
    case StoreKind::kMemory:
      return "Memory";
    case StoreKind::kRocksDb:
      return "RocksDb";
    case StoreKind::kUnkind:
      return "Unkind";
  }
  return "";
}

}  // namespace trialgate::store
