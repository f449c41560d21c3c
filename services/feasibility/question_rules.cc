#include "services/feasibility/question_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

v1::QuestionType TypeOf(v1::DirectoryField field) {
  switch (field) {
    case v1::DIRECTORY_FIELD_CAPABILITY:
      return v1::QUESTION_TYPE_YES_NO;
    case v1::DIRECTORY_FIELD_START_UP_MEDIAN_DAYS:
    case v1::DIRECTORY_FIELD_START_UP_P90_DAYS:
    case v1::DIRECTORY_FIELD_TRIALS_OF_PHASE:
    case v1::DIRECTORY_FIELD_RECRUITED_PATIENTS:
      return v1::QUESTION_TYPE_NUMBER;
    default:
      return v1::QUESTION_TYPE_TEXT;
  }
}

void CheckArgument(const FieldRules& rules, const std::string& field, const v1::Question& question,
                   const directory::DirectorySnapshot& directory) {
  const std::string& argument = question.directory_argument();
  switch (question.directory_field()) {
    case v1::DIRECTORY_FIELD_CAPABILITY:
      rules.Required(field, !argument.empty());
      if (!argument.empty() && !directory.HasCapability(argument)) {
        rules.faults().Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
                           absl::StrCat(Quoted(argument), " is no capability of the country"));
      }
      return;
    case v1::DIRECTORY_FIELD_RECRUITED_PATIENTS:
      if (!argument.empty() && !directory.HasSpeciality(argument)) {
        rules.faults().Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
                           absl::StrCat(Quoted(argument), " is no speciality of the country"));
      }
      return;
    default:
      if (argument.empty()) return;
      rules.faults().Add(field, v1::ERROR_REASON_CONTRADICTION,
                         "must be absent: directory_field takes no argument");
  }
}

}  // namespace

void CheckDirectoryField(const FieldRules& rules, const std::string& field,
                         const v1::Question& question,
                         const directory::DirectorySnapshot& directory) {
  rules.Enum(field + ".directory_field", question.directory_field(),
             *v1::DirectoryField_descriptor(), Presence::kOptional);
  CheckArgument(rules, field + ".directory_argument", question, directory);
  if (question.directory_field() == v1::DIRECTORY_FIELD_UNSPECIFIED ||
      !v1::DirectoryField_IsValid(question.directory_field())) {
    return;
  }
  if (question.scope() == v1::QUESTION_SCOPE_DESK) {
    rules.faults().Add(field + ".scope", v1::ERROR_REASON_CONTRADICTION,
                       "must be SITE: the directory answers of sites only");
  }
  const v1::QuestionType type = TypeOf(question.directory_field());
  const v1::QuestionType given =
      question.type() == v1::QUESTION_TYPE_UNSPECIFIED ? v1::QUESTION_TYPE_TEXT : question.type();
  if (given == type) return;
  rules.faults().Add(
      field + ".type", v1::ERROR_REASON_CONTRADICTION,
      absl::StrCat("must be ", absl::StripPrefix(v1::QuestionType_Name(type), "QUESTION_TYPE_"),
                   ", as the directory's field is"));
}

}  // namespace trialgate::feasibility
