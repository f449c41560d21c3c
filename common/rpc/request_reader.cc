#include "common/rpc/request_reader.h"

#include <climits>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// Messages within messages; protobuf itself refuses more.
constexpr int kMaxDepth = 100;

// Walks the fields of a message as they lie on the wire. A parse stops at the first bad text
// without saying where; this finds all of them.
void FindBadText(const Descriptor* type, absl::string_view bytes, const std::string& prefix,
                 int depth, FieldFaults* faults) {
  UnknownFieldSet fields;
  if (depth > kMaxDepth || !fields.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return;
  }
  std::map<int, int> seen;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    const FieldDescriptor* const known = type->FindFieldByNumber(field.number());
    if (known == nullptr || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    std::string path = prefix + known->name();
    if (known->is_repeated()) absl::StrAppend(&path, "[", seen[field.number()]++, "]");
    const std::string& value = field.length_delimited();
    if (known->type() == FieldDescriptor::TYPE_STRING && !IsUtf8(value)) {
      faults->Add(path, v1::ERROR_REASON_INVALID_UTF8, "must be valid UTF-8");
    } else if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
      FindBadText(known->message_type(), value, path + ".", depth + 1, faults);
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> ReadRequest(const Message& prototype,
                                                     absl::string_view bytes) {
  std::unique_ptr<Message> message(prototype.New());
  if (bytes.size() <= INT_MAX &&
      message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    message->DiscardUnknownFields();
    return message;
  }
  FieldFaults faults;
  if (bytes.size() <= INT_MAX) FindBadText(prototype.GetDescriptor(), bytes, "", 0, &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FORMAT,
               absl::StrCat("the bytes of the request are no ", prototype.GetTypeName(),
                            ": they are damaged, or of another message"))
      .WithMetadata("message", prototype.GetTypeName());
}

}  // namespace trialgate::rpc
