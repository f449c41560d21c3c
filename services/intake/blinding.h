// What desks may see of a request before a CDA.
#ifndef TRIALGATE_SERVICES_INTAKE_BLINDING_H_
#define TRIALGATE_SERVICES_INTAKE_BLINDING_H_

#include <set>
#include <string>

#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// Whether desks see the blinded texts only.
bool IsBlinded(const v1::TrialRequest& request);

// The title that desks may see.
const std::string& TitleForDesks(const v1::TrialRequest& request);

// `request` as a desk whose sites are `own_sites` sees it: as it is where it is open; else without
// requester, sponsor, title, ids, synopsis, criteria, documents, the requester's contact and what
// it wrote on selecting and withdrawing; of the sites already contacted, the desk's own.
v1::TrialRequest AsSeenByDesk(v1::TrialRequest request, const std::set<std::string>& own_sites);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_BLINDING_H_
