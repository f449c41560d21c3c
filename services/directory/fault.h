// What is wrong with data that came in, and where: a file and a place in it.
#ifndef TRIALGATE_SERVICES_DIRECTORY_FAULT_H_
#define TRIALGATE_SERVICES_DIRECTORY_FAULT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trialgate {
class FieldFaults;
}  // namespace trialgate

namespace trialgate::v1 {
enum ErrorReason : int;
}  // namespace trialgate::v1

namespace trialgate::directory {

// A place in a message: "desks[3].calendar" of "desks.json".
struct Place {
  std::string file;
  // Names of the proto fields, "[i]" for elements; or a line and column. Empty: the whole file.
  std::string at;

  // The field `name` of the message at this place.
  Place Field(absl::string_view name) const;
  // Element `index` of the list `name` of the message at this place.
  Place Element(absl::string_view name, int index) const;
};

struct Fault {
  Place place;
  v1::ErrorReason reason;
  // Goes on after the place: "must be at most 60".
  std::string description;
};

// Collects faults. Not thread-safe.
class Faults {
 public:
  // Faults kept; those beyond are only counted.
  static constexpr std::size_t kMaxKept = 300;

  void Add(const Place& place, v1::ErrorReason reason, absl::string_view description);
  // Adds the faults of fields of a request.
  void AddAll(const FieldFaults& fields);

  bool empty() const { return count_ == 0; }
  // All of them, also those beyond kMaxKept.
  std::size_t count() const { return count_; }
  // The first kMaxKept, in the order in which they were added.
  const std::vector<Fault>& kept() const { return kept_; }

 private:
  std::size_t count_ = 0;
  std::vector<Fault> kept_;
};

// INVALID_ARGUMENT with every fault as a field violation, "file: place"; its reason is
// SAMPLE_NOT_ALLOWED where that is all there is, else INVALID_FIELDS. `faults` is not empty.
absl::Status FaultsError(const Faults& faults);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_FAULT_H_
