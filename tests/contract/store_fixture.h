// One suite for every store: StoreTest runs each of its tests over the memory store, the RocksDB
// store (except under ThreadSanitizer, which cannot see into it) and an unkind store.
#ifndef TRIALGATE_TESTS_CONTRACT_STORE_FIXTURE_H_
#define TRIALGATE_TESTS_CONTRACT_STORE_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/store/store.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/temp_dir.h"

namespace trialgate::store {

enum class StoreKind { kMemory, kRocksDb, kUnkind };

class StoreTest : public testing::TestWithParam<StoreKind> {
 protected:
  StoreTest();

  Store& store() { return *store_; }
  FakeClock& clock() { return clock_; }

  // In place of the store: a new and empty one with these options.
  void NewStore(StoreOptions options);

  // A request with a new id and an event.
  CommitRequest Request(std::vector<Write> writes, std::vector<Precondition> preconditions = {});

  // Commits again and again until the outcome is known.
  CommitOutcome Settled(const CommitRequest& request);

  // Commits; the test fails unless it was committed. Returns the number.
  CommitNumber MustCommit(const CommitRequest& request);
  CommitNumber MustPut(const std::string& key, const std::string& value);
  CommitNumber MustDelete(const std::string& key);

  // The value of a key as of a commit; none where it has none.
  std::optional<std::string> ValueOf(const std::string& key, CommitNumber as_of);

  // "key=value" for each entry of a scan.
  std::vector<std::string> Scanned(const ScanRange& range, CommitNumber as_of);

 private:
  FakeClock clock_;
  FakeIds ids_{"commit"};
  std::vector<std::unique_ptr<TempDir>> folders_;
  std::unique_ptr<Store> store_;
};

// The stores that the suite runs over.
std::vector<StoreKind> AllStores();
std::string StoreKindName(const testing::TestParamInfo<StoreKind>& info);

}  // namespace trialgate::store

#endif  // TRIALGATE_TESTS_CONTRACT_STORE_FIXTURE_H_
