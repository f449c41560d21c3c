#include "services/directory/pack_json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/json.h"
#include "common/base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::json;

// Objects and arrays within each other: a pack needs five.
constexpr int kMaxDepth = 32;

// What of a wrong key or value a description quotes.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", ShortenUtf8(text, 60), "\"");
}

// Of the byte at `offset`, both from 1.
std::string LineAndColumn(absl::string_view text, std::size_t offset) {
  const absl::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == absl::string_view::npos ? before.size() : before.size() - newline - 1;
  return absl::StrCat("line ", line, ", column ", column + 1);
}

void AddFault(const v1::PackFile& file, const JsonFault& fault, Faults* faults) {
  const std::string place = LineAndColumn(file.content(), fault.offset);
  switch (fault.kind) {
    case JsonFault::Kind::kNotUtf8:
      faults->Add({file.path(), place}, v1::ERROR_REASON_INVALID_UTF8, "is not UTF-8");
      break;
    case JsonFault::Kind::kNotJson:
      faults->Add({file.path(), place}, v1::ERROR_REASON_MALFORMED_JSON,
                  "is not JSON from here on, or breaks off");
      break;
    case JsonFault::Kind::kNumberTooLarge:
      faults->Add({file.path(), place}, v1::ERROR_REASON_OUT_OF_RANGE,
                  "ends a number that is too large");
      break;
    case JsonFault::Kind::kTooDeep:
      faults->Add({file.path(), ""}, v1::ERROR_REASON_OUT_OF_RANGE,
                  absl::StrCat("nests more than ", kMaxDepth, " levels"));
      break;
    case JsonFault::Kind::kRepeatedMember:
      faults->Add({file.path(), ShortenUtf8(fault.text, 60)}, v1::ERROR_REASON_DUPLICATE,
                  "stands twice in one object; remove one");
      break;
  }
}

std::optional<json> Parse(const v1::PackFile& file, Faults* faults) {
  std::vector<JsonFault> found;
  std::optional<json> document = ReadJson(file.content(), kMaxDepth, &found);
  for (const JsonFault& fault : found) AddFault(file, fault, faults);
  return document;
}

// Compares a document with the message that it is to become, so that every fault is told with its
// place: the library's own reader stops at the first.
class Comparer {
 public:
  explicit Comparer(Faults* faults) : faults_(faults) {}

  // Whether all values can be read.
  bool readable() const { return readable_; }

  void Object(const json& value, const Descriptor& type, const Place& place) {
    if (!value.is_object()) return Wrong(place, "an object");
    for (const auto& [key, element] : value.items()) {
      const FieldDescriptor* field = type.FindFieldByCamelcaseName(key);
      if (field == nullptr) field = type.FindFieldByName(key);
      if (field == nullptr) {
        faults_->Add(place.Field(ShortenUtf8(key, 60)), v1::ERROR_REASON_UNKNOWN_FIELD,
                     "is not known here; remove it, or check its spelling");
      } else if (!element.is_null()) {
        Field(element, *field, place);
      }
    }
  }

 private:
  void Field(const json& value, const FieldDescriptor& field, const Place& place) {
    if (!field.is_repeated()) return Single(value, field, place.Field(field.name()));
    if (!value.is_array()) return Wrong(place.Field(field.name()), "a list");
    for (std::size_t i = 0; i < value.size(); ++i) {
      Single(value[i], field, place.Element(field.name(), static_cast<int>(i)));
    }
  }

  void Single(const json& value, const FieldDescriptor& field, const Place& place) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Object(value, *field.message_type(), place);
      case FieldDescriptor::CPPTYPE_ENUM:
        return Enum(value, *field.enum_type(), place);
      case FieldDescriptor::CPPTYPE_STRING:
        return value.is_string() ? void() : Wrong(place, "a text");
      case FieldDescriptor::CPPTYPE_BOOL:
        return value.is_boolean() ? void() : Wrong(place, "true or false");
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return value.is_number() || IsNotFinite(value) ? void() : Wrong(place, "a number");
      case FieldDescriptor::CPPTYPE_INT32:
        return Whole(value, std::numeric_limits<std::int32_t>::max(), place);
      default:
        return Whole(value, 9.0e15, place);  // whole doubles are exact up to here
    }
  }

  // proto3 JSON writes these as texts; what they are used for refuses them.
  static bool IsNotFinite(const json& value) {
    return value == "NaN" || value == "Infinity" || value == "-Infinity";
  }

  void Whole(const json& value, double limit, const Place& place) {
    double number = 0;
    if (value.is_string()) {  // the form in which proto3 JSON writes 64-bit numbers
      std::int64_t whole = 0;
      if (!absl::SimpleAtoi(value.get_ref<const std::string&>(), &whole)) {
        return Wrong(place, "a whole number");
      }
      number = static_cast<double>(whole);
    } else if (value.is_number()) {
      number = value.get<double>();
    } else {
      return Wrong(place, "a whole number");
    }
    if (number != std::floor(number)) return Wrong(place, "a whole number");
    if (std::abs(number) > limit) {
      readable_ = false;
      faults_->Add(place, v1::ERROR_REASON_OUT_OF_RANGE, "is far outside its range");
    }
  }

  void Enum(const json& value, const google::protobuf::EnumDescriptor& type, const Place& place) {
    if (!value.is_string()) return Wrong(place, "a value's name as a text");
    const std::string name = value.get<std::string>();
    if (type.FindValueByName(name) != nullptr) return;
    readable_ = false;
    faults_->Add(place, v1::ERROR_REASON_UNKNOWN_VALUE,
                 absl::StrCat(Quoted(name), " is no value of ", type.name(), "; use one like ",
                              type.value(std::min(1, type.value_count() - 1))->name()));
  }

  void Wrong(const Place& place, absl::string_view wanted) {
    readable_ = false;
    faults_->Add(place, v1::ERROR_REASON_INVALID_FORMAT, absl::StrCat("must be ", wanted));
  }

  Faults* const faults_;
  bool readable_ = true;
};

}  // namespace

std::optional<v1::Pack> ReadPackJson(const v1::PackFile& file, Faults* faults) {
  const std::optional<json> document = Parse(file, faults);
  if (!document.has_value()) return std::nullopt;
  Comparer comparer(faults);
  comparer.Object(*document, *v1::Pack::descriptor(), {file.path(), ""});
  if (!comparer.readable()) return std::nullopt;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // each is a fault already
  v1::Pack pack;
  const auto status = google::protobuf::util::JsonStringToMessage(file.content(), &pack, options);
  if (!status.ok()) {
    faults->Add({file.path(), ""}, v1::ERROR_REASON_MALFORMED_JSON,
                "cannot be read as the JSON form of a pack");
    return std::nullopt;
  }
  return pack;
}

}  // namespace trialgate::directory
