// Which events of the trail a listing asks for. Pure.
#ifndef TRIALGATE_SERVICES_AUDIT_EVENT_FILTER_H_
#define TRIALGATE_SERVICES_AUDIT_EVENT_FILTER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "trialgate/storage/v1/commit.pb.h"
#include "trialgate/v1/audit_service.pb.h"

namespace trialgate::audit {

// Immutable. An event is asked for if the commit is in the time asked for, and either the event
// itself has the principal, action and resource asked for, or one of its reads has.
class EventFilter {
 public:
  // `request` was checked, is not owned and outlives this.
  explicit EventFilter(const v1::ListAuditEventsRequest* request);

  // Whether the commit is in the time asked for; if not, the rest need not be looked at.
  bool HasTime(const storage::v1::CommitRecord& record) const;

  // Whether the event of a commit is asked for. Of its reads it keeps those that are, and counts
  // the others.
  bool Take(const storage::v1::CommitRecord& record, v1::AuditEvent* event) const;

 private:
  bool IsPrincipal(const v1::Principal& principal) const;
  bool IsAction(const std::string& action) const;
  bool IsResource(absl::string_view name) const;
  bool Wrote(const storage::v1::CommitRecord& record) const;
  bool IsRead(const v1::AuditEvent& event, const v1::AuditRead& read) const;

  const v1::ListAuditEventsRequest* const request_;
  // Whether it asks for anything but a time.
  const bool is_selective_;
};

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_EVENT_FILTER_H_
