#include "services/intake/study_record_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/json.h"
#include "common/base/utf8.h"
#include "services/intake/study_record.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using nlohmann::json;

constexpr absl::string_view kField = "study_record";
constexpr std::size_t kMaxTokenShown = 40;

absl::Status RecordFault(v1::ErrorReason reason, absl::string_view description) {
  FieldFaults faults;
  faults.Add(kField, reason, description);
  return faults.ToStatus();
}

absl::Status Malformed(const JsonFault& fault, std::size_t size) {
  // What was read last, escaped: it may end within a character.
  const std::string& token = fault.text;
  const std::string found =
      absl::CHexEscape(token.substr(token.size() - std::min(token.size(), kMaxTokenShown)));
  const std::string what =
      fault.offset >= size
          ? "the document breaks off: send the whole of it"
          : absl::StrCat("not JSON from here on: mend the document (found \"", found, "\")");
  const std::string message = absl::StrCat("study record, byte ", fault.offset, ": ", what);
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_MALFORMED_JSON, message)
      .WithMetadata("offset", absl::StrCat(fault.offset))
      .WithFieldViolation(kField, v1::ERROR_REASON_MALFORMED_JSON,
                          absl::StrCat("byte ", fault.offset, ": ", what));
}

// The worst of the faults of a document: what keeps it from being read at all comes last.
absl::Status Refusal(const JsonFault& fault, std::size_t size) {
  switch (fault.kind) {
    case JsonFault::Kind::kNotUtf8:
      return RecordFault(v1::ERROR_REASON_INVALID_UTF8,
                         absl::StrCat("byte ", fault.offset, ": must be UTF-8"));
    case JsonFault::Kind::kTooDeep:
      return RecordFault(v1::ERROR_REASON_OUT_OF_RANGE,
                         absl::StrCat("nests more than ", kMaxStudyRecordDepth, " levels"));
    case JsonFault::Kind::kRepeatedMember:
      return RecordFault(v1::ERROR_REASON_DUPLICATE,
                         absl::StrCat("names \"", ShortenUtf8(fault.text, kMaxTokenShown),
                                      "\" twice in one object; remove one"));
    case JsonFault::Kind::kNumberTooLarge:
    case JsonFault::Kind::kNotJson:
      break;
  }
  return Malformed(fault, size);
}

}  // namespace

absl::StatusOr<json> ParseStudyRecord(absl::string_view text) {
  if (text.size() > kMaxStudyRecordBytes) {
    return RecordFault(
        v1::ERROR_REASON_TOO_LONG,
        absl::StrCat("has ", text.size(), " bytes; must be at most ", kMaxStudyRecordBytes));
  }
  std::vector<JsonFault> faults;
  std::optional<json> record = ReadJson(text, kMaxStudyRecordDepth, &faults);
  if (!record.has_value()) return Refusal(faults.back(), text.size());
  if (!record->is_object()) {
    return RecordFault(v1::ERROR_REASON_INVALID_FORMAT, "must be a JSON object: one study record");
  }
  return *std::move(record);
}

StudyRecordReader::StudyRecordReader(const json& record, FieldFaults* faults)
    : record_(record), faults_(faults) {}

void StudyRecordReader::Fault(absl::string_view path, v1::ErrorReason reason,
                              absl::string_view description) {
  faults_->Add(absl::StrCat(kField, ".", path), reason, description);
}

void StudyRecordReader::WrongType(absl::string_view path, absl::string_view expected) {
  if (!wrong_types_.insert(std::string(path)).second) return;
  Fault(path, v1::ERROR_REASON_INVALID_FORMAT, absl::StrCat("must be ", expected));
}

const json* StudyRecordReader::Find(absl::string_view path) {
  const json* value = &record_;
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    if (!value->is_object()) {
      WrongType(path.substr(0, start - 1), "an object");
      return nullptr;
    }
    const auto found = value->find(std::string(path.substr(start, end - start)));
    if (found == value->end() || found->is_null()) return nullptr;
    value = &*found;
    start = end + 1;
  }
  return value;
}

const json* StudyRecordReader::Object(absl::string_view path) {
  const json* value = Find(path);
  if (value == nullptr || value->is_object()) return value;
  WrongType(path, "an object");
  return nullptr;
}

const json* StudyRecordReader::List(absl::string_view path) {
  const json* value = Find(path);
  if (value == nullptr || value->is_array()) return value;
  WrongType(path, "a list");
  return nullptr;
}

std::optional<std::string> StudyRecordReader::Text(absl::string_view path) {
  const json* value = Find(path);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    WrongType(path, "a text");
    return std::nullopt;
  }
  const std::string text(absl::StripAsciiWhitespace(value->get_ref<const std::string&>()));
  return text.empty() ? std::nullopt : std::optional(text);
}

std::vector<FoundText> StudyRecordReader::Texts(absl::string_view path) {
  std::vector<FoundText> found;
  const json* list = List(path);
  if (list == nullptr) return found;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string place = absl::StrCat(path, "[", i, "]");
    const json& element = (*list)[i];
    if (!element.is_string()) {
      WrongType(place, "a text");
      continue;
    }
    const std::string text(absl::StripAsciiWhitespace(element.get_ref<const std::string&>()));
    if (!text.empty()) found.push_back({text, place});
  }
  return found;
}

std::vector<FoundText> StudyRecordReader::TextsOf(absl::string_view list, absl::string_view key) {
  std::vector<FoundText> found;
  const json* elements = List(list);
  if (elements == nullptr) return found;
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const std::string place = absl::StrCat(list, "[", i, "]");
    const json& element = (*elements)[i];
    if (!element.is_object()) {
      WrongType(place, "an object");
      continue;
    }
    const auto value = element.find(std::string(key));
    if (value == element.end() || value->is_null()) continue;
    if (!value->is_string()) {
      WrongType(absl::StrCat(place, ".", key), "a text");
      continue;
    }
    const std::string text(absl::StripAsciiWhitespace(value->get_ref<const std::string&>()));
    if (!text.empty()) found.push_back({text, absl::StrCat(place, ".", key)});
  }
  return found;
}

int StudyRecordReader::Count(absl::string_view list) {
  const json* elements = List(list);
  return elements == nullptr ? 0 : static_cast<int>(elements->size());
}

std::optional<std::int64_t> StudyRecordReader::Integer(absl::string_view path, std::int64_t min,
                                                       std::int64_t max) {
  const json* value = Find(path);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    WrongType(path, "a whole number");
    return std::nullopt;
  }
  // As a double first: it holds numbers of any size, exactly within the range that is permitted.
  const double number = value->get<double>();
  if (number < static_cast<double>(min) || number > static_cast<double>(max)) {
    Fault(path, v1::ERROR_REASON_OUT_OF_RANGE, absl::StrCat("must be ", min, " to ", max));
    return std::nullopt;
  }
  const auto whole = static_cast<std::int64_t>(number);
  if (static_cast<double>(whole) != number) {
    WrongType(path, "a whole number");
    return std::nullopt;
  }
  return whole;
}

std::optional<bool> StudyRecordReader::Flag(absl::string_view path) {
  const json* value = Find(path);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    WrongType(path, "true or false");
    return std::nullopt;
  }
  return value->get<bool>();
}

}  // namespace trialgate::intake
