// The reading half of yaml.h.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/cli/words.h"
#include "tools/cli/yaml.h"
#include "trialgate/v1/errors.pb.h"
#include "yaml-cpp/yaml.h"

namespace trialgate::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// An alias may stand for much: more than any message of the API holds is refused.
constexpr int kMaxValues = 100'000;

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  if (field != nullptr) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == name) return type.field(i);
  }
  return nullptr;
}

std::string At(absl::string_view parent, absl::string_view name) {
  return parent.empty() ? std::string(name) : absl::StrCat(parent, ".", name);
}

// Nothing, or an empty text, which proto3 does not tell from nothing.
bool IsAbsent(const YAML::Node& node) {
  return !node || node.IsNull() || (node.IsScalar() && node.Scalar().empty());
}

class Reader {
 public:
  Reader(FieldFaults* faults, std::vector<TextPlace>* places) : faults_(faults), places_(places) {}

  void Read(const YAML::Node& node, const std::string& at, Message* message) {
    if (IsAbsent(node)) return;
    if (!node.IsMap()) {
      Mark(node);
      Fault(at, v1::ERROR_REASON_INVALID_FORMAT, "must be fields, such as `name: value`");
      return;
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (++values_ > kMaxValues) return TooMany(at);
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      Mark(entry.first);
      const FieldDescriptor* field = FindField(*message->GetDescriptor(), name);
      if (field == nullptr) {
        Fault(At(at, name), v1::ERROR_REASON_UNKNOWN_FIELD,
              absl::StrCat(message->GetDescriptor()->name(), " has no such field"));
      } else if (!seen.insert(field->name()).second) {
        Fault(At(at, field->name()), v1::ERROR_REASON_DUPLICATE, "stands twice");
      } else {
        if (at.empty()) named_.push_back(field->name());
        ReadField(entry.second, At(at, field->name()), *field, message);
      }
    }
  }

  std::vector<std::string> TakeNamed() { return std::move(named_); }

 private:
  void Fault(const std::string& at, v1::ErrorReason reason, absl::string_view words) {
    faults_->Add(at, reason, words);
    places_->push_back(place_);
  }

  // From here on faults are those of `node`.
  void Mark(const YAML::Node& node) {
    place_ = {.line = node.Mark().line + 1, .column = node.Mark().column + 1};
  }

  void TooMany(const std::string& at) {
    Fault(at, v1::ERROR_REASON_TOO_MANY, absl::StrCat("has more than ", kMaxValues, " values"));
  }

  void ReadField(const YAML::Node& node, const std::string& at, const FieldDescriptor& field,
                 Message* message) {
    if (IsAbsent(node)) return;
    const auto* choice = field.containing_oneof();
    if (choice != nullptr && message->GetReflection()->HasOneof(*message, choice)) {
      Fault(at, v1::ERROR_REASON_CONTRADICTION, "another value is given beside it");
      return;
    }
    if (!field.is_repeated()) return ReadOne(node, at, field, message);
    if (!node.IsSequence()) {
      Fault(at, v1::ERROR_REASON_INVALID_FORMAT,
            "must be a list: each value in a line after \"- \"");
      return;
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (++values_ > kMaxValues) return TooMany(at);
      const std::string element = absl::StrCat(at, "[", i, "]");
      Mark(node[i]);
      if (IsAbsent(node[i])) {
        Fault(element, v1::ERROR_REASON_REQUIRED, "must not be empty");
      } else {
        ReadOne(node[i], element, field, message);
      }
    }
  }

  void ReadOne(const YAML::Node& node, const std::string& at, const FieldDescriptor& field,
               Message* message) {
    const auto* reflection = message->GetReflection();
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      if (node.IsScalar()) return ReadScalar(node.Scalar(), at, field, message);
      Fault(at, v1::ERROR_REASON_INVALID_FORMAT, "must be a single value");
      return;
    }
    Message* below = field.is_repeated() ? reflection->AddMessage(message, &field)
                                         : reflection->MutableMessage(message, &field);
    if (field.message_type() == google::protobuf::Timestamp::descriptor()) {
      ReadTime(node, at, static_cast<google::protobuf::Timestamp*>(below));
    } else {
      Read(node, at, below);
      // Fields of which none is filled in are no message.
      if (!field.is_repeated() && below->ByteSizeLong() == 0) {
        reflection->ClearField(message, &field);
      }
    }
  }

  void ReadTime(const YAML::Node& node, const std::string& at, google::protobuf::Timestamp* time) {
    absl::Time parsed;
    if (!node.IsScalar() || !absl::ParseTime(absl::RFC3339_full, node.Scalar(), &parsed, nullptr)) {
      Fault(at, v1::ERROR_REASON_INVALID_FORMAT, "must be a time such as 2027-03-01T12:00:00Z");
      return;
    }
    time->set_seconds(absl::ToUnixSeconds(parsed));
  }

  template <typename Number, typename Parse>
  bool ReadNumber(const std::string& text, const std::string& at, Parse parse, Number* number) {
    if (parse(text, number)) return true;
    Fault(at, v1::ERROR_REASON_INVALID_FORMAT, absl::StrCat("\"", text, "\" is no such number"));
    return false;
  }

  void ReadScalar(const std::string& text, const std::string& at, const FieldDescriptor& field,
                  Message* message) {
    const auto* reflection = message->GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        add ? reflection->AddString(message, &field, text)
            : reflection->SetString(message, &field, text);
        return;
      case FieldDescriptor::CPPTYPE_INT32: {
        std::int32_t number = 0;
        if (!ReadNumber(text, at, absl::SimpleAtoi<std::int32_t>, &number)) return;
        add ? reflection->AddInt32(message, &field, number)
            : reflection->SetInt32(message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        std::int64_t number = 0;
        if (!ReadNumber(text, at, absl::SimpleAtoi<std::int64_t>, &number)) return;
        add ? reflection->AddInt64(message, &field, number)
            : reflection->SetInt64(message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        double number = 0;
        if (!ReadNumber(text, at, absl::SimpleAtod, &number)) return;
        add ? reflection->AddDouble(message, &field, number)
            : reflection->SetDouble(message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        bool value = false;
        if (!absl::SimpleAtob(text, &value)) {
          Fault(at, v1::ERROR_REASON_INVALID_FORMAT, "must be true or false");
          return;
        }
        add ? reflection->AddBool(message, &field, value)
            : reflection->SetBool(message, &field, value);
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        auto number = ParseEnum(*field.enum_type(), text);
        // Proto3 JSON writes the value 0 by its name within lists.
        if (text == field.enum_type()->FindValueByNumber(0)->name()) number = 0;
        if (!number.ok()) {
          Fault(at, v1::ERROR_REASON_UNKNOWN_VALUE, number.status().message());
          return;
        }
        add ? reflection->AddEnumValue(message, &field, *number)
            : reflection->SetEnumValue(message, &field, *number);
        return;
      }
      default:
        Fault(at, v1::ERROR_REASON_UNKNOWN_FIELD, "cannot be given here");
    }
  }

  FieldFaults* const faults_;
  std::vector<TextPlace>* const places_;
  TextPlace place_;
  int values_ = 0;
  std::vector<std::string> named_;
};

// "offers[1].site" as "offers", "1", "site".
std::vector<std::string> StepsOf(absl::string_view path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.' || c == '[') {
      steps.emplace_back();
    } else if (c != ']') {
      steps.back() += c;
    }
  }
  return steps;
}

}  // namespace

std::vector<std::string> ReadYaml(absl::string_view text, Message* message, FieldFaults* faults,
                                  std::vector<TextPlace>* places) {
  Reader reader(faults, places);
  try {
    reader.Read(YAML::Load(std::string(text)), "", message);
  } catch (const YAML::Exception& fault) {
    faults->Add("", v1::ERROR_REASON_INVALID_FORMAT,
                absl::StrCat("line ", fault.mark.line + 1, ": not YAML: ", fault.msg));
    places->push_back({.line = fault.mark.line + 1, .column = fault.mark.column + 1});
  }
  return reader.TakeNamed();
}

std::vector<std::string> ReadYaml(absl::string_view text, Message* message, FieldFaults* faults) {
  std::vector<TextPlace> places;
  return ReadYaml(text, message, faults, &places);
}

int LineOfField(absl::string_view text, absl::string_view path) {
  int line = -1;
  try {
    YAML::Node at = YAML::Load(std::string(text));
    for (const std::string& step : StepsOf(path)) {
      std::size_t index = 0;
      if (at.IsSequence() && absl::SimpleAtoi(step, &index) && index < at.size()) {
        at.reset(at[index]);
        line = at.Mark().line;
        continue;
      }
      if (!at.IsMap()) return line;
      bool found = false;
      for (const auto& entry : at) {
        if (!entry.first.IsScalar() || entry.first.Scalar() != step) continue;
        line = entry.first.Mark().line;
        at.reset(entry.second);
        found = true;
        break;
      }
      if (!found) return line;
    }
  } catch (const YAML::Exception&) {
    return -1;
  }
  return line;
}

}  // namespace trialgate::cli
