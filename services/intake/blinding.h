// What desks may see of a request.
#ifndef TRIALGATE_SERVICES_INTAKE_BLINDING_H_
#define TRIALGATE_SERVICES_INTAKE_BLINDING_H_

#include <set>
#include <string>

#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// Whether desks see the blinded texts only, unless a CDA shows them more.
bool IsBlinded(const v1::TrialRequest& request);

// The title that desks see without a CDA.
const std::string& TitleForDesks(const v1::TrialRequest& request);

// `organizations/{id}` for which the request asks, whose CDAs count.
const std::string& SponsorOf(const v1::TrialRequest& request);

// Whom the request's answers are for: `organizations/{id}`, or of a person's idea the `desks/{id}`
// that submitted it.
const std::string& AskerOf(const v1::TrialRequest& request);

// Whether the principal is a coordinator of the desk `desk`.
bool IsAt(const v1::Principal& principal, const std::string& desk);

// Whether the request is a person's idea that a desk of the principal, a coordinator, submitted.
bool IsSubmittedBy(const v1::Principal& principal, const v1::TrialRequest& request);

// The desks of one coordinator, as a request concerns them.
struct DeskViewer {
  // The request's referrals at them.
  std::set<std::string> referrals;
  // Their sites among those already contacted.
  std::set<std::string> contacted_sites;
  // Whether they see the blinded texts only.
  bool blinded = true;
};

// `request` as the desks see it: of its referrals and selections their own, without who had the
// idea and without what they never see (access/view.h); blinded also without what tells who asks or
// what exactly, and of the sites already contacted with their own only.
v1::TrialRequest AsSeenByDesk(v1::TrialRequest request, const DeskViewer& viewer);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_BLINDING_H_
