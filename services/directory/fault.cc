#include "services/directory/fault.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

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

void Faults::AddAll(const FieldFaults& fields) {
  for (const FieldViolation& fault : fields.told()) {
    Add({"", fault.field}, fault.reason, fault.description);
  }
  count_ += fields.count() - fields.told().size();
}

absl::Status FaultsError(const Faults& faults) {
  const auto is_sample = [](const Fault& fault) {
    return fault.reason == v1::ERROR_REASON_SAMPLE_NOT_ALLOWED;
  };
  const bool sample_only = std::all_of(faults.kept().begin(), faults.kept().end(), is_sample);
  const auto field = [](const Place& place) {
    if (place.file.empty()) return place.at;
    return place.at.empty() ? place.file : absl::StrCat(place.file, ": ", place.at);
  };
  const Fault& first = faults.kept().front();
  const std::size_t more = faults.count() - 1;
  Error error(absl::StatusCode::kInvalidArgument,
              sample_only ? v1::ERROR_REASON_SAMPLE_NOT_ALLOWED : v1::ERROR_REASON_INVALID_FIELDS,
              absl::StrCat(field(first.place), ": ", first.description,
                           more == 0 ? "" : absl::StrCat(" (and ", more, " more)")));
  if (faults.count() > faults.kept().size()) {
    error.WithMetadata("faults_total", absl::StrCat(faults.count()));
  }
  for (const Fault& fault : faults.kept()) {
    error.WithFieldViolation(field(fault.place), fault.reason, fault.description);
  }
  return error;
}

}  // namespace trialgate::directory
