// What a feasibility report looks like in bytes, and to a requester.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REPORT_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REPORT_H_

#include <set>
#include <string>

#include "absl/functional/function_ref.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// The report's bytes in deterministic serialization: equal reports, equal bytes.
std::string SerializeReport(const v1::FeasibilityReport& report);

// Makes of a report what a requester may see, who learns of capacity only as met or not: near
// misses for CAPACITY do not name their months; the headroom part is 0 and left out of the score,
// since the rest of the parts would tell it; sites are in the order of that score, and routing
// rules by id.
void HideCapacity(v1::FeasibilityReport* report);

// Makes of a report what the coordinators of `desks` may see: of the planned referrals those to
// their own desks.
void KeepOwnReferrals(const std::set<std::string>& desks, v1::FeasibilityReport* report);

// Makes of a report what somebody may see who learns nothing of sites that are not its own:
// eligible sites, near misses and regions are told of its own only. What is summed over other sites
// (the forecast, the levers, totals, near misses by criterion, how many sites fail NOT_CONTACTED)
// is left out or counted anew, as it would tell which of them were contacted already. To be called
// after KeepOwnReferrals, whose sites count as its own too.
void KeepOwnSites(absl::FunctionRef<bool(const std::string& site)> is_own,
                  v1::FeasibilityReport* report);

// Leaves the first so many eligible sites and near misses; what is counted and summed stays. To be
// called after HideCapacity, which changes the order of sites.
void KeepPage(int eligible, int near_misses, v1::FeasibilityReport* report);

// Sets the names in words of the contacts planned, as `directory` has them: stored reports are
// without, so that a person's name is kept in one place and can be erased there.
void FillContactNames(const directory::DirectorySnapshot& directory, v1::FeasibilityReport* report);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REPORT_H_
