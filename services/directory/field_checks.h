// Checks of single fields: each adds a fault where the value is not as documented.
#ifndef TRIALGATE_SERVICES_DIRECTORY_FIELD_CHECKS_H_
#define TRIALGATE_SERVICES_DIRECTORY_FIELD_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/directory/fault.h"
#include "trialgate/v1/types.pb.h"

namespace trialgate::directory {

// Lower-case letters, digits and hyphens, beginning with a letter, `min` to 63 bytes.
bool IsId(absl::string_view text, std::size_t min = 1);

// Whether `name` is `collection`/{id}, e.g. "regions/north"; `min` as for IsId.
bool IsName(absl::string_view name, absl::string_view collection, std::size_t min = 1);

// An IANA time zone that this machine can load. A name never leads out of the zones' folder.
bool IsTimeZone(absl::string_view name);

// "local@domain.tld" of printable ASCII without spaces, at most 254 bytes.
bool IsEmail(absl::string_view text);

class FieldChecks {
 public:
  // `faults` is not owned.
  explicit FieldChecks(Faults* faults) : faults_(faults) {}

  Faults& faults() const { return *faults_; }

  void Required(absl::string_view text, const Place& place);
  void Text(absl::string_view text, std::size_t max, const Place& place);
  void RequiredText(absl::string_view text, std::size_t max, const Place& place);
  void Name(absl::string_view name, absl::string_view collection, const Place& place);
  void TermId(absl::string_view id, const Place& place);
  void Country(absl::string_view code, const Place& place);
  void TimeZone(absl::string_view name, const Place& place);
  // An ISO date, or empty.
  void Date(absl::string_view date, const Place& place);
  // Both dates, and their order. `place` is that of the message.
  void Span(absl::string_view from, absl::string_view from_field, absl::string_view to,
            absl::string_view to_field, const Place& place);
  void Range(std::int64_t value, std::int64_t min, std::int64_t max, const Place& place);
  // Finite and within [min, max].
  void FiniteRange(double value, double min, double max, const Place& place);
  void Count(int count, int max, const Place& place);
  void Code(const v1::Code& code, const Place& place);
  void Source(const v1::Source& source, const Place& place);
  // A value that must say where it is from.
  void RequiredSource(bool present, const v1::Source& source, const Place& place);

  // No element twice.
  void Distinct(const google::protobuf::RepeatedPtrField<std::string>& texts,
                absl::string_view field, const Place& place);
  // Every value given (not UNSPECIFIED) and none twice. `List` is a repeated enum.
  template <typename List>
  void Enums(const List& values, absl::string_view field, const Place& place);

 private:
  Faults* const faults_;
};

// Calls `visit` for every Source below `message`, `place` being that of the message.
void VisitSources(const google::protobuf::Message& message, const Place& place,
                  const std::function<void(const v1::Source&, const Place&)>& visit);

// Adds a fault for every text below `message` that is longer than a text may be anywhere (4096
// bytes) or has control characters other than line ends and tabs, and for every enum of which the
// API lists no such value.
void CheckTexts(const google::protobuf::Message& message, const Place& place, Faults* faults);

// Implementation from here on.

namespace internal {
void AddUnspecified(const Place& place, Faults* faults);
void AddDuplicate(const Place& place, Faults* faults);
}  // namespace internal

template <typename List>
void FieldChecks::Enums(const List& values, absl::string_view field, const Place& place) {
  std::set<int> seen;
  for (int i = 0; i < values.size(); ++i) {
    if (values.Get(i) == 0) internal::AddUnspecified(place.Element(field, i), faults_);
    if (!seen.insert(values.Get(i)).second) {
      internal::AddDuplicate(place.Element(field, i), faults_);
    }
  }
}

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_FIELD_CHECKS_H_
