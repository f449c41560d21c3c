// Who may see what of stored reports.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REPORT_VIEW_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REPORT_VIEW_H_

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::feasibility {

// What of a stored report a principal may see, besides what its role says.
struct ReportView {
  // A coordinator's desks with a referral, whose planned referrals it sees; nullopt: all.
  std::optional<std::set<std::string>> desks;
  // Whether a site is its own, where it learns of no others, as a desk of a blinded request; null:
  // it learns of all.
  std::function<bool(const std::string& site)> is_own_site;
};

// Whether and how the principal may see reports of `trial_request` ("trialRequests/{id}").
// NOT_FOUND where there is no such request or it is not the principal's to see: a requester sees
// its own organization's requests, a coordinator those with a referral at one of its desks, a
// national coordinator all. Thread-safe. Requests and referrals are not known here, so it is passed
// in.
using ReportAccess = std::function<absl::StatusOr<ReportView>(const v1::Principal& principal,
                                                              const std::string& trial_request)>;

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REPORT_VIEW_H_
