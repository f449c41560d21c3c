// Finds numbers of persons, such as civil registration numbers, in what people write.
//
//   FieldFaults faults;
//   CheckPersonalNumbers(request, "", directory.settings().personal_numbers(), &faults);
//   ABSL_RETURN_IF_ERROR(faults.ToStatus());
//
// How the numbers look is the pack's to say (PersonalNumberRule in pack.proto). Nothing here
// repeats a number that was found.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PERSONAL_NUMBER_H_
#define TRIALGATE_SERVICES_DIRECTORY_PERSONAL_NUMBER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

using PersonalNumberRules = google::protobuf::RepeatedPtrField<v1::PersonalNumberRule>;

// Where a number stands: bytes [begin, end) of the text.
struct PersonalNumber {
  const v1::PersonalNumberRule* rule;  // one of those given
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Every number in `text`, in order, none overlapping another. Digits of any script count as such;
// between the date and the rest, up to three dashes, spaces, line ends, and any of "./_:" may
// stand, and between all parts of the date as well, if then one stands after it; characters that
// are not shown count as none. A number after "+" is one of a telephone. Rules in which
// PatternFault or CenturiesFault finds a fault find nothing.
std::vector<PersonalNumber> FindPersonalNumbers(absl::string_view text,
                                                const PersonalNumberRules& rules);

// What is wrong with a rule's pattern or centuries, in words; empty: nothing.
std::string PatternFault(const v1::PersonalNumberRule& rule);
std::string CenturiesFault(const v1::PersonalNumberRule& rule);

// Calls `found` once for each text below `message` that people write and that holds a number, with
// the text's path and the rule. Texts of class CONTROL and ETAG, and those that the proto declares
// as coded, are not searched, but for codes and URIs, which people may write as they like. Not so
// telephone numbers: in many countries one of ten digits looks the same.
void ForEachPersonalNumber(
    const google::protobuf::Message& message, const PersonalNumberRules& rules,
    const std::function<void(const std::string& path, const v1::PersonalNumberRule& rule)>& found);

// What is told of such a text: goes on after the field's name.
std::string PersonalNumberDescription(const v1::PersonalNumberRule& rule);

// Adds a fault (PERSONAL_NUMBER) for each of these texts; `prefix` stands before its path.
void CheckPersonalNumbers(const google::protobuf::Message& message, absl::string_view prefix,
                          const PersonalNumberRules& rules, FieldFaults* faults);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PERSONAL_NUMBER_H_
