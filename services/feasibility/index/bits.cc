#include "services/feasibility/index/bits.h"

// Machines of the last fifteen years count bits with one instruction, which the baseline that we
// compile for does not have. Sanitizers do not go with functions chosen at the start.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TRIALGATE_POPCNT __attribute__((target_clones("popcnt", "default")))
#else
#define TRIALGATE_POPCNT
#endif

namespace trialgate::feasibility {
namespace {

TRIALGATE_POPCNT int CountOf(const std::uint64_t* words) {
  int count = 0;
  for (std::size_t i = 0; i < Bits::kWords; ++i) count += __builtin_popcountll(words[i]);
  return count;
}

}  // namespace

int Bits::Count() const { return CountOf(words.data()); }

}  // namespace trialgate::feasibility
