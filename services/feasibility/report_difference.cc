#include "services/feasibility/report_difference.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace trialgate::feasibility {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Comparison {
 public:
  explicit Comparison(std::size_t most) : most_(most) {}

  void Messages(const std::string& prefix, const Message& a, const Message& b);
  std::vector<std::string> Take() { return std::move(paths_); }

 private:
  void Field(const std::string& path, const FieldDescriptor* field, const Message& a,
             const Message& b);
  void List(const std::string& path, const FieldDescriptor* field, const Message& a,
            const Message& b);
  void Tell(const std::string& path) {
    if (paths_.size() < most_) paths_.push_back(path);
  }

  const std::size_t most_;
  std::vector<std::string> paths_;
};

// Numbers by their bits, so that no two zeros are the same.
bool SameBits(double a, double b) { return std::memcmp(&a, &b, sizeof(a)) == 0; }

// Of the kinds of fields that a report has.
bool SameScalar(const FieldDescriptor* field, const Message& a, const Message& b) {
  const Reflection& reflection = *a.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(a, field) == reflection.GetInt32(b, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetInt64(a, field) == reflection.GetInt64(b, field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SameBits(reflection.GetDouble(a, field), reflection.GetDouble(b, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(a, field) == reflection.GetBool(b, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnumValue(a, field) == reflection.GetEnumValue(b, field);
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(a, field) == reflection.GetString(b, field);
    default:
      return false;
  }
}

void Comparison::Messages(const std::string& prefix, const Message& a, const Message& b) {
  const auto* const type = a.GetDescriptor();
  for (int i = 0; i < type->field_count() && paths_.size() < most_; ++i) {
    const FieldDescriptor* field = type->field(i);
    Field(absl::StrCat(prefix, field->name()), field, a, b);
  }
}

void Comparison::Field(const std::string& path, const FieldDescriptor* field, const Message& a,
                       const Message& b) {
  if (field->is_repeated()) return List(path, field, a, b);
  const Reflection& reflection = *a.GetReflection();
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    if (!SameScalar(field, a, b)) Tell(path);
    return;
  }
  if (reflection.HasField(a, field) != reflection.HasField(b, field)) return Tell(path);
  Messages(path + ".", reflection.GetMessage(a, field), reflection.GetMessage(b, field));
}

void Comparison::List(const std::string& path, const FieldDescriptor* field, const Message& a,
                      const Message& b) {
  const Reflection& reflection = *a.GetReflection();
  const int size = reflection.FieldSize(a, field);
  const int other_size = reflection.FieldSize(b, field);
  for (int i = 0; i < std::min(size, other_size) && paths_.size() < most_; ++i) {
    const std::string at = absl::StrCat(path, "[", i, "]");
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Messages(at + ".", reflection.GetRepeatedMessage(a, field, i),
               reflection.GetRepeatedMessage(b, field, i));
    } else if (reflection.GetRepeatedString(a, field, i) !=
               reflection.GetRepeatedString(b, field, i)) {  // no list of a report holds numbers
      Tell(at);
    }
  }
  if (size != other_size) Tell(path);
}

}  // namespace

std::vector<std::string> DifferingFields(const v1::FeasibilityReport& a,
                                         const v1::FeasibilityReport& b, std::size_t most) {
  Comparison comparison(most);
  comparison.Messages("", a, b);
  return comparison.Take();
}

}  // namespace trialgate::feasibility
