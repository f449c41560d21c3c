// Which organizations a caller may name in a trial request.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_NAMED_ORGANIZATIONS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_NAMED_ORGANIZATIONS_H_

#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// A requester names itself as the requester; another sponsor only where it asks for others, which a
// company does not: else any could ask which others there are, and in their name. Returns the
// faults, with paths below "trial_request.", and puts the caller's own organization (none where
// it is not known) and no sponsor in place of what it may not name: so nothing else that is said of
// the request, not even how many faults it has, tells whether they exist.
FieldFaults ReplaceOthers(const v1::Principal& principal,
                          const directory::DirectorySnapshot& directory, v1::TrialRequest* request);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_NAMED_ORGANIZATIONS_H_
