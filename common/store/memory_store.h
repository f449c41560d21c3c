// A store in memory: for tests, and for trying things out. Everything is gone with the object.
#ifndef TRIALGATE_COMMON_STORE_MEMORY_STORE_H_
#define TRIALGATE_COMMON_STORE_MEMORY_STORE_H_

#include <memory>

#include "common/store/store.h"

namespace trialgate::store {

std::unique_ptr<Store> NewMemoryStore(const StoreOptions& options = {});

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_MEMORY_STORE_H_
