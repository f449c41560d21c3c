#include "services/access/view.h"

#include <vector>

#include "google/protobuf/descriptor.h"

namespace trialgate::access {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsHidden(v1::FieldClass field_class, const Recipient& recipient) {
  const bool desk = recipient.role == v1::ROLE_COORDINATOR;
  const bool national = recipient.role == v1::ROLE_NATIONAL;
  const bool requester = recipient.role == v1::ROLE_REQUESTER;
  switch (field_class) {
    case v1::FIELD_CLASS_CONTROL:
      return false;
    case v1::FIELD_CLASS_DIRECTORY:
    case v1::FIELD_CLASS_REQUEST:
    case v1::FIELD_CLASS_OWN_DESK:
    case v1::FIELD_CLASS_ANSWER:
    case v1::FIELD_CLASS_PERSON:
      return !(requester || desk || national);
    case v1::FIELD_CLASS_BLINDED:
      return !(requester || national || (desk && !recipient.blinded));
    case v1::FIELD_CLASS_CAPACITY:
    case v1::FIELD_CLASS_INTERNAL:
      return !(desk || national);
    case v1::FIELD_CLASS_ETAG:
      return !recipient.may_change;
    case v1::FIELD_CLASS_AUDIT:
      return recipient.role != v1::ROLE_AUDITOR;
    case v1::FIELD_CLASS_SERVER:
      return recipient.role != v1::ROLE_OPERATOR;
    default:
      return true;
  }
}

void ClearHidden(const Recipient& recipient, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> present;
  reflection.ListFields(*message, &present);
  for (const FieldDescriptor* field : present) {
    if (IsHidden(field->options().GetExtension(v1::field_class), recipient)) {
      reflection.ClearField(message, field);
      continue;
    }
    // Messages that are not ours (timestamps) are as visible as the field that holds them.
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        field->message_type()->file()->package() != field->file()->package()) {
      continue;
    }
    if (!field->is_repeated()) {
      ClearHidden(recipient, reflection.MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      ClearHidden(recipient, reflection.MutableRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace trialgate::access
