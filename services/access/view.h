// What of a message a recipient may see, by the class that each of its fields declares
// (proto/trialgate/v1/field_class.proto).
//
//   access::Recipient desk = {v1::ROLE_COORDINATOR, /*blinded=*/true, /*may_change=*/false};
//   access::ClearHidden(desk, &request);   // no title, no sponsor, no etag ...
//
// Fields are hidden by default: one whose class is not known here reaches nobody.
#ifndef TRIALGATE_SERVICES_ACCESS_VIEW_H_
#define TRIALGATE_SERVICES_ACCESS_VIEW_H_

#include "google/protobuf/message.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/field_class.pb.h"

namespace trialgate::access {

// For whom a view of a resource is made.
struct Recipient {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  // Of a trial request: only what is blinded may be seen.
  bool blinded = false;
  // Whether the recipient may change the resource, so that its versions are its business.
  bool may_change = false;
};

// Whether a field of `field_class` is hidden from `recipient`. FIELD_CLASS_OWN_DESK is not: the
// view of a resource leaves the recipient's own elements in such a list.
bool IsHidden(v1::FieldClass field_class, const Recipient& recipient);

// Clears every field at or below `message` that is hidden from `recipient`.
void ClearHidden(const Recipient& recipient, google::protobuf::Message* message);

}  // namespace trialgate::access

#endif  // TRIALGATE_SERVICES_ACCESS_VIEW_H_
