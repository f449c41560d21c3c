// A backend that misbehaves in every way that a store is permitted to.
#ifndef TRIALGATE_TESTS_SUPPORT_UNKIND_BACKEND_H_
#define TRIALGATE_TESTS_SUPPORT_UNKIND_BACKEND_H_

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "common/store/backend.h"

namespace trialgate::store {

// How often, of 100 applications of a batch, each mischief happens; the rest goes well.
struct Unkindness {
  int fail_not_applied = 0;  // an error, and nothing was written: the outcome is unknown
  int fail_applied = 0;      // an error, though all was written: the outcome is unknown
  int delay = 0;             // it takes `delay_by` longer
  absl::Duration delay_by = absl::Milliseconds(1);
  std::uint64_t seed = 1;
};

// Wraps `kind`. What it does follows from the seed alone.
std::unique_ptr<Backend> NewUnkindBackend(std::unique_ptr<Backend> kind,
                                          const Unkindness& unkindness);

// A store whose commits are refused, now and then, without cause, as happens where others write the
// same keys: every `refuse_every`-th commit (0: none) that has a precondition. Not owned: `store`.
std::unique_ptr<Store> NewRefusingStore(Store* store, int refuse_every);

}  // namespace trialgate::store

#endif  // TRIALGATE_TESTS_SUPPORT_UNKIND_BACKEND_H_
