// Where two reports differ.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REPORT_DIFFERENCE_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REPORT_DIFFERENCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// The paths of the fields that differ, such as "eligible[3].score", in the order of the message, at
// most `most`; nothing of their values. Of elements that one list has and the other has not, the
// list's name is told. Numbers are compared by value: 0 and −0 have other bytes, and are the same.
std::vector<std::string> DifferingFields(const v1::FeasibilityReport& a,
                                         const v1::FeasibilityReport& b, std::size_t most);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REPORT_DIFFERENCE_H_
