#include "tests/unit/cli/long_content.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"

namespace trialgate::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kElements = 3;
constexpr int kDeepest = 6;

std::string LongText(const FieldDescriptor& field) {
  std::string text = "trialRequests/abcdefghijklmnopqrstuvwxyz/" + field.name() + "/";
  for (int i = 0; i < 4; ++i) {
    text +=
        "Landsspecialafdelingen-for-hæmatologi-på-Ærø "
        "東京大学🧪\x1B[31m\x07\ttab\r\nnext ";
  }
  return text;
}

void Fill(int round, int depth, Message* message);

void FillOne(int round, int depth, const FieldDescriptor* field, Message* message) {
  const Reflection* reflection = message->GetReflection();
  const bool add = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      add ? reflection->AddString(message, field, LongText(*field))
          : reflection->SetString(message, field, LongText(*field));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection->SetInt32(message, field, 2'000'000'000);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection->SetInt64(message, field, 9'000'000'000'000'000'000);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection->SetDouble(message, field, 1e12);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(message, field, round % 2 == 0);
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = round % field->enum_type()->value_count();
      const int number = field->enum_type()->value(value)->number();
      add ? reflection->AddEnumValue(message, field, number)
          : reflection->SetEnumValue(message, field, number);
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Fill(round, depth + 1,
           add ? reflection->AddMessage(message, field)
               : reflection->MutableMessage(message, field));
      break;
    default:
      break;  // the API has no other types
  }
}

void Fill(int round, int depth, Message* message) {
  if (depth > kDeepest) return;
  if (message->GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
    static_cast<google::protobuf::Timestamp*>(message)->set_seconds(4'000'000'000);
    return;
  }
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    const int times = field->is_repeated() ? kElements : 1;
    for (int n = 0; n < times; ++n) FillOne(round + n, depth, field, message);
  }
}

}  // namespace

void FillWithLongContent(int round, Message* message) { Fill(round, 0, message); }

}  // namespace trialgate::cli
