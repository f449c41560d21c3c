// AIP-132 orders: "region, start_up.median_days desc". What is absent comes first, numbers by size,
// texts byte by byte in their first kMaxOrderedBytes bytes.
#ifndef TRIALGATE_COMMON_FILTER_ORDER_H_
#define TRIALGATE_COMMON_FILTER_ORDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/filter/faults.h"
#include "common/filter/fields.h"

namespace trialgate::filter {

inline constexpr std::size_t kMaxOrderBytes = 1024;
// So that a page token, which holds what a page ends at, stays short.
inline constexpr std::size_t kMaxOrderFields = 4;
inline constexpr std::size_t kMaxOrderedBytes = 256;

struct OrderField {
  std::size_t field;  // index into the fields
  bool descending = false;
};

// Reads `text`, UTF-8; an empty one, or one of spaces, is no field at all. Returns the fault, if
// there is one; `order` is complete only without.
std::optional<Fault> ParseOrder(absl::string_view text, absl::Span<const Field> fields,
                                std::vector<OrderField>* order);

// Appends bytes to `key` so that keys made of the same order compare bytewise as the records do.
// `values` are those of the field of `field`.
void AppendToKey(const OrderField& field, const Values& values, std::string* key);

}  // namespace trialgate::filter

#endif  // TRIALGATE_COMMON_FILTER_ORDER_H_
