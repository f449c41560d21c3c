// Rules for single fields of a request: each adds a fault where the value breaks it. A field's path
// is that from the call's request, such as "trial_request.conditions[2].text".
#ifndef TRIALGATE_SERVICES_FEASIBILITY_FIELD_RULES_H_
#define TRIALGATE_SERVICES_FEASIBILITY_FIELD_RULES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "common/base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "trialgate/v1/types.pb.h"

namespace trialgate::feasibility {

enum class Presence { kOptional, kRequired };

using trialgate::IsUtf8;

// Whether `text` is 64 lower-case hexadecimal digits.
bool IsSha256Hex(absl::string_view text);

// Whether `text` is "https://" and a host, perhaps more, of printable ASCII throughout.
bool IsHttpsAddress(absl::string_view text);

// Whether `text` is a type and a subtype, as in "application/pdf".
bool IsMediaType(absl::string_view text);

class FieldRules {
 public:
  // `faults` is not owned.
  explicit FieldRules(FieldFaults* faults) : faults_(faults) {}

  FieldFaults& faults() const { return *faults_; }

  // REQUIRED, where it is and is empty.
  void Required(const std::string& field, bool present) const;
  // REQUIRED; TOO_LONG beyond `max` bytes.
  void Text(const std::string& field, absl::string_view text, std::size_t max,
            Presence presence) const;
  // REQUIRED for 0; UNKNOWN_VALUE for a number that `type` does not have.
  void Enum(const std::string& field, int value, const google::protobuf::EnumDescriptor& type,
            Presence presence) const;
  // OUT_OF_RANGE.
  void Range(const std::string& field, std::int64_t value, std::int64_t min,
             std::int64_t max) const;
  // TOO_MANY. Returns how many elements should be looked at: no more than `max`.
  int Count(const std::string& field, int count, int max) const;
  // REQUIRED; INVALID_FORMAT. The date where there is a good one.
  std::optional<absl::CivilDay> Date(const std::string& field, const std::string& text,
                                     Presence presence) const;
  // REQUIRED and TOO_LONG of system and code, TOO_LONG of its display.
  void Code(const std::string& field, const v1::Code& code) const;
  // TOO_MANY; Code of each; DUPLICATE of system and code together.
  void Codes(const std::string& field, const google::protobuf::RepeatedPtrField<v1::Code>& codes,
             int max) const;
  // TOO_MANY; INVALID_FORMAT or UNKNOWN_VALUE of each element that is not `known`; DUPLICATE.
  // `collection`: elements are names "collection/{id}"; empty: ids of `what` ("speciality").
  void References(const std::string& field,
                  const google::protobuf::RepeatedPtrField<std::string>& values, int max,
                  absl::string_view collection, absl::string_view what,
                  const std::function<bool(const std::string&)>& known) const;
  // INVALID_FORMAT or UNKNOWN_VALUE, as References does for an element.
  void Reference(const std::string& field, const std::string& value, absl::string_view collection,
                 absl::string_view what,
                 const std::function<bool(const std::string&)>& known) const;
  // INVALID_UTF8 of every text at or below `message`; `prefix` ends in '.'.
  void Utf8(const std::string& prefix, const google::protobuf::Message& message) const;

  void Duplicate(const std::string& field, absl::string_view value) const;

 private:
  FieldFaults* const faults_;
};

// "list[3]"
std::string Element(const std::string& list, int index);

// `value` in quotation marks if it is short UTF-8; else words in its place.
std::string Quoted(absl::string_view value);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_FIELD_RULES_H_
