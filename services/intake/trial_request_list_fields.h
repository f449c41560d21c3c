// The fields by which trial requests can be listed, as trial_request_service.proto names them.
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_LIST_FIELDS_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_LIST_FIELDS_H_

#include "common/filter/fields.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// What `role` may compare. To be read of views (trial_request_view_repository.h), never of records.
//
// Coordinators get no field of the class BLINDED. Their title is the one that desks may see without
// a CDA, also where there is one: what a CDA shows is recorded when it is shown, and a comparison
// would tell of requests that the answer then leaves out.
const filter::FieldTable<v1::TrialRequest>& TrialRequestFields(v1::Role role);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_LIST_FIELDS_H_
