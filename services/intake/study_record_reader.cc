#include "services/intake/study_record_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
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

// Walks through a document without keeping it: says where it stops being JSON, and how deep it
// goes. The library's own parser builds the document only once this has passed.
class Checker : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Enter(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }
  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::detail::exception&) override {
    offset_ = position;
    last_token_ = last_token;
    return false;
  }

  bool too_deep() const { return depth_ > kMaxStudyRecordDepth; }
  std::size_t offset() const { return offset_; }
  const std::string& last_token() const { return last_token_; }

 private:
  bool Enter() { return ++depth_ <= kMaxStudyRecordDepth; }
  bool Leave() { return --depth_ >= 0; }

  int depth_ = 0;
  std::size_t offset_ = 0;
  std::string last_token_;
};

// Whether the bytes from `at` on are one well-formed character, and how many bytes it has.
std::size_t Utf8CharacterLength(absl::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool beyond = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

std::optional<std::size_t> InvalidUtf8At(absl::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8CharacterLength(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

absl::Status Malformed(const Checker& checker, std::size_t size) {
  // The library counts the byte that it stumbled over.
  const std::size_t offset = checker.offset() == 0 ? 0 : checker.offset() - 1;
  // What was read last, escaped: it may end within a character.
  const std::string& token = checker.last_token();
  const std::string found =
      absl::CHexEscape(token.substr(token.size() - std::min(token.size(), kMaxTokenShown)));
  const std::string what =
      offset >= size
          ? "the document breaks off: send the whole of it"
          : absl::StrCat("not JSON from here on: mend the document (found \"", found, "\")");
  const std::string message = absl::StrCat("study record, byte ", offset, ": ", what);
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_MALFORMED_JSON, message)
      .WithMetadata("offset", absl::StrCat(offset))
      .WithFieldViolation(kField, v1::ERROR_REASON_MALFORMED_JSON,
                          absl::StrCat("byte ", offset, ": ", what));
}

}  // namespace

absl::StatusOr<json> ParseStudyRecord(absl::string_view text) {
  if (text.size() > kMaxStudyRecordBytes) {
    return RecordFault(
        v1::ERROR_REASON_TOO_LONG,
        absl::StrCat("has ", text.size(), " bytes; must be at most ", kMaxStudyRecordBytes));
  }
  if (const auto at = InvalidUtf8At(text); at.has_value()) {
    return RecordFault(v1::ERROR_REASON_INVALID_UTF8,
                       absl::StrCat("byte ", *at, ": must be UTF-8"));
  }
  Checker checker;
  if (!json::sax_parse(text.begin(), text.end(), &checker)) {
    if (checker.too_deep()) {
      return RecordFault(v1::ERROR_REASON_OUT_OF_RANGE,
                         absl::StrCat("nests more than ", kMaxStudyRecordDepth, " levels"));
    }
    return Malformed(checker, text.size());
  }
  json record = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!record.is_object()) {
    return RecordFault(v1::ERROR_REASON_INVALID_FORMAT, "must be a JSON object: one study record");
  }
  return record;
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
