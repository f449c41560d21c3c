#include "services/feasibility/index/bit_columns.h"

#include <algorithm>

namespace trialgate::feasibility {

void ValueSets::Seal() {
  values_.reserve(building_.size());
  for (const auto& [value, unused] : building_) values_.push_back(value);
  std::sort(values_.begin(), values_.end());
  sets_.reserve(values_.size());
  for (const std::int32_t value : values_) sets_.push_back(building_[value]);
  building_ = {};
}

const Bits& ValueSets::Of(std::int32_t value) const {
  static const Bits kNone;
  const auto at = std::lower_bound(values_.begin(), values_.end(), value);
  if (at == values_.end() || *at != value) return kNone;
  return sets_[static_cast<std::size_t>(at - values_.begin())];
}

std::size_t ValueSets::MemoryBytes() const {
  return values_.capacity() * sizeof(std::int32_t) + sets_.capacity() * sizeof(Bits);
}

SlicedNumbers::SlicedNumbers(absl::Span<const std::int32_t> numbers) {
  if (numbers.empty()) return;
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  least_ = *least;
  std::size_t digits = 0;
  while (((std::int64_t{*most} - least_) >> digits) != 0) ++digits;
  slices_.resize(digits);
  for (std::size_t site = 0; site < numbers.size(); ++site) {
    const std::int64_t number = std::int64_t{numbers[site]} - least_;
    for (std::size_t digit = 0; digit < digits; ++digit) {
      if (((number >> digit) & 1) != 0) slices_[digit].Set(static_cast<int>(site));
    }
  }
}

Bits SlicedNumbers::AtMost(std::int64_t bound) const {
  if (bound < least_) return Bits();
  const Bits all = Bits::First(Bits::kSites);
  const std::int64_t most = bound - least_;
  if ((most >> slices_.size()) != 0) return all;
  Bits less;
  Bits equal = all;
  for (std::size_t digit = slices_.size(); digit-- > 0;) {
    const Bits& slice = slices_[digit];
    if (((most >> digit) & 1) != 0) {
      less |= equal.AndNot(slice);
      equal &= slice;
    } else {
      equal = equal.AndNot(slice);
    }
  }
  return less | equal;
}

}  // namespace trialgate::feasibility
