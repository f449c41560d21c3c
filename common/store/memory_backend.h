// The backend of the memory store.
#ifndef TRIALGATE_COMMON_STORE_MEMORY_BACKEND_H_
#define TRIALGATE_COMMON_STORE_MEMORY_BACKEND_H_

#include <memory>

#include "common/store/backend.h"

namespace trialgate::store {

std::unique_ptr<Backend> NewMemoryBackend();

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_MEMORY_BACKEND_H_
