// The characters of a filter or an order, one after the other.
#ifndef TRIALGATE_COMMON_FILTER_SCANNER_H_
#define TRIALGATE_COMMON_FILTER_SCANNER_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/filter/faults.h"
#include "common/filter/fields.h"

namespace trialgate::filter {

// The fault of a text that nobody reads further: longer than `max_bytes`, or with a control
// character.
std::optional<Fault> CheckText(absl::string_view text, std::size_t max_bytes);

// Not thread-safe.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  std::size_t offset() const { return at_; }
  bool done() const { return at_ == text_.size(); }
  absl::string_view rest() const { return text_.substr(at_); }
  void Skip(std::size_t bytes) { at_ += bytes; }
  // Returns how many there were.
  std::size_t SkipSpaces();

  // The characters up to the first that is none of a field's path: letters, digits, "_", ".".
  absl::string_view TakePath();
  // The characters of a bare value.
  absl::string_view TakeBare();

 private:
  absl::string_view text_;
  std::size_t at_ = 0;
};

// The index of the field that stands here; moves behind it.
std::optional<Fault> TakeField(absl::Span<const Field> fields, Scanner* scanner,
                               std::size_t* field);

}  // namespace trialgate::filter

#endif  // TRIALGATE_COMMON_FILTER_SCANNER_H_
