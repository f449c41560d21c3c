// What is wrong with the fields of a list call, told at once.
#ifndef TRIALGATE_COMMON_FILTER_FAULTS_H_
#define TRIALGATE_COMMON_FILTER_FAULTS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace trialgate::filter {

// What is wrong with a text, and where. Never quotes the text: what people search for is theirs.
struct Fault {
  std::size_t offset;  // byte of the text
  std::string description;
};

// Not thread-safe.
class CallFaults {
 public:
  // The faults of the other fields.
  FieldFaults* fields() { return &faults_; }

  // A fault of `field`, whose text is `text`: tells it with its position, the character counted
  // from 1, in words and in the metadata "position", which is that of the first fault added.
  void Add(absl::string_view field, v1::ErrorReason reason, absl::string_view text,
           const Fault& fault);

  // OK without faults. INVALID_ARGUMENT with every fault as a field violation; its reason is that
  // of the fault where there is but one and it has a position, else INVALID_FIELDS.
  absl::Status ToStatus() const;

 private:
  FieldFaults faults_;
  std::optional<std::size_t> position_;
};

}  // namespace trialgate::filter

#endif  // TRIALGATE_COMMON_FILTER_FAULTS_H_
