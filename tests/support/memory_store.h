// The embedded store without a disk, with a test's clock.
#ifndef TRIALGATE_TESTS_SUPPORT_MEMORY_STORE_H_
#define TRIALGATE_TESTS_SUPPORT_MEMORY_STORE_H_

#include <memory>

#include "common/base/clock.h"
#include "common/store/memory_store.h"

namespace trialgate::store {

// An empty store whose commits are at the times of `clock`, which outlives it.
inline std::unique_ptr<Store> MemoryStoreWith(const Clock* clock) {
  StoreOptions options;
  options.clock = clock;
  return NewMemoryStore(options);
}

}  // namespace trialgate::store

#endif  // TRIALGATE_TESTS_SUPPORT_MEMORY_STORE_H_
