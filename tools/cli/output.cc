#include "tools/cli/output.h"

#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"
#include "tools/cli/files.h"
#include "tools/cli/text.h"
#include "tools/cli/yaml.h"

namespace trialgate::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

std::string NameOf(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("name");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return "";
  }
  return Clean(message.GetReflection()->GetString(message, field));
}

void AddName(const std::string& name, std::vector<std::string>* names) {
  if (!name.empty()) names->push_back(name);
}

}  // namespace

std::vector<std::string> NamesIn(const Message& message) {
  std::vector<std::string> names;
  AddName(NameOf(message), &names);
  if (!names.empty() || message.GetDescriptor()->field_count() == 0) return names;
  // The elements of a list, or the resource, are the first field of every answer.
  const FieldDescriptor* first = message.GetDescriptor()->field(0);
  if (first->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return names;
  const auto* reflection = message.GetReflection();
  if (!first->is_repeated()) {
    AddName(NameOf(reflection->GetMessage(message, first)), &names);
    return names;
  }
  for (int i = 0; i < reflection->FieldSize(message, first); ++i) {
    AddName(NameOf(reflection->GetRepeatedMessage(message, first, i)), &names);
  }
  return names;
}

std::vector<std::string> NamesIn(const Json& document) {
  std::vector<std::string> names;
  for (const auto& [key, value] : document.items()) {
    if (!value.is_array()) continue;
    for (const Json& element : value) {
      if (element.is_object()) AddName(Clean(element.value("name", "")), &names);
    }
  }
  if (document.size() == 1 && document.front().is_string()) {
    AddName(Clean(document.front().get<std::string>()), &names);
  }
  return names;
}

std::string MessageAsYaml(const Message& message) {
  return ToYaml(Json::parse(ToJson(message), nullptr, /*allow_exceptions=*/false));
}

}  // namespace trialgate::cli
