#include "services/feasibility/field_rules.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "services/directory/field_checks.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

constexpr std::size_t kMaxQuotedBytes = 80;

}  // namespace

bool IsSha256Hex(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

bool IsHttpsAddress(absl::string_view text) {
  constexpr absl::string_view kScheme = "https://";
  if (!absl::StartsWith(text, kScheme)) return false;
  const absl::string_view rest = text.substr(kScheme.size());
  const absl::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  return !host.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
}

bool IsMediaType(absl::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != absl::string_view::npos && slash > 0 && slash + 1 < text.size() &&
         text.find('/', slash + 1) == absl::string_view::npos &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
}

std::string Element(const std::string& list, int index) {
  return absl::StrCat(list, "[", index, "]");
}

std::string Quoted(absl::string_view value) {
  if (value.size() > kMaxQuotedBytes || !IsUtf8(value)) return "the value given";
  return absl::StrCat("\"", value, "\"");
}

void FieldRules::Required(const std::string& field, bool present) const {
  if (!present) faults_->Add(field, v1::ERROR_REASON_REQUIRED, "is required");
}

void FieldRules::Text(const std::string& field, absl::string_view text, std::size_t max,
                      Presence presence) const {
  if (presence == Presence::kRequired) Required(field, !text.empty());
  if (text.size() > max) {
    faults_->Add(field, v1::ERROR_REASON_TOO_LONG,
                 absl::StrCat("has ", text.size(), " bytes; at most ", max, " are taken"));
  }
}

void FieldRules::Enum(const std::string& field, int value,
                      const google::protobuf::EnumDescriptor& type, Presence presence) const {
  if (presence == Presence::kRequired) Required(field, value != 0);
  if (type.FindValueByNumber(value) == nullptr) {
    faults_->Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
                 absl::StrCat("has no value with the number ", value));
  }
}

void FieldRules::Range(const std::string& field, std::int64_t value, std::int64_t min,
                       std::int64_t max) const {
  if (value < min || value > max) {
    faults_->Add(field, v1::ERROR_REASON_OUT_OF_RANGE,
                 absl::StrCat("is ", value, "; it must be ", min, " to ", max));
  }
}

int FieldRules::Count(const std::string& field, int count, int max) const {
  if (count > max) {
    faults_->Add(field, v1::ERROR_REASON_TOO_MANY,
                 absl::StrCat("has ", count, " elements; at most ", max, " are taken"));
  }
  return std::min(count, max);
}

std::optional<absl::CivilDay> FieldRules::Date(const std::string& field, const std::string& text,
                                               Presence presence) const {
  if (text.empty()) {
    if (presence == Presence::kRequired) Required(field, false);
    return std::nullopt;
  }
  const auto day = ParseDate(text);
  if (day.ok()) return *day;
  faults_->Add(field, v1::ERROR_REASON_INVALID_FORMAT,
               absl::StrCat(Quoted(text), " is not a date YYYY-MM-DD of the years ", kFirstYear,
                            " to ", kLastYear));
  return std::nullopt;
}

void FieldRules::Code(const std::string& field, const v1::Code& code) const {
  Text(field + ".system", code.system(), 64, Presence::kRequired);
  Text(field + ".code", code.code(), 128, Presence::kRequired);
  Text(field + ".display", code.display(), 256, Presence::kOptional);
}

void FieldRules::Codes(const std::string& field,
                       const google::protobuf::RepeatedPtrField<v1::Code>& codes, int max) const {
  std::set<std::pair<std::string, std::string>> seen;
  const int count = Count(field, codes.size(), max);
  for (int i = 0; i < count; ++i) {
    Code(Element(field, i), codes[i]);
    if (!seen.emplace(codes[i].system(), codes[i].code()).second) {
      Duplicate(Element(field, i), codes[i].code());
    }
  }
}

void FieldRules::References(const std::string& field,
                            const google::protobuf::RepeatedPtrField<std::string>& values, int max,
                            absl::string_view collection, absl::string_view what,
                            const std::function<bool(const std::string&)>& known) const {
  std::set<std::string> seen;
  const int count = Count(field, values.size(), max);
  for (int i = 0; i < count; ++i) {
    Reference(Element(field, i), values[i], collection, what, known);
    if (!seen.insert(values[i]).second) Duplicate(Element(field, i), values[i]);
  }
}

void FieldRules::Reference(const std::string& field, const std::string& value,
                           absl::string_view collection, absl::string_view what,
                           const std::function<bool(const std::string&)>& known) const {
  if (known(value)) return;
  if (!collection.empty() && !directory::IsName(value, collection)) {
    faults_->Add(
        field, v1::ERROR_REASON_INVALID_FORMAT,
        absl::StrCat(Quoted(value), " is not a name of the form \"", collection, "/{id}\""));
    return;
  }
  faults_->Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
               absl::StrCat(Quoted(value), " is not a known ", what));
}

void FieldRules::Utf8(const std::string& prefix, const google::protobuf::Message& message) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    using google::protobuf::FieldDescriptor;
    const std::string path = prefix + field->name();
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const std::string at = field->is_repeated() ? Element(path, i) : path;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Utf8(at + ".", field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                            : reflection.GetMessage(message, field));
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        const std::string text = field->is_repeated()
                                     ? reflection.GetRepeatedString(message, field, i)
                                     : reflection.GetString(message, field);
        if (!IsUtf8(text)) faults_->Add(at, v1::ERROR_REASON_INVALID_UTF8, "is not valid UTF-8");
      }
    }
  }
}

void FieldRules::Duplicate(const std::string& field, absl::string_view value) const {
  faults_->Add(field, v1::ERROR_REASON_DUPLICATE,
               absl::StrCat(Quoted(value), " is given more than once"));
}

}  // namespace trialgate::feasibility
