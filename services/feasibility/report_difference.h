// Where two reports differ.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REPORT_DIFFERENCE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REPORT_DIFFERENCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// The paths of the fields that differ, such as "eligible[3].score", in the order of the message, at
// most `most`; nothing of their values. A list of another length is told by its name, after what
// differs of the elements that both have. Numbers are compared bit by bit.
std::vector<std::string> DifferingFields(const v1::FeasibilityReport& a,
                                         const v1::FeasibilityReport& b, std::size_t most);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REPORT_DIFFERENCE_H_
