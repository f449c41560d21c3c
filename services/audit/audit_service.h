// The API's face of the audit trail.
#ifndef TRIALGATE_SERVICES_AUDIT_AUDIT_SERVICE_H_
#define TRIALGATE_SERVICES_AUDIT_AUDIT_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/audit/audit_app.h"

namespace trialgate::audit {

// trialgate.v1.AuditService, by auditors and national coordinators. `app` is not owned and outlives
// the service.
std::unique_ptr<rpc::Service> NewAuditService(const AuditApp* app);

}  // namespace trialgate::audit

#endif  // TRIALGATE_SERVICES_AUDIT_AUDIT_SERVICE_H_
