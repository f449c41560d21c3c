#include "common/store/memory_store.h"

#include <utility>

#include "common/store/memory_backend.h"
#include "common/store/sequenced_store.h"

namespace trialgate::store {

std::unique_ptr<Store> NewMemoryStore(const StoreOptions& options) {
  // Cannot fail: memory has its head always.
  return *NewSequencedStore(NewMemoryBackend(), options);
}

}  // namespace trialgate::store
