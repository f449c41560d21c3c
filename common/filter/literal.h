// Values as they are written in filters.
#ifndef TRIALGATE_COMMON_FILTER_LITERAL_H_
#define TRIALGATE_COMMON_FILTER_LITERAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/fields.h"

namespace trialgate::filter {

// The value that `text` is for a field. INVALID_ARGUMENT with a message fit for a fault, which does
// not quote the text.
absl::StatusOr<Value> ParseLiteral(const Field& field, absl::string_view text);

// The words of `text` as they are compared by ":", a space between each; empty: it has none.
std::string FoldedWords(absl::string_view text);

}  // namespace trialgate::filter

#endif  // TRIALGATE_COMMON_FILTER_LITERAL_H_
