// How long persons' fields are kept: the rules of the pack.
#ifndef TRIALGATE_SERVICES_PEOPLE_RETENTION_H_
#define TRIALGATE_SERVICES_PEOPLE_RETENTION_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::people {

// Whose the fields stored under `name` are (person_repository.h); UNSPECIFIED for other names.
v1::RetentionSubject SubjectOf(absl::string_view name);

// The first day on which what ended on `ended` is not kept any more: that many calendar months
// later, in a shorter month its last day.
absl::CivilDay KeptUntil(absl::CivilDay ended, int months);

// The rule by which the fields of `subject` are due on `today`, if what they belong to ended on
// `ended`; nullptr: none.
const v1::RetentionRule* DueBy(const google::protobuf::RepeatedPtrField<v1::RetentionRule>& rules,
                               v1::RetentionSubject subject, std::optional<absl::CivilDay> ended,
                               absl::CivilDay today);

}  // namespace trialgate::people

#endif  // TRIALGATE_SERVICES_PEOPLE_RETENTION_H_
