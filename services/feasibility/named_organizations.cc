#include "services/feasibility/named_organizations.h"

#include "absl/strings/str_cat.h"
#include "services/feasibility/field_rules.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {

FieldFaults ReplaceOthers(const v1::Principal& principal,
                          const directory::DirectorySnapshot& directory,
                          v1::TrialRequest* request) {
  FieldFaults faults;
  if (principal.role() != v1::ROLE_REQUESTER) return faults;
  const std::string& own = principal.organization();
  const v1::Organization* const caller = directory.FindOrganization(own);
  if (!request->requester().empty() && request->requester() != own) {
    faults.Add("trial_request.requester", v1::ERROR_REASON_UNKNOWN_VALUE,
               absl::StrCat(Quoted(request->requester()), " is not a known organization"));
    request->set_requester(caller == nullptr ? "" : own);
  }
  if (request->sponsor().empty() || request->sponsor() == own) return faults;
  if (caller != nullptr && caller->type() != v1::ORGANIZATION_TYPE_COMPANY) return faults;
  faults.Add("trial_request.sponsor", v1::ERROR_REASON_CONTRADICTION,
             "a company asks for itself: leave it out, or have a CRO, an institution or a patient "
             "organisation ask");
  request->clear_sponsor();
  return faults;
}

}  // namespace trialgate::feasibility
