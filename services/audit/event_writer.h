// The audit event of a unit of work.
//
//   work.SetEvent(audit::MakeEvent(principal, "WithdrawTrialRequest", request.reason(),
//                                  work.Changes()));
//
// Call it after the last write. Includes nothing of other services.
#ifndef TRIALGATE_SERVICES_AUDIT_EVENT_WRITER_H_
#define TRIALGATE_SERVICES_AUDIT_EVENT_WRITER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/store/unit_of_work.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::audit {

// Changes that one event lists at most; it counts those beyond.
inline constexpr int kMaxListedChanges = 1000;

// Bytes of a reason that an event keeps; what is beyond is cut off at a character's end.
inline constexpr std::size_t kMaxReasonBytes = 2048;

// A serialized v1.AuditEvent that says who did what and why, and what it changed. `action` is the
// method's short name (rpc::CallContext::method); `reason` is empty where none is asked. Number,
// time and hashes are not in it: the store adds them. Records of calls (request ids), waiting
// notices and notes of how a pack had a record are no resources, and not listed; fields of persons
// are listed under their pseudonym, with keyed hashes.
std::string MakeEvent(const v1::Principal& principal, absl::string_view action,
                      absl::string_view reason, const std::vector<store::Change>& changes);

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_EVENT_WRITER_H_
