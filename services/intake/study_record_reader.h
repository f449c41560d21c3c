// Reads values of a study record by path, and notes every one that is not of the type expected.
#ifndef TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_READER_H_
#define TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_READER_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace trialgate::intake {

// The document, within the limits of study_record.h and known to be an object. Errors as
// DeriveDraft.
absl::StatusOr<nlohmann::json> ParseStudyRecord(absl::string_view text);

// A text of the record and where it stands.
struct FoundText {
  std::string text;
  std::string path;
};

// Paths are keys joined by dots, from the record's top. Absent and null are the same, and no fault.
// Neither the record nor the faults are owned. Not thread-safe.
class StudyRecordReader {
 public:
  StudyRecordReader(const nlohmann::json& record, FieldFaults* faults);

  // The object there; a fault where it is something else.
  const nlohmann::json* Object(absl::string_view path);
  // The text there, without blanks around it; nullopt where it is absent or blank. A fault where it
  // is no text.
  std::optional<std::string> Text(absl::string_view path);
  // The texts of the list there, blank ones left out.
  std::vector<FoundText> Texts(absl::string_view path);
  // The texts under `key` of the objects in the list there.
  std::vector<FoundText> TextsOf(absl::string_view list, absl::string_view key);
  // Number of elements of the list there; 0 where it is absent.
  int Count(absl::string_view list);
  // The whole number there; a fault where it is none or lies outside of [min, max].
  std::optional<std::int64_t> Integer(absl::string_view path, std::int64_t min, std::int64_t max);
  std::optional<bool> Flag(absl::string_view path);

  // Notes a fault at a path of the record.
  void Fault(absl::string_view path, v1::ErrorReason reason, absl::string_view description);

 private:
  const nlohmann::json* Find(absl::string_view path);
  const nlohmann::json* List(absl::string_view path);
  void WrongType(absl::string_view path, absl::string_view expected);

  const nlohmann::json& record_;
  FieldFaults* const faults_;
  std::set<std::string> wrong_types_;  // each place is told once
};

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_READER_H_
