// AIP-160 filters, of this much of the grammar:
//
//   filter     = comparison { " AND " comparison }
//   comparison = field ( "=" | "!=" | "<" | ">" | ":" ) value
//   value      = '"' { character | '\"' | '\\' } '"'  |  bare
//   bare       = characters but spaces, quotes, parentheses, brackets, commas, operators, "*" and
//                "\"; not AND, OR or NOT
//
// with spaces around fields, operators and values as one likes. What operators and values a field
// takes follows from its kind (fields.h); besides, "" by = and != is what is absent. Anything else
// is a fault with its position. Pure; a parsed filter is immutable, hence thread-safe.
#ifndef TRIALGATE_COMMON_FILTER_FILTER_H_
#define TRIALGATE_COMMON_FILTER_FILTER_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/filter/faults.h"
#include "common/filter/fields.h"

namespace trialgate::filter {

inline constexpr std::size_t kMaxFilterBytes = 4096;
inline constexpr std::size_t kMaxComparisons = 32;

enum class Operator { kEqual, kNotEqual, kLess, kGreater, kHas };

struct Comparison {
  std::size_t field;  // index into the fields
  Operator op;
  // nullopt: what is absent. Of ":" on texts it is folded.
  std::optional<Value> value;
};

// Reads `text`, UTF-8; an empty one, or one of spaces, is no comparison at all. Returns the fault,
// if there is one; `comparisons` is complete only without. They are ordered by field.
std::optional<Fault> ParseFilter(absl::string_view text, absl::Span<const Field> fields,
                                 std::vector<Comparison>* comparisons);

// Whether a record meets all of them; `read` gives its values of a field, and is called once for
// each field that is compared. As ParseFilter made them, of the same fields.
bool Matches(absl::Span<const Comparison> comparisons, absl::Span<const Field> fields,
             absl::FunctionRef<Values(std::size_t field)> read);

}  // namespace trialgate::filter

#endif  // TRIALGATE_COMMON_FILTER_FILTER_H_
