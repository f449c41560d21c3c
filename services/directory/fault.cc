#include "services/directory/fault.h"

#include "absl/strings/str_cat.h"

namespace trialgate::directory {

Place Place::Field(absl::string_view name) const {
  return {file, at.empty() ? std::string(name) : absl::StrCat(at, ".", name)};
}

Place Place::Element(absl::string_view name, int index) const {
  return Field(absl::StrCat(name, "[", index, "]"));
}

void Faults::Add(const Place& place, v1::ErrorReason reason, absl::string_view description) {
  if (++count_ <= kMaxKept) kept_.push_back({place, reason, std::string(description)});
}

}  // namespace trialgate::directory
