// Columns of a block that are kept as bits: a set for each value, and numbers in slices.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_BIT_COLUMNS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_BIT_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "services/feasibility/index/bits.h"

namespace trialgate::feasibility {

// For each of some values the sites that have it.
class ValueSets {
 public:
  // To be filled before Seal.
  void Add(std::int32_t value, int site) { building_[value].Set(site); }
  // All sites of a value at once, also none.
  void AddSet(std::int32_t value, const Bits& sites) { building_[value] |= sites; }
  // Ends the filling: from then on immutable.
  void Seal();

  // The sites with the value; the empty set where none has it.
  const Bits& Of(std::int32_t value) const;

  // Ascending, with their sets at the same places.
  const std::vector<std::int32_t>& values() const { return values_; }
  const std::vector<Bits>& sets() const { return sets_; }

  std::size_t MemoryBytes() const;

 private:
  absl::flat_hash_map<std::int32_t, Bits> building_;
  std::vector<std::int32_t> values_;
  std::vector<Bits> sets_;
};

// A number of each site, a set for each of its binary digits: which numbers are at most a bound is
// found with a few operations a digit (bit-sliced index, O'Neil and Quass 1997).
class SlicedNumbers {
 public:
  SlicedNumbers() = default;
  explicit SlicedNumbers(absl::Span<const std::int32_t> numbers);

  // The sites whose number is at most `bound`; of places beyond the last site anything.
  Bits AtMost(std::int64_t bound) const;

  std::size_t MemoryBytes() const { return slices_.capacity() * sizeof(Bits); }

 private:
  std::int64_t least_ = 0;
  std::vector<Bits> slices_;  // of number − least, the lowest digit first
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_BIT_COLUMNS_H_
