// What a feasibility report looks like in bytes, and to a requester.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REPORT_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REPORT_H_

#include <string>
#include <vector>

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

// Makes of a report what somebody may see who learns only of `shown` of the sites already
// contacted: near misses for NOT_CONTACTED are told of those only, and counted so.
void HideContacted(const std::vector<std::string>& shown, v1::FeasibilityReport* report);

// Sets the names in words of the contacts planned, as `directory` has them: stored reports are
// without, so that a person's name is kept in one place and can be erased there.
void FillContactNames(const directory::DirectorySnapshot& directory, v1::FeasibilityReport* report);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REPORT_H_
