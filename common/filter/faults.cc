#include "common/filter/faults.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::filter {
namespace {

// Characters of UTF-8 text: each has one byte that does not go on with another.
std::size_t Characters(absl::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

}  // namespace

void CallFaults::Add(absl::string_view field, v1::ErrorReason reason, absl::string_view text,
                     const Fault& fault) {
  const std::size_t position = Characters(text.substr(0, fault.offset)) + 1;
  if (!position_.has_value()) position_ = position;
  faults_.Add(field, reason, absl::StrCat("at character ", position, ": ", fault.description));
}

absl::Status CallFaults::ToStatus() const {
  if (!position_.has_value()) return faults_.ToStatus();
  const FieldViolation& first = faults_.told().front();
  const std::size_t more = faults_.count() - 1;
  Error error(absl::StatusCode::kInvalidArgument,
              more == 0 ? first.reason : v1::ERROR_REASON_INVALID_FIELDS,
              absl::StrCat(first.field, ": ", first.description,
                           more == 0 ? "" : absl::StrCat(" (and ", more, " more)")));
  error.WithMetadata("position", absl::StrCat(*position_));
  for (const FieldViolation& violation : faults_.told()) {
    error.WithFieldViolation(violation.field, violation.reason, violation.description);
  }
  return error;
}

}  // namespace trialgate::filter
