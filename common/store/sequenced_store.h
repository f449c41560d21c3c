// A store made of a backend and a commit sequencer: for stores that one process alone commits to.
#ifndef TRIALGATE_COMMON_STORE_SEQUENCED_STORE_H_
#define TRIALGATE_COMMON_STORE_SEQUENCED_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/store/backend.h"
#include "common/store/store.h"

namespace trialgate::store {

// An error is that of Backend::LoadHead.
absl::StatusOr<std::unique_ptr<Store>> NewSequencedStore(std::unique_ptr<Backend> backend,
                                                         const StoreOptions& options);

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_SEQUENCED_STORE_H_
